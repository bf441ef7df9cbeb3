"""What the lake knows of a night, for people → <lake>/reports/<date>: a page, a PDF, the rows of every figure.

It starts no Spark: `python jobs/report.py` needs no Java.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from energy_lib.config import Config
from energy_lib.entry import parser, period_of, start_without_spark
from energy_lib.intervals import Period
from energy_lib.lake.outcome import Outcome
from energy_lib.lake.table_views import is_local
from energy_lib.reporting.pipeline import JOB, write_report

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """The report of the period's last day, as a step of the night: without a PDF, which takes longer than the pages.

    Of a lake in a store there is none, and the night goes without.
    """
    if is_local(config.lake):
        return write_report(config, period.last, pdf=False)
    return Outcome(lines=["No report was written: mount the lake as a folder, and run jobs/report.py on it."])


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser(JOB, "Write the report of a night (default: the newest).")
    arguments.add_argument("--no-pdf", action="store_true", help="leave the PDF out")
    options = arguments.parse_args(argv)

    def write(config: Config) -> Outcome:
        asked = options.date or options.first
        return write_report(config, period_of(options).only_day if asked else None, pdf=not options.no_pdf)

    return start_without_spark(JOB, options, write)


if __name__ == "__main__":
    sys.exit(main())
