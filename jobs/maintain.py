"""Compact and cluster the tables' files, and remove those no version within the retention needs."""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession

from energy_lib.catalog import all_tables
from energy_lib.config import Config
from energy_lib.entry import main
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome, maintain_tables


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """OPTIMIZE then VACUUM each table. As-of reads filter rows and need no old files; time travel and
    the change feeds need those of the last `maintain.retain_days`."""
    return maintain_tables(Lake(spark, config.lake), all_tables(), config.maintain.retain_days)


if __name__ == "__main__":
    sys.exit(main("maintain", "Compact the tables and remove files no retained version needs.", run))
