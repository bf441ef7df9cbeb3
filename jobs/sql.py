"""A query over the lake's tables, printed or written as CSV or Parquet.

DuckDB answers in a second or two what it answers as Spark would; for the rest Spark is started.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from energy_lib.config import Config
from energy_lib.entry import parser, start, try_without_spark
from energy_lib.errors import BadConfig
from energy_lib.intervals import Period
from energy_lib.lake.answers import require_outside
from energy_lib.lake.outcome import Outcome

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ENGINES = ("auto", "duckdb", "spark")


def by_duckdb(parsed: argparse.Namespace, config: Config) -> Outcome | None:
    """The answer without Spark; None where Spark is to give it. Raises BadConfig where it may not."""
    from energy_lib.lake.answers import printed, require_target, written
    from energy_lib.lake.duckdb_queries import answer_by_duckdb

    answer = answer_by_duckdb(config.lake, parsed.statement)
    if answer is None:
        if parsed.engine == "duckdb":
            raise BadConfig("DuckDB may not answer this query as Spark would: leave out --engine duckdb.")
        return None
    if not parsed.output:
        return Outcome(lines=printed(answer))
    require_target(parsed.output, answer.column_names)
    return Outcome(lines=[f"{written(answer, parsed.output)} rows in {parsed.output}"])


def by_spark(parsed: argparse.Namespace, spark: SparkSession, config: Config) -> Outcome:
    from energy_lib.catalog import all_tables
    from energy_lib.lake import Lake
    from energy_lib.lake.queries import answer_lines, run_query, write_answer

    answer = run_query(Lake(spark, config.lake), all_tables(), parsed.statement)
    if parsed.output:
        return Outcome(lines=[f"{write_answer(answer, parsed.output)} rows in {parsed.output}"])
    return Outcome(lines=answer_lines(answer))


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser("sql", "Query the lake.")
    arguments.add_argument("statement", nargs="?", help='SQL, for instance "SELECT * FROM gold.scores"')
    arguments.add_argument("--output", help="file to write instead of printing: .csv or .parquet")
    arguments.add_argument("--engine", choices=ENGINES, default="auto", help="auto: DuckDB where it can, else Spark")
    parsed = arguments.parse_args(argv)

    def ask(config: Config) -> Outcome | None:
        if not parsed.statement:
            raise BadConfig('There is no query: give one, for instance "SHOW TABLES IN gold".')
        if parsed.output:
            require_outside(parsed.output, config.lake)
        return None if parsed.engine == "spark" else by_duckdb(parsed, config)

    def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
        return by_spark(parsed, spark, config)

    code = try_without_spark("sql", parsed, ask)
    return start("sql", parsed, run, writes=False) if code is None else code


if __name__ == "__main__":
    sys.exit(main())
