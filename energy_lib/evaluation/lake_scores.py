"""Scores of forecasts in the lake: reads what the days need, and replaces exactly the days' and windows' rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pandas as pd
from pyspark.sql import functions as F

from energy_lib.evaluation.days import consecutive, in_days, in_hours
from energy_lib.evaluation.scores import day_scores, window_scores
from energy_lib.evaluation.sums import daily_sums, mase_scales, measured, scored_cells
from energy_lib.lake import Lake
from energy_lib.tables import gold, silver

Model = tuple[str, str]


def sums_of_days(
    lake: Lake, run_kind: str, days: Sequence[date], horizon_hours: int, models: Sequence[Model] | None = None
) -> pd.DataFrame:
    """Sums per model, meter and origin day of `days` (see `daily_sums`); `models` are (name, version), None for all."""
    spans = consecutive(days)
    forecasts = lake.read(gold.FORECASTS).where((F.col("run_kind") == run_kind) & in_days("origin_utc", spans))
    if models is not None:
        forecasts = forecasts.where(F.concat_ws(" ", "model_name", "model_version").isin([" ".join(m) for m in models]))
    hourly = lake.read(silver.HOURLY)
    # An origin may stand late in its day, and its horizon ends so many hours later.
    tail = timedelta(days=1 + -(-horizon_hours // 24))
    actuals = measured(hourly.where(in_hours([(first, last + tail) for first, last in spans])))
    months = sorted({day.replace(day=1) for day in days})
    sums = daily_sums(scored_cells(forecasts, actuals), mase_scales(hourly, months)).toPandas()
    return sums.sort_values(["model_name", "model_version", "meter_id", "day"], ignore_index=True)


def publish_scores(
    lake: Lake,
    run_kind: str,
    days: Sequence[date],
    sums: pd.DataFrame,
    window: Sequence[date],
    naives: Sequence[str],
    models: Sequence[Model] | None = None,
) -> pd.DataFrame:
    """Score `sums`, replace the rows of `days` and of the spans within `window`, and return what was written."""
    inside = sums[sums["day"].isin(set(window))]
    scores = pd.concat([day_scores(sums), window_scores(inside, naives)], ignore_index=True)
    spans = scores.loc[scores["scope"] != "day", ["first_date", "last_date"]].drop_duplicates()
    replaced = [
        f"(scope = 'day' AND first_date BETWEEN '{first}' AND '{last}')" for first, last in consecutive(days)
    ] + [
        f"(scope <> 'day' AND first_date = '{s.first_date}' AND last_date = '{s.last_date}')"
        for s in spans.itertuples()
    ]
    predicate = f"run_kind = '{run_kind}' AND ({' OR '.join(replaced)})"
    if models is not None:
        named = ", ".join(f"'{name} {version}'" for name, version in models)
        predicate += f" AND concat_ws(' ', model_name, model_version) IN ({named})"
    rows = lake.spark.createDataFrame(_rows(scores), gold.SCORES.spark_schema)
    lake.replace_where(gold.SCORES, rows, predicate)
    return scores


def _rows(scores: pd.DataFrame) -> list[tuple[object, ...]]:
    """Rows for Spark; an undefined metric is NULL in the lake, not NaN."""
    return [tuple(None if value != value else value for value in row) for row in scores.itertuples(index=False)]
