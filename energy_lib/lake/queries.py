"""SQL queries over the lake's tables: checked to be queries, answered, printed or written to a file."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from pyspark.errors import ParseException, PySparkException
from pyspark.sql import DataFrame, SparkSession

from energy_lib.errors import BadConfig, InputMissing
from energy_lib.lake.delta_tables import Lake
from energy_lib.tables import Table

ROWS_PRINTED = 1000
FILE_ENDINGS = (".csv", ".parquet")
# Statements beside queries that only read.
READ_STATEMENTS = ("show", "describe", "desc", "explain")


def run_query(lake: Lake, tables: tuple[Table, ...], statement: str) -> DataFrame:
    """The answer to one query over `tables`, named <layer>.<table> in it.

    Raises BadConfig if Spark refuses the statement or if it is no query, and InputMissing for a table that is not
    written yet.

    >>> run_query(lake, all_tables(), "SELECT job, status FROM ops.runs ORDER BY started_at_utc DESC LIMIT 3")
    """
    lake.register(tables)
    with _refused_in_one_sentence(lake.root, {table.full_name for table in tables}):
        _require_query(lake.spark, statement)
        return lake.spark.sql(statement)


def answer_lines(answer: DataFrame) -> list[str]:
    """The answer's first ROWS_PRINTED rows as text, and a line if there are more."""
    frame = _fetch(answer.limit(ROWS_PRINTED + 1))
    lines = [frame.head(ROWS_PRINTED).to_string(index=False)]
    if len(frame) > ROWS_PRINTED:
        lines.append(f"These are the first {ROWS_PRINTED:,} rows; --output FILE.csv or FILE.parquet writes all.")
    return lines


def write_answer(answer: DataFrame, target: str) -> int:
    """Write the answer as one CSV or Parquet file (by its ending); returns the number of rows. Raises BadConfig."""
    if not target.endswith(FILE_ENDINGS):
        raise BadConfig(f"--output {target}: let it end in {' or '.join(FILE_ENDINGS)}.")
    if len(set(answer.columns)) < len(answer.columns) and target.endswith(".parquet"):
        raise BadConfig(f"Columns of the answer share a name ({', '.join(answer.columns)}): give each its own with AS.")
    frame = _fetch(answer)
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


def _fetch(answer: DataFrame) -> pd.DataFrame:
    """The rows of an answer; raises BadConfig if they cannot be computed (a division by zero)."""
    with _refused_in_one_sentence(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "toPandas attempted Arrow")
        return answer.toPandas()


def _require_query(spark: SparkSession, statement: str) -> None:
    """Only the jobs write, under the writer's lease: a statement that cannot stand in a WITH is no query."""
    words = statement.split()
    if words and words[0].lower() in READ_STATEMENTS:
        return
    sql_parser = spark._jsparkSession.sessionState().sqlParser()
    bare = statement.strip().rstrip(";")
    sql_parser.parsePlan(bare)
    try:
        sql_parser.parsePlan(f"WITH answer AS (\n{bare}\n) SELECT * FROM answer")
    except ParseException:
        raise BadConfig(f"{words[0].upper()} is no query, and the tables are written by the jobs alone: ask.") from None


@contextmanager
def _refused_in_one_sentence(root: str = "", tables: Collection[str] = ()) -> Iterator[None]:
    """Turn Spark's error about a query into one sentence; `tables`: names that the lake at `root` may hold."""
    try:
        yield
    except PySparkException as error:
        condition, parameters = error.getCondition(), error.getMessageParameters() or {}
        if condition is None or condition.startswith("INTERNAL_ERROR"):
            raise
        name = parameters.get("relationName", "").replace("`", "").lower()
        if condition == "TABLE_OR_VIEW_NOT_FOUND" and name in tables:
            raise InputMissing(f"There is no table {name} in {root} yet: run the job that writes it.") from None
        raise BadConfig(f"The query was refused: {str(error).strip().splitlines()[0]}") from None
