"""Questions that DuckDB answers as Spark would, and those that it leaves to Spark."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from plain_rows import NOON, put
from programs import python

from energy_lib.lake.answers import printed, written
from energy_lib.lake.duckdb_queries import answer_by_duckdb
from energy_lib.tables import gold, silver
from jobs import sql


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("duckdb") / "it's a lake"
    scores = [("dense", "gas", 0.1), ("dense", "*", 0.2), ("naive", "gas", None), ("naive", "*", 2.675)]
    for model, fuel, wape in scores:
        put(root, gold.SCORES, {"model_name": model, "fuel": fuel, "wape": wape, "cells": 7})
    # A row that is gone stays in its file: the current files alone count.
    put(root, gold.SCORES, {"model_name": "deleted", "fuel": "gas", "wape": 9.0})
    DeltaTable(str(root / "gold" / "scores")).delete("model_name = 'deleted'")
    months = (date(2024, 2, 1), date(2024, 3, 1))
    hours = [NOON - timedelta(days=31), NOON]
    for hour, month in zip(hours, months, strict=True):
        row = {"meter_id": "m", "fuel": "gas", "interval_start_utc": hour, "energy_kwh": 2.0, "interval_month": month}
        row["imputed_share"] = 0.1
        put(root, silver.HOURLY, row)
    return root


@pytest.mark.parametrize(
    ("statement", "columns", "rows"),
    [
        ("SELECT count(*) FROM gold.scores", ["count(1)"], [(4,)]),
        ("select max(s.wape), count(fuel) from gold.scores s;", ["max(wape)", "count(fuel)"], [(2.675, 4)]),
        ("select count(DISTINCT fuel) from gold.scores", ["count(DISTINCT fuel)"], [(2,)]),
        ("SELECT sum(cells) AS n FROM gold.scores", ["n"], [(28,)]),
        # Spark's places for NULL: first upwards, last downwards.
        ("SELECT model_name, wape FROM gold.scores ORDER BY wape LIMIT 1", ["model_name", "wape"], [("naive", None)]),
        ("SELECT wape FROM gold.scores ORDER BY wape DESC LIMIT 1", ["wape"], [(2.675,)]),
        # The decimal digits are rounded, not the binary ones: 2.675 is a little less.
        ("SELECT round(wape, 2) AS w FROM gold.scores WHERE wape > 1", ["w"], [(2.68,)]),
        ("SELECT cells / 2 AS half FROM gold.scores LIMIT 1", ["half"], [(3.5,)]),
        (
            "SELECT meter_id, to_date(from_utc_timestamp(interval_start_utc, 'Asia/Kathmandu')) AS day, count(*) AS n "
            "FROM silver.hourly_readings WHERE interval_month >= DATE '2024-03-01' GROUP BY ALL",
            ["meter_id", "day", "n"],
            [("m", date(2024, 3, 31), 1)],
        ),
        (
            "SELECT interval_start_utc FROM silver.hourly_readings WHERE interval_start_utc < TIMESTAMP '2024-03-01'",
            ["interval_start_utc"],
            [(NOON.replace(month=2, day=29),)],
        ),
        (
            "WITH worst AS (SELECT fuel, max(wape) AS w FROM gold.scores GROUP BY fuel) "
            "SELECT fuel FROM worst WHERE w > 1",
            ["fuel"],
            [("*",)],
        ),
        # A float is compared as a double, and given as a float.
        (
            "SELECT imputed_share FROM silver.hourly_readings WHERE imputed_share > 0.1",
            ["imputed_share"],
            [(pytest.approx(0.1, abs=1e-7),)] * 2,
        ),
        ("SELECT avg(imputed_share) FROM silver.hourly_readings", ["avg(imputed_share)"], [(pytest.approx(0.1),)]),
    ],
)  # fmt: skip
def test_an_answer_is_sparks(lake: Path, statement: str, columns: list[str], rows: list[tuple[Any, ...]]) -> None:
    answer = answer_by_duckdb(str(lake), statement)
    assert answer is not None
    assert answer.column_names == columns
    assert [tuple(row.values()) for row in answer.to_pylist()] == rows


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM gold.scores",
        "BEGIN SELECT 1; END",
        "SELECT 1; SELECT 2",
        "SHOW TABLES IN gold",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM parquet.`/etc/passwd`",
        "SELECT content FROM read_text('/etc/passwd')",
        "SELECT getenv('HOME') AS home",
        "SELECT * FROM gold.nothing",
        "SELECT * FROM duckdb_settings()",
        "COPY gold.scores TO '/tmp/x.csv'",
        "SELECT wape / (wape - wape) AS x FROM gold.scores",  # an error in Spark, NULL in DuckDB
        "SELECT 7 % 0 AS x",
        "SELECT cast(wape AS INT) AS x FROM gold.scores",  # cut in Spark, rounded in DuckDB
        "SELECT date '2024-01-02' - date '2024-01-01' AS x",
        'SELECT "fuel" AS x FROM gold.scores',  # a text in Spark
        "SELECT fuel FROM gold.scores WHERE fuel LIKE 'a\\_b'",
        "SELECT random() AS x",
        "SELECT imputed_share * 2 AS x FROM silver.hourly_readings",
        "SELECT coalesce(imputed_share, 0.1) AS x FROM silver.hourly_readings",
        "SELECT abs(wape) FROM gold.scores",  # Spark would name the column
        "SELECT concat(fuel, NULL) AS x FROM gold.scores",
        "SELECT * FROM gold.scores VERSION AS OF 0",
    ],
)
def test_what_the_engines_may_answer_differently_is_left_to_spark(lake: Path, statement: str) -> None:
    assert answer_by_duckdb(str(lake), statement) is None


def test_no_table_and_no_local_lake_are_left_to_spark(tmp_path: Path) -> None:
    for root in (str(tmp_path), "s3://bucket/lake"):
        assert answer_by_duckdb(root, "SELECT count(*) FROM gold.scores") is None


def test_a_table_without_files_has_no_rows(tmp_path: Path) -> None:
    put(tmp_path, gold.SCORES, {"fuel": "gas"})
    DeltaTable(str(tmp_path / "gold" / "scores")).delete()
    answer = answer_by_duckdb(str(tmp_path), "SELECT fuel FROM gold.scores")
    assert answer is not None
    assert answer.num_rows == 0


def test_years_that_pandas_has_no_number_for_and_maps_are_written(tmp_path: Path) -> None:
    stamps = [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)]
    pairs = pa.array([[(1, 2)], []], pa.map_(pa.int32(), pa.int32()))
    answer = pa.table({"t": pa.array(stamps, pa.timestamp("us", "UTC")), "m": pairs})
    assert "0001-01-01" in printed(answer)[0]
    for name in ("a.csv", "a.parquet"):
        assert written(answer, str(tmp_path / name)) == 2
    assert "9999-12-31 00:00:00" in (tmp_path / "a.csv").read_text(encoding="utf-8")
    assert pa.parquet.read_table(tmp_path / "a.parquet").to_pylist()[0]["m"] == [(1, 2)]


def test_the_job_answers_without_java(lake: Path) -> None:
    program = """
import sys
from jobs.sql import main
code = main(["--set", f"lake={sys.argv[1]}", "SELECT fuel, wape FROM gold.scores WHERE wape > 1"])
print(code, "pyspark" in sys.modules)
"""
    header, row, end = python(program, lake).splitlines()
    assert header.split() == ["fuel", "wape"]
    assert row.split() == ["*", "2.675"]
    assert end == "0 False"


def test_an_answer_is_not_written_into_the_lake(lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither over a table's file nor through a link that leads there."""
    (tmp_path / "link").symlink_to(lake / "gold")
    query = ["SELECT count(*) AS n FROM gold.scores", "--set", f"lake={lake}", "--output"]
    before = {path: path.stat().st_mtime_ns for path in lake.rglob("*")}
    for target in (lake / "gold" / "scores" / "x.parquet", tmp_path / "link" / "x.csv"):
        assert sql.main([*query, str(target)]) == 2
        assert "lies in the lake" in capsys.readouterr().err
    assert {path: path.stat().st_mtime_ns for path in lake.rglob("*")} == before
    assert sql.main([*query, str(tmp_path / "x.csv")]) == 0
    assert (tmp_path / "x.csv").read_text().split() == ["n", "4"]
