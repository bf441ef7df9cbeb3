"""Measure what projects saved, up to what is known at the origin of the day."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import run_job
from energy_lib.insights.savings.pipeline import JOB, verify_savings
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Measure new and corrected days of projects, and the totals up to the night."""
    return verify_savings(Lake(spark, config.lake), config, period)


def main(argv: Sequence[str] | None = None) -> int:
    return run_job(JOB, "Measure what projects saved against their baselines, with intervals.", run, argv)


if __name__ == "__main__":
    sys.exit(main())
