"""Score live forecasts: the last four weeks, and older days whose readings were corrected since the last run."""

from __future__ import annotations

import sys
from datetime import date

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from energy_lib.config import Config
from energy_lib.entry import main
from energy_lib.evaluation.report import score_lines
from energy_lib.evaluation.spark.scoring import Selection, publish_scores, sums_of
from energy_lib.intervals import DAY, Period
from energy_lib.lake import Lake, Outcome, progress, record_progress
from energy_lib.models.baselines import SEASONAL_NAIVES
from energy_lib.tables import gold, silver

JOB = "evaluate"
WINDOW_DAYS = 28


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    lake = Lake(spark, config.lake)
    version = lake.version(silver.HOURLY)
    window = Period(min(period.first, period.last - DAY * (WINDOW_DAYS - 1)), period.last).days()
    live = Selection("live", sorted({*window, *touched(lake, config, period.last)}))
    sums = sums_of(lake, live, config.features.horizon_hours)
    scores, result = publish_scores(lake, live, sums, window, SEASONAL_NAIVES)
    record_progress(lake, JOB, {silver.HOURLY: version})
    return Outcome(
        rows_in=int(sums["cells"].sum()),
        rows_out=len(scores),
        versions_read={silver.HOURLY.full_name: version, gold.FORECASTS.full_name: lake.version(gold.FORECASTS)},
        versions_written={gold.SCORES.full_name: lake.version(gold.SCORES)},
        gates=[result],
        lines=score_lines(scores, SEASONAL_NAIVES),
    )


def touched(lake: Lake, config: Config, last: date) -> set[date]:
    """Origin days up to `last` of which an actual changed since the last run."""
    hours = lake.changes(silver.HOURLY, progress(lake, JOB, silver.HOURLY), deleted=True)
    days = [row[0] for row in hours.select(F.to_date("interval_start_utc")).distinct().collect()]
    # The origin of an hour lies at most the horizon, and the hour of day it is issued at, before it.
    back = -(-(config.features.horizon_hours + config.features.origin_hour_utc) // 24)
    return {origin for day in days for i in range(back) if (origin := day - DAY * i) <= last}


if __name__ == "__main__":
    sys.exit(main(JOB, "Score the forecasts whose actuals are known by now.", run))
