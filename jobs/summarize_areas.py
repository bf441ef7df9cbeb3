"""Summarise areas: hours, statements, weather → gold.area_summaries, gold.access_indicators, no home among them."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import run_job
from energy_lib.insights.access.pipeline.summarize import JOB, summarize_areas
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Tell of the months that are over, or settled, at the period's origins and were not told of yet."""
    return summarize_areas(Lake(spark, config.lake), config, period)


def main(argv: Sequence[str] | None = None) -> int:
    return run_job(JOB, "Tell what areas use and who is short of energy there, without telling of any home.", run, argv)


if __name__ == "__main__":
    sys.exit(main())
