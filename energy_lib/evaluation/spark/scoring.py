"""Scores of forecasts in the lake: reads what the days need, and replaces exactly the days' and spans' rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.evaluation.mase_scales import months_of, scale_days, scales, with_scaled_error
from energy_lib.evaluation.scores import score_rows
from energy_lib.evaluation.spark.daily_sums import daily_sums, measured, scored_cells, seasonal_differences
from energy_lib.evaluation.spark.day_ranges import consecutive, in_days, in_hours
from energy_lib.lake import Lake
from energy_lib.lake.schemas import spark_schema
from energy_lib.quality import gate
from energy_lib.tables import gold, silver


@dataclass(frozen=True, slots=True)
class Selection:
    """Origin days of one run kind; `models` as (name, version), None for all there are."""

    run_kind: str
    days: Sequence[date]
    models: Sequence[tuple[str, str]] | None = None

    @property
    def of_models(self) -> str:
        """SQL predicate on run kind and models."""
        named = " OR ".join(f"(model_name = '{n}' AND model_version = '{v}')" for n, v in self.models or ())
        return f"run_kind = '{self.run_kind}'" + (f" AND ({named})" if named else "")

    def forecasts(self, lake: Lake) -> DataFrame:
        return lake.read(gold.FORECASTS).where(F.expr(self.of_models) & in_days("origin_utc", consecutive(self.days)))


def cells_of(lake: Lake, selection: Selection, horizon_hours: int) -> DataFrame:
    """The selection's scored cells (`scored_cells`)."""
    # An origin may stand late in its day, and its horizon ends so many hours later.
    tail = timedelta(days=1 + -(-horizon_hours // 24))
    hours = in_hours([(first, last + tail) for first, last in consecutive(selection.days)])
    return scored_cells(selection.forecasts(lake), measured(lake.read(silver.HOURLY).where(hours)))


def sums_of(lake: Lake, selection: Selection, horizon_hours: int) -> pd.DataFrame:
    """Sums per model, meter and origin day (`daily_sums`) with `scaled_error`; no rows where nothing can be scored."""
    sums = scaled(lake, daily_sums(cells_of(lake, selection, horizon_hours)).toPandas())
    return sums.sort_values(["model_name", "model_version", "meter_id", "day"], ignore_index=True)


def scaled(lake: Lake, sums: pd.DataFrame) -> pd.DataFrame:
    """`sums` with `scaled_error`; their `day` may be any day of the origins' month."""
    if sums.empty:
        return sums
    months = months_of(sums["day"])
    past = lake.read(silver.HOURLY).where(in_hours(consecutive(scale_days(months))))
    return with_scaled_error(sums, scales(seasonal_differences(past).toPandas(), months))


def publish_scores(
    lake: Lake, selection: Selection, sums: pd.DataFrame, window: Sequence[date], naives: Sequence[str]
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Score `sums`, audit, replace the rows of the selection's days and of the spans within `window`.

    Returns the rows and the gate's result.
    """
    scores = score_rows(sums, window, naives)
    spans = scores.loc[scores["scope"] != "day", ["first_date", "last_date"]].drop_duplicates()
    replaced = [
        *(
            f"(scope = 'day' AND first_date BETWEEN '{first}' AND '{last}')"
            for first, last in consecutive(selection.days)
        ),
        *(f"(scope <> 'day' AND first_date = '{first}' AND last_date = '{last}')" for first, last in spans.to_numpy()),
    ]
    rows = lake.spark.createDataFrame(_rows(scores), spark_schema(gold.SCORES))
    result = gate(rows, gold.SCORES)
    lake.replace_where(gold.SCORES, rows, f"{selection.of_models} AND ({' OR '.join(replaced)})")
    return scores, result


def _rows(scores: pd.DataFrame) -> list[tuple[object, ...]]:
    """Rows for Spark; an undefined metric is NULL in the lake, not NaN."""
    return [tuple(None if value != value else value for value in row) for row in scores.itertuples(index=False)]
