"""The sql job: it asks and never writes, and says in a sentence what is wrong with a query."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from pyspark.sql import SparkSession

from energy_lib.catalog import all_tables
from energy_lib.errors import BadConfig, EnergyError, InputMissing
from energy_lib.lake import Lake
from energy_lib.lake.queries import ROWS_PRINTED, answer_lines, run_query, write_answer
from energy_lib.lake.spark_schemas import spark_schema
from energy_lib.tables import silver


@pytest.fixture(scope="module")
def lake(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake(spark, str(tmp_path_factory.mktemp("sql") / "lake"))
    day = datetime(2024, 1, 1, tzinfo=UTC)
    price = ("t", "gas", day, 60, 0.0, "GBP", day, day, "file")
    # Other tests' lakes are registered under the same names.
    spark.sql("DROP TABLE IF EXISTS silver.prices")
    spark.sql("DROP TABLE IF EXISTS gold.scores")
    lake.append(silver.PRICES, spark.createDataFrame([price], spark_schema(silver.PRICES)))
    return lake


def refusal(lake: Lake, statement: str) -> EnergyError:
    with pytest.raises(EnergyError) as refused:
        answer_lines(run_query(lake, all_tables(), statement))
    assert "\n" not in str(refused.value)
    return refused.value


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ("SELEC 1", "PARSE_SYNTAX_ERROR"),
        ("SELECT 1/0", "DIVIDE_BY_ZERO"),
        ("SELECT cast('a' AS int)", "CAST_INVALID_INPUT"),
        ("SELECT sum(1 / price_per_kwh) FROM silver.prices", "DIVIDE_BY_ZERO"),
        ("SELECT * FROM silver.price", "TABLE_OR_VIEW_NOT_FOUND"),
    ],
)
def test_what_is_wrong_with_a_query_is_said_in_a_sentence(
    lake: Lake, statement: str, word: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    level = lake.spark.sparkContext
    level.setLogLevel("FATAL")
    error = refusal(lake, statement)
    level.setLogLevel("ERROR")
    assert isinstance(error, BadConfig)
    assert word in str(error)
    assert "QueryContextLogger" not in capfd.readouterr().err
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_a_table_not_written_yet_is_input_missing(lake: Lake) -> None:
    error = refusal(lake, "SELECT * FROM gold.scores")
    assert isinstance(error, InputMissing)
    assert "gold.scores" in str(error)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM silver.prices",
        "update silver.prices SET price_per_kwh = 9",
        "WITH a AS (SELECT * FROM silver.prices) INSERT INTO silver.prices SELECT * FROM a",
        "FROM silver.prices INSERT INTO silver.prices SELECT *",
        "EXECUTE IMMEDIATE 'DELETE FROM silver.prices'",
        "OPTIMIZE silver.prices",
        "VACUUM silver.prices",
        "DROP TABLE silver.prices",
        "CREATE TABLE x AS SELECT 1",
        "BEGIN SELECT 1; END",
        "BEGIN DELETE FROM silver.prices; END",
        "DECLARE x INT DEFAULT 1",
        "SET spark.sql.runSQLOnFiles = true",
        "ADD FILE '/etc/passwd'",
    ],
)
def test_a_statement_that_is_no_query_is_refused(lake: Lake, statement: str) -> None:
    assert "is no query" in str(refusal(lake, statement))
    assert lake.read(silver.PRICES).count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT java_method('java.lang.System', 'getProperty', 'user.home')",
        "SELECT `reflect` ('java.lang.System', 'getProperty', 'user.home')",
        "SELECT try_reflect('java.lang.System', 'getProperty', 'user.home')",
        "WITH a AS (SELECT REFLECT('java.lang.System', 'nanoTime')) SELECT * FROM a",
        "SELECT TRANSFORM(tariff_id) USING 'cat' FROM silver.prices",
    ],
)
def test_code_of_the_machine_is_refused(lake: Lake, statement: str) -> None:
    assert "calls code of this machine" in str(refusal(lake, statement))


def test_no_file_is_a_table(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("secret\n", encoding="utf-8")
    lake.spark.range(3).write.parquet(str(tmp_path / "p"))
    price = lake.path(silver.PRICES)
    for name in (f"csv.`{tmp_path}/a.csv`", f"text.`{tmp_path}/a.csv`", f"parquet.`{tmp_path}/p`", f"delta.`{price}`"):
        for statement in (f"SELECT * FROM {name}", f"DESCRIBE {name}", f"EXPLAIN SELECT * FROM {name}"):
            try:
                told = "\n".join(answer_lines(run_query(lake, all_tables(), statement)))
            except EnergyError as error:
                told = str(error)
            assert "secret" not in told
            assert "is refused" in told or "TABLE_OR_VIEW_NOT_FOUND" in told or "cannot be found" in told, told


def test_a_text_that_looks_like_code_is_a_text(lake: Lake) -> None:
    assert "reflect(" in answer_lines(run_query(lake, all_tables(), "SELECT 'reflect(1)' AS a -- java_method(2)"))[0]


def test_years_beyond_pandas_maps_and_a_lake_with_a_quote(lake: Lake, tmp_path: Path) -> None:
    stamps = "SELECT TIMESTAMP '0001-01-01 00:00:00' AS first, TIMESTAMP '9999-12-31 00:00:00' AS last"
    assert "0001-01-01" in answer_lines(run_query(lake, all_tables(), stamps))[0]
    pairs = run_query(lake, all_tables(), "SELECT map(1, 2) AS pairs")
    assert write_answer(pairs, str(tmp_path / "a.parquet")) == 1
    assert "{1: 2}" in answer_lines(pairs)[0]
    quoted = Lake(lake.spark, str(tmp_path / "it's a lake"))
    lake.spark.sql("DROP TABLE IF EXISTS silver.prices")
    quoted.append(silver.PRICES, lake.read(silver.PRICES))
    assert answer_lines(run_query(quoted, all_tables(), "SELECT count(*) AS n FROM silver.prices"))
    lake.spark.sql("DROP TABLE silver.prices")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 AS a -- a comment",
        "(SELECT 1) UNION (SELECT 2);",
        "WITH a AS (SELECT 1) SELECT * FROM a ORDER BY 1 LIMIT 3",
        "FROM silver.prices SELECT tariff_id",
        "TABLE silver.prices",
        "SHOW TABLES IN silver",
        "DESCRIBE silver.prices",
        "EXPLAIN SELECT 1",
    ],
)
def test_every_kind_of_question_is_answered(lake: Lake, statement: str) -> None:
    assert answer_lines(run_query(lake, all_tables(), statement))


def test_rows_that_are_not_printed_are_told_of(lake: Lake) -> None:
    more = answer_lines(run_query(lake, all_tables(), f"SELECT id FROM range({ROWS_PRINTED + 1})"))
    assert more[0].endswith(str(ROWS_PRINTED - 1))
    assert "--output" in more[1]
    assert len(answer_lines(run_query(lake, all_tables(), f"SELECT id FROM range({ROWS_PRINTED})"))) == 1


def test_an_answer_that_cannot_be_written_is_refused(lake: Lake, tmp_path: Path) -> None:
    twice = run_query(lake, all_tables(), "SELECT 1 AS a, 2 AS a")
    (tmp_path / "file").touch()
    for target, words in (
        ("a.parquet", "share a name"),
        ("a.txt", "let it end in"),
        ("file/a.csv", "cannot be written"),
    ):
        with pytest.raises(BadConfig, match=words):
            write_answer(twice, str(tmp_path / target))
    assert write_answer(run_query(lake, all_tables(), "SELECT 1 AS a"), str(tmp_path / "new" / "a.parquet")) == 1
    assert pl.read_parquet(tmp_path / "new" / "a.parquet").to_dicts() == [{"a": 1}]
