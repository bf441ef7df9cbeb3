"""SQL queries over the lake's tables by Spark: checked to be queries of these tables alone, and answered."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import pyarrow as pa
from py4j.protocol import Py4JJavaError
from pyspark.errors import ParseException, PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from energy_lib.errors import BadConfig, InputMissing
from energy_lib.lake.answers import ROWS_PRINTED, printed, require_target, written
from energy_lib.lake.delta_tables import Lake
from energy_lib.lake.environment import environment_error
from energy_lib.tables import Table

# Statements beside queries that only read, and how a query begins.
READ_STATEMENTS = ("show", "describe", "desc", "explain")
BEGINNINGS = ("select", "with", "from", "values", "table", *READ_STATEMENTS)
# What begins a script of several statements.
SCRIPTS = ("begin", "declare")
# Types that Arrow lacks: given as their text.
WITHOUT_ARROW = (T.YearMonthIntervalType, T.CalendarIntervalType, T.VariantType)
# A text or a comment of Spark SQL.
TEXT = re.compile(r"""[rR]?'(?:\\.|[^'\\])*'|[rR]?"(?:\\.|[^"\\])*\"|--[^\n]*|/\*.*?\*/""", re.S)
# What calls code of the machine: Java by its name, and a script behind USING.
CODE = re.compile(r"\b(?:java_method|try_reflect|reflect)\s*\(|\busing\s*''", re.I)
ON_FILES = "spark.sql.runSQLOnFiles"


def run_query(lake: Lake, tables: tuple[Table, ...], statement: str) -> DataFrame:
    """The answer to one query over `tables`, named <layer>.<table> in it.

    Raises BadConfig if Spark refuses the statement, if it is no query, or if it reads anything but the tables, and
    InputMissing for a table that is not written yet.

    >>> run_query(lake, all_tables(), "SELECT job, status FROM ops.runs ORDER BY started_at_utc DESC LIMIT 3")
    """
    lake.register(tables)
    with _refused_in_one_sentence(lake.root, {table.full_name for table in tables}), _no_files(lake.spark):
        _require_query(lake.spark, statement)
        return lake.spark.sql(statement)


def answer_lines(answer: DataFrame) -> list[str]:
    """The answer's first rows as text, and a line if there are more."""
    return printed(fetched(answer.limit(ROWS_PRINTED + 1)))


def write_answer(answer: DataFrame, target: str) -> int:
    """Write the answer as one CSV or Parquet file (by its ending); returns the number of rows. Raises BadConfig."""
    require_target(target, answer.columns)
    return written(fetched(answer), target)


def fetched(answer: DataFrame) -> pa.Table:
    """The rows of an answer; raises BadConfig if they cannot be computed (a division by zero)."""
    as_text = [field.name for field in answer.schema.fields if isinstance(field.dataType, WITHOUT_ARROW)]
    with _refused_in_one_sentence():
        plain = {name: F.col(f"`{name}`").cast("string") for name in as_text}
        return (answer.withColumns(plain) if plain else answer).toArrow()


@contextmanager
def _no_files(spark: SparkSession) -> Iterator[None]:
    """No file or folder is a table by its path."""
    spark.conf.set(ON_FILES, "false")
    try:
        yield
    finally:
        spark.conf.set(ON_FILES, "true")


def _require_query(spark: SparkSession, statement: str) -> None:
    """Only the jobs write, under the writer's lease: a statement that cannot stand in a WITH is no query."""
    code = TEXT.sub(lambda text: "''" if text[0][0] not in "-/" else " ", statement).replace("`", "")
    if CODE.search(code):
        raise BadConfig("The query calls code of this machine (reflect, java_method, a script): ask the tables alone.")
    words = code.replace("(", " ").split()
    if not words:
        raise BadConfig('There is no query: give one, for instance "SHOW TABLES IN gold".')
    if words[0].lower() not in BEGINNINGS:
        if words[0].lower() not in SCRIPTS:
            _require_parsed(spark, statement)
        raise BadConfig(f"{words[0].upper()} is no query, and the tables are written by the jobs alone: ask.")
    if words[0].lower() in READ_STATEMENTS:
        return
    bare = _require_parsed(spark, statement)
    try:
        spark._jsparkSession.sessionState().sqlParser().parsePlan(f"WITH answer AS (\n{bare}\n) SELECT * FROM answer")
    except ParseException:
        raise BadConfig(f"{words[0].upper()} is no query, and the tables are written by the jobs alone: ask.") from None


def _require_parsed(spark: SparkSession, statement: str) -> str:
    """The statement without its last semicolon; Spark's error if it cannot be parsed."""
    bare = statement.strip().rstrip(";")
    spark._jsparkSession.sessionState().sqlParser().parsePlan(bare)
    return bare


@contextmanager
def _refused_in_one_sentence(root: str = "", tables: Collection[str] = ()) -> Iterator[None]:
    """Turn Spark's error about a query into one sentence; `tables`: names that the lake at `root` may hold."""
    try:
        yield
    except PySparkException as error:
        condition, parameters = error.getCondition(), error.getMessageParameters() or {}
        known = environment_error(error, root or "the lake")
        if known is not None:
            raise known from error
        if condition is None or condition.startswith("INTERNAL_ERROR"):
            raise BadConfig(f"Spark cannot answer this query ({_first_line(error)}): ask in another way.") from error
        name = parameters.get("relationName", "").replace("`", "").lower()
        if condition == "TABLE_OR_VIEW_NOT_FOUND" and name in tables:
            raise InputMissing(f"There is no table {name} in {root} yet: run the job that writes it.") from None
        raise BadConfig(f"The query was refused: {_first_line(error)}") from None
    except Py4JJavaError as error:
        known = environment_error(error, root or "the lake")
        reason = _first_line(error.java_exception)
        raise known or BadConfig(f"Spark cannot answer this query ({reason}): ask in another way.") from error


def _first_line(error: object) -> str:
    return (str(error).strip().splitlines() or ["no reason given"])[0]
