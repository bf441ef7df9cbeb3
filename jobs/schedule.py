"""Schedule: forecasts, prices, intensities and assets of each origin of the period → gold.schedules."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import run_job
from energy_lib.insights.schedules.pipeline.schedule import JOB, schedule
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Plan the assets of every site for the hours after each origin of the period."""
    return schedule(Lake(spark, config.lake), config, period)


def main(argv: Sequence[str] | None = None) -> int:
    return run_job(JOB, "Plan batteries, flexible loads and generation of every site that has them.", run, argv)


if __name__ == "__main__":
    sys.exit(main())
