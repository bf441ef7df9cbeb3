"""gold.features and what was then read → the shards a training on the day learns from."""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import main
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.shards.pipeline import write_shards


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Write the dataset of the day, unless it was made from these very table versions."""
    return write_shards(Lake(spark, config.lake), config, period.only_day)


if __name__ == "__main__":
    sys.exit(main("write_shards", "Cut gold.features into training shards.", run))
