"""What a comparison is made of, read from the lake: the cells of a backtest that all its models forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from energy_lib.errors import BadConfig, InputMissing
from energy_lib.evaluation.comparison.summary import SHOWN, label
from energy_lib.evaluation.scores import ALL
from energy_lib.evaluation.spark.daily_sums import daily_sums, sums_by
from energy_lib.evaluation.spark.scoring import Selection, cells_of, scaled
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.metrics import terms_of
from energy_lib.metrics.terms import BELOW
from energy_lib.tables import silver

RUN_KIND = "backtest"
# From here on an hour ahead is too fine: days ahead.
LONGEST_BY_HOUR = 48
TERMS = terms_of(SHOWN)


@dataclass(frozen=True)
class Issued:
    """Which models forecast which origin days of the period: `model_name, model_version, day`, distinct."""

    period: Period
    rows: pd.DataFrame

    def models(self) -> list[tuple[str, str]]:
        pairs = self.rows[["model_name", "model_version"]].drop_duplicates().itertuples(index=False)
        return sorted((str(name), str(version)) for name, version in pairs)

    def named(self, word: str) -> list[tuple[str, str]]:
        """Models of a name, or the one of a version (v3); raises BadConfig if there is none."""
        found = [model for model in self.models() if word in (model[0], model[1], f"v{model[1]}")]
        if not found:
            there = ", ".join(label(*model) for model in self.models())
            raise BadConfig(f"No backtest of {self.period} is by {word}: name any of {there}.")
        return found

    def common_days(self, models: Sequence[tuple[str, str]]) -> list[date]:
        """Origin days that all of `models` forecast; raises InputMissing if there are none."""
        days = [self._days(model) for model in models]
        common = sorted(set.intersection(*days)) if days else []
        if not common:
            counts = ", ".join(f"{label(*model)} {len(own)}" for model, own in zip(models, days, strict=True))
            raise InputMissing(
                f"No origin of {self.period} was backtested by every model ({counts or 'there are none'}): run "
                f"jobs/backtest.py --from {self.period.first} --to {self.period.last} for each, or name fewer --models."
            )
        return common

    def _days(self, model: tuple[str, str]) -> set[date]:
        mine = (self.rows["model_name"] == model[0]) & (self.rows["model_version"] == model[1])
        return set(self.rows.loc[mine, "day"])


def issued(lake: Lake, period: Period) -> Issued:
    rows = Selection(RUN_KIND, period.days()).forecasts(lake)
    day = F.to_date("origin_utc").alias("day")
    return Issued(period, rows.select("model_name", "model_version", day).distinct().toPandas())


def comparison_sums(
    lake: Lake, days: Sequence[date], models: Sequence[tuple[str, str]], horizon_hours: int
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """`slices`, `daily` and `across` of `comparison`; raises InputMissing where nothing can be scored yet."""
    cells = cells_of(lake, Selection(RUN_KIND, days, models), horizon_hours)
    cells = _local(cells, lake.read(silver.METERS)).persist(StorageLevel.DISK_ONLY)
    try:
        daily = daily_sums(cells, terms=TERMS).toPandas()
        month, *finer = F.to_date(F.trunc("origin_utc", "month")).alias("day"), *_slices(horizon_hours)
        slices = sums_by(cells, month, *finer, terms=(*TERMS, *BELOW.values())).toPandas()
        across = daily_sums(cells.withColumn("meter_id", F.lit(ALL)), *finer, terms=TERMS).toPandas()
    finally:
        cells.unpersist()
    if daily.empty:
        raise InputMissing(
            f"No hour forecast from {days[0]} to {days[-1]} has been measured yet: compare when its readings are clean."
        )
    return _labelled(scaled(lake, slices)), _labelled(scaled(lake, daily)), _labelled(across)


def _local(cells: DataFrame, meters: DataFrame) -> DataFrame:
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
