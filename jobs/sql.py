"""A query over the lake's tables, printed or written as CSV or Parquet."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pyspark.sql import SparkSession

from energy_lib.catalog import all_tables
from energy_lib.config import Config
from energy_lib.entry import parser, start
from energy_lib.errors import BadConfig
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.lake.queries import answer_lines, run_query, write_answer


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser("sql", "Query the lake.")
    arguments.add_argument("statement", nargs="?", help='SQL, for instance "SELECT * FROM gold.scores"')
    arguments.add_argument("--output", help="file to write instead of printing: .csv or .parquet")
    parsed = arguments.parse_args(argv)

    def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
        if not parsed.statement:
            raise BadConfig('There is no query: give one, for instance "SHOW TABLES IN gold".')
        # Spark's log would repeat a task's failure, stack trace and all; the answer is one sentence.
        spark.sparkContext.setLogLevel("FATAL")
        answer = run_query(Lake(spark, config.lake), all_tables(), parsed.statement)
        if parsed.output:
            return Outcome(lines=[f"{write_answer(answer, parsed.output)} rows in {parsed.output}"])
        return Outcome(lines=answer_lines(answer))

    return start("sql", parsed, run, writes=False)


if __name__ == "__main__":
    sys.exit(main())
