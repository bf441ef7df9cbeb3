"""Which forecasts are scored, and their cells and sums, read from the lake for those days only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.evaluation.mase_scales import months_of, scale_days, scales, with_scaled_error
from energy_lib.evaluation.spark.daily_sums import daily_sums, measured, scored_cells, seasonal_differences
from energy_lib.evaluation.spark.day_ranges import consecutive, in_days, in_hours
from energy_lib.lake import Lake
from energy_lib.tables import gold, silver


@dataclass(frozen=True, slots=True)
class Selection:
    """Forecasts of one run kind whose origins are on `days`.

    `models` are pairs of name and version; None selects all models.
    """

    run_kind: str
    days: Sequence[date]
    models: Sequence[tuple[str, str]] | None = None

    @property
    def of_models(self) -> str:
        """SQL predicate on run kind and models."""
        pairs = (f"(model_name = '{name}' AND model_version = '{version}')" for name, version in self.models or ())
        named = " OR ".join(pairs)
        return f"run_kind = '{self.run_kind}'" + (f" AND ({named})" if named else "")

    def forecasts(self, lake: Lake) -> DataFrame:
        """The rows of gold.forecasts that are selected."""
        return lake.read(gold.FORECASTS).where(F.expr(self.of_models) & in_days("origin_utc", consecutive(self.days)))


def cells_of(lake: Lake, selection: Selection, horizon_hours: int) -> DataFrame:
    """The selection's scored cells (`scored_cells`)."""
    # An origin may be late in its day, and its last hour is `horizon_hours` after it.
    tail = timedelta(days=1 + -(-horizon_hours // 24))
    hours = in_hours([(first, last + tail) for first, last in consecutive(selection.days)])
    return scored_cells(selection.forecasts(lake), measured(lake.read(silver.HOURLY).where(hours)))


def sums_of(lake: Lake, selection: Selection, horizon_hours: int) -> pd.DataFrame:
    """Sums per model, meter and origin day (`daily_sums`) with `scaled_error`; empty if nothing can be scored yet."""
    sums = scaled(lake, daily_sums(cells_of(lake, selection, horizon_hours)).toPandas())
    return sums.sort_values(["model_name", "model_version", "meter_id", "day"], ignore_index=True)


def scaled(lake: Lake, sums: pd.DataFrame) -> pd.DataFrame:
    """`sums` with `scaled_error`. Their `day` may be any day of the origins' month: the scale is the month's."""
    if sums.empty:
        return sums
    months = months_of(sums["day"])
    past = lake.read(silver.HOURLY).where(in_hours(consecutive(scale_days(months))))
    return with_scaled_error(sums, scales(seasonal_differences(past).toPandas(), months))
