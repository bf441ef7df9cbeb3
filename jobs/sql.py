"""A query over the lake's tables, printed or written as CSV or Parquet."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from pyspark.errors import ParseException, PySparkException
from pyspark.sql import DataFrame, SparkSession

from energy_lib.catalog import all_tables
from energy_lib.config import Config
from energy_lib.entry import parser, start
from energy_lib.errors import BadConfig, InputMissing
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome

ROWS_PRINTED = 1000
ENDINGS = (".csv", ".parquet")
# Beside queries: they read, whatever follows.
READING = ("show", "describe", "desc", "explain")


def query(spark: SparkSession, config: Config, statement: str) -> DataFrame:
    """The answer to one query over <layer>.<table>; raises BadConfig, or InputMissing for a table not written yet."""
    Lake(spark, config.lake).register(all_tables())
    with _plainly(config):
        _require_query(spark, statement)
        return spark.sql(statement)


def fetch(answer: DataFrame, config: Config) -> pd.DataFrame:
    """The rows of an answer; raises BadConfig if they cannot be computed (a division by zero)."""
    with _plainly(config):
        return answer.toPandas()


def write(answer: DataFrame, config: Config, target: str) -> int:
    """Write the answer as one CSV or Parquet file (by its ending); returns the number of rows."""
    if not target.endswith(ENDINGS):
        raise BadConfig(f"--output {target}: let it end in {' or '.join(ENDINGS)}.")
    if len(set(answer.columns)) < len(answer.columns) and target.endswith(".parquet"):
        raise BadConfig(f"Columns of the answer share a name ({', '.join(answer.columns)}): give each its own with AS.")
    frame = fetch(answer, config)
    try:
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        if target.endswith(".csv"):
            frame.to_csv(target, index=False)
        else:
            frame.to_parquet(target, index=False)
    except OSError as error:
        raise BadConfig(
            f"--output {target} cannot be written ({error.strerror or error}): name another file."
        ) from None
    return len(frame)


def printed(answer: DataFrame, config: Config) -> list[str]:
    """The answer's first rows as lines, and that there are more if so."""
    frame = fetch(answer.limit(ROWS_PRINTED + 1), config)
    lines = [frame.head(ROWS_PRINTED).to_string(index=False)]
    if len(frame) > ROWS_PRINTED:
        lines.append(f"These are the first {ROWS_PRINTED:,} rows; --output FILE.csv or FILE.parquet writes all.")
    return lines


def _require_query(spark: SparkSession, statement: str) -> None:
    """Only the jobs write, under the writer's lease: what cannot stand in a WITH is no query."""
    words = statement.split()
    if words and words[0].lower() in READING:
        return
    sql_parser = spark._jsparkSession.sessionState().sqlParser()
    bare = statement.strip().rstrip(";")
    sql_parser.parsePlan(bare)
    try:
        sql_parser.parsePlan(f"WITH answer AS (\n{bare}\n) SELECT * FROM answer")
    except ParseException:
        raise BadConfig(f"{words[0].upper()} is no query, and the tables are written by the jobs alone: ask.") from None


@contextmanager
def _plainly(config: Config) -> Iterator[None]:
    """Turn what Spark says of a query into one sentence."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "toPandas attempted Arrow")
            yield
    except PySparkException as error:
        condition, parameters = error.getCondition(), error.getMessageParameters() or {}
        if condition is None or condition.startswith("INTERNAL_ERROR"):
            raise
        name = parameters.get("relationName", "").replace("`", "").lower()
        if condition == "TABLE_OR_VIEW_NOT_FOUND" and name in {table.full_name for table in all_tables()}:
            raise InputMissing(f"There is no table {name} in {config.lake} yet: run the job that writes it.") from None
        raise BadConfig(f"The query was refused: {str(error).strip().splitlines()[0]}") from None


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser("sql", "Query the lake.")
    arguments.add_argument("statement", nargs="?", help='SQL, for instance "SELECT * FROM gold.scores"')
    arguments.add_argument("--output", help="file to write instead of printing: .csv or .parquet")
    given = arguments.parse_args(argv)

    def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
        if not given.statement:
            raise BadConfig('There is no query: give one, for instance "SHOW TABLES IN gold".')
        # A task's failure is told in a sentence, not by Spark's log.
        spark.sparkContext.setLogLevel("FATAL")
        answer = query(spark, config, given.statement)
        if given.output:
            return Outcome(lines=[f"{write(answer, config, given.output)} rows in {given.output}"])
        return Outcome(lines=printed(answer, config))

    return start("sql", given, run, writes=False)


if __name__ == "__main__":
    sys.exit(main())
