"""The sums of a comparison, over the cells of a backtest that all compared models forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from energy_lib.cleaning.spark.registers_only import registers_only
from energy_lib.errors import BadConfig, InputMissing
from energy_lib.evaluation.comparison.summary import SHOWN, label
from energy_lib.evaluation.scores import ALL
from energy_lib.evaluation.spark.daily_sums import daily_sums, sums_by
from energy_lib.evaluation.spark.selection import Selection, cells_of, scaled
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.metrics import terms_of
from energy_lib.metrics.terms import BELOW
from energy_lib.tables import silver

RUN_KIND = "backtest"
# The slice `horizon` counts hours ahead up to this horizon, and days ahead beyond it.
LONGEST_BY_HOUR = 48
TERMS = terms_of(SHOWN)

# Name and version.
Model = tuple[str, str]


@dataclass(frozen=True)
class IssuedModels:
    """Which models forecast which origin days of the period: `model_name, model_version, day`, distinct."""

    period: Period
    rows: pd.DataFrame

    def models(self) -> list[Model]:
        """All models, in order of name and version."""
        pairs = self.rows[["model_name", "model_version"]].drop_duplicates().itertuples(index=False)
        return sorted((str(name), str(version)) for name, version in pairs)

    def named(self, name_or_version: str) -> list[Model]:
        """The models of a name (`lightgbm`), or the one of a version (`v3`); raises BadConfig if there is none."""
        matches = [model for model in self.models() if name_or_version in (model[0], model[1], f"v{model[1]}")]
        if not matches:
            labels = ", ".join(label(*model) for model in self.models())
            raise BadConfig(f"No backtest of {self.period} is by {name_or_version}: name any of {labels}.")
        return matches

    def common_days(self, models: Sequence[Model]) -> list[date]:
        """Origin days that all of `models` forecast; raises InputMissing if there are none."""
        days_of_models = [self._days(model) for model in models]
        common = sorted(set.intersection(*days_of_models)) if days_of_models else []
        if not common:
            counts = ", ".join(
                f"{label(*model)} {len(days)}" for model, days in zip(models, days_of_models, strict=True)
            )
            raise InputMissing(
                f"No origin of {self.period} was backtested by every model ({counts or 'there are none'}): run "
                f"jobs/backtest.py --from {self.period.first} --to {self.period.last} for each, or name fewer --models."
            )
        return common

    def _days(self, model: Model) -> set[date]:
        of_model = (self.rows["model_name"] == model[0]) & (self.rows["model_version"] == model[1])
        return set(self.rows.loc[of_model, "day"])


@dataclass(frozen=True)
class ComparisonSums:
    """Sums over the scored cells per model (its label in `model`) and fuel; what else they are per is in the names.

    `by_slice`: meter, month of the origin (`day`), horizon, local hour and weekday. `by_meter_day`: meter and origin
    day. `by_day_slice`: origin day, horizon, local hour and weekday, all meters together.
    """

    by_slice: pd.DataFrame
    by_meter_day: pd.DataFrame
    by_day_slice: pd.DataFrame


def issued_models(lake: Lake, period: Period) -> IssuedModels:
    """The models that were backtested in the period."""
    rows = Selection(RUN_KIND, period.days()).forecasts(lake)
    day = F.to_date("origin_utc").alias("day")
    return IssuedModels(period, rows.select("model_name", "model_version", day).distinct().toPandas())


def comparison_sums(lake: Lake, days: Sequence[date], models: Sequence[Model], horizon_hours: int) -> ComparisonSums:
    """The sums of `models` over `days`, without virtual meters.

    Raises InputMissing if no forecast hour has been measured yet.
    """
    cells = registers_only(lake, cells_of(lake, Selection(RUN_KIND, days, models), horizon_hours))
    cells = _with_local_time(cells, lake.read(silver.METERS)).persist(StorageLevel.DISK_ONLY)
    try:
        by_meter_day = daily_sums(cells, terms=TERMS).toPandas()
        month, *slices = F.to_date(F.trunc("origin_utc", "month")).alias("day"), *_slices(horizon_hours)
        by_slice = sums_by(cells, month, *slices, terms=(*TERMS, *BELOW.values())).toPandas()
        by_day_slice = daily_sums(cells.withColumn("meter_id", F.lit(ALL)), *slices, terms=TERMS).toPandas()
    finally:
        cells.unpersist()
    if by_meter_day.empty:
        raise InputMissing(
            f"No hour forecast from {days[0]} to {days[-1]} has been measured yet: compare when its readings are clean."
        )
    return ComparisonSums(
        by_slice=_labelled(scaled(lake, by_slice)),
        by_meter_day=_labelled(scaled(lake, by_meter_day)),
        by_day_slice=_labelled(by_day_slice),
    )


def _with_local_time(cells: DataFrame, meters: DataFrame) -> DataFrame:
    """`cells` with `local`: the interval's start on the meter's own clock."""
    zones = F.broadcast(meters.select("meter_id", "zone"))
    return cells.join(zones, "meter_id").withColumn("local", F.from_utc_timestamp("interval_start_utc", F.col("zone")))


def _slices(horizon_hours: int) -> list[Column]:
    horizon = F.col("horizon_hours")
    return [
        (horizon if horizon_hours <= LONGEST_BY_HOUR else F.ceil(horizon / 24)).alias("horizon"),
        F.hour("local").alias("hour_local"),
        F.weekday("local").alias("weekday_local"),
    ]


def _labelled(sums: pd.DataFrame) -> pd.DataFrame:
    names = zip(sums["model_name"], sums["model_version"], strict=True)
    return sums.assign(model=[label(name, version) for name, version in names])
