"""Remove rows that are older than their table keeps them, compact the tables' files, and remove old files."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pyspark.sql import SparkSession

from energy_lib.catalog import all_tables
from energy_lib.config import Config
from energy_lib.entry import run_job
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome, maintain_tables
from energy_lib.privacy.pipeline.retention import remove_old_rows


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Delete rows older than `maintain.keep_days`, then OPTIMIZE and VACUUM each table. As-of reads filter rows and
    need no old files; time travel and the change feeds need those of the last `maintain.retain_days`."""
    lake, tables = Lake(spark, config.lake), all_tables()
    lines = remove_old_rows(lake, tables, config.maintain.keep_days, period.last)
    outcome = maintain_tables(lake, tables, config.maintain.retain_days)
    outcome.lines = [*lines, *outcome.lines]
    return outcome


def main(argv: Sequence[str] | None = None) -> int:
    return run_job(
        "maintain", "Remove old rows, compact the tables, and remove files no retained version needs.", run, argv
    )


if __name__ == "__main__":
    sys.exit(main())
