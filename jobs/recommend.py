"""Recommend: what could be done to use less, pay less and emit less, ranked → gold.recommendations."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import run_job
from energy_lib.insights.recommendations.pipeline.recommend import JOB, recommend
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Make the recommendations of the period's days, each from what was known at its origin."""
    return recommend(Lake(spark, config.lake), config, period)


def main(argv: Sequence[str] | None = None) -> int:
    return run_job(JOB, "Rank what could be done at every meter, building and site.", run, argv)


if __name__ == "__main__":
    sys.exit(main())
