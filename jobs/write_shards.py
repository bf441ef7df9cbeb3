"""gold.features and the readings of the hours they forecast → the shards for a training on a day."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import run_job
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.shards.pipeline import write_shards


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Write the dataset of the day, unless it exists for the current versions of the tables."""
    return write_shards(Lake(spark, config.lake), config, period.only_day)


def main(argv: Sequence[str] | None = None) -> int:
    return run_job("write_shards", "Cut gold.features into training shards.", run, argv)


if __name__ == "__main__":
    sys.exit(main())
