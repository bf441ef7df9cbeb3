"""Score live forecasts: the last four weeks, and older days whose readings were corrected since the last run."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import run_job
from energy_lib.evaluation.pipeline.evaluate import JOB, evaluate
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Score the four weeks up to the period's end, and the days that were corrected."""
    return evaluate(Lake(spark, config.lake), config, period)


def main(argv: Sequence[str] | None = None) -> int:
    return run_job(JOB, "Score the forecasts whose actuals are known by now.", run, argv)


if __name__ == "__main__":
    sys.exit(main())
