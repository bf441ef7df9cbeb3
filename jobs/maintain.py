"""Compact and cluster the tables' files, and remove those no version within the retention needs."""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession

from energy_lib.catalog import all_tables
from energy_lib.config import Config
from energy_lib.entry import main
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome, tidy


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """OPTIMIZE then VACUUM each table. As-of reads filter rows and need no old files; time travel and
    the change feeds need those of the last `maintain.retain_days`."""
    lake = Lake(spark, config.lake)
    outcome = Outcome()
    for table in filter(lake.exists, all_tables()):
        print(f"{table.full_name} …", file=sys.stderr, flush=True)
        files = tidy(lake, table, config.maintain.retain_days)
        outcome.versions_written[table.full_name] = lake.version(table)
        outcome.lines.append(f"{table.full_name}: {files.removed} files compacted into {files.added}")
    return outcome


if __name__ == "__main__":
    sys.exit(main("maintain", "Compact the tables and remove files no retained version needs.", run))
