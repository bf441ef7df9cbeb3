"""The use case behind jobs/evaluate.py: score the live forecasts whose actuals are known by now."""

from __future__ import annotations

from datetime import date

from pyspark.sql import functions as F

from energy_lib.config import Config, FeaturesConfig
from energy_lib.evaluation.pipeline.publish_scores import publish_scores
from energy_lib.evaluation.report import score_lines
from energy_lib.evaluation.spark.selection import Selection, sums_of
from energy_lib.intervals import DAY, Period
from energy_lib.lake import Lake, Outcome, progress, record_progress
from energy_lib.models.baselines import SEASONAL_NAIVES
from energy_lib.tables import gold, silver

JOB = "evaluate"
WINDOW_DAYS = 28


def evaluate(lake: Lake, config: Config, period: Period) -> Outcome:
    """Score the four weeks up to the period's end (or the period, if longer), and older days that were corrected.

    Rows of scope `meter` and `total` cover the window alone; an older day whose readings changed since the last run
    is scored in scope `day`. Raises GateRefused if the scores fail their suite.
    """
    hourly_version = lake.version(silver.HOURLY)
    window = Period(min(period.first, period.last - DAY * (WINDOW_DAYS - 1)), period.last).days()
    corrected = corrected_origin_days(lake, config.features, period.last)
    live = Selection("live", sorted({*window, *corrected}))
    sums = sums_of(lake, live, config.features.horizon_hours)
    scores, gate_result = publish_scores(lake, live, sums, window, SEASONAL_NAIVES)
    record_progress(lake, JOB, {silver.HOURLY: hourly_version})
    return Outcome(
        rows_in=int(sums["cells"].sum()),
        rows_out=len(scores),
        versions_read={silver.HOURLY.full_name: hourly_version, gold.FORECASTS.full_name: lake.version(gold.FORECASTS)},
        versions_written={gold.SCORES.full_name: lake.version(gold.SCORES)},
        gates=[gate_result],
        lines=score_lines(scores, SEASONAL_NAIVES),
    )


def corrected_origin_days(lake: Lake, settings: FeaturesConfig, last: date) -> set[date]:
    """Origin days up to `last` whose forecasts reach an hour that changed since the last run."""
    changed_hours = lake.changes(silver.HOURLY, progress(lake, JOB, silver.HOURLY), deleted=True)
    changed_days = [row[0] for row in changed_hours.select(F.to_date("interval_start_utc")).distinct().collect()]
    # An origin is issued at `origin_hour_utc` of its day, and its forecasts end `horizon_hours` later.
    reach_days = -(-(settings.horizon_hours + settings.origin_hour_utc) // 24)
    return {origin for day in changed_days for i in range(reach_days) if (origin := day - DAY * i) <= last}
