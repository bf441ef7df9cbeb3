"""A table's history is forgotten: nothing of what it held before is in any byte, and all readers and writers go on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from byte_search import files_with
from homes import row
from pyspark.sql import functions as F

from energy_lib.errors import TryAgain
from energy_lib.lake import Lake, progress, record_progress
from energy_lib.lake.forgetting import forget_history, marked_commits, require_read
from energy_lib.lake.log_check import require_whole_logs
from energy_lib.lake.run_ledger import newest_readers
from energy_lib.tables import Table, gold, silver
from energy_lib.tables.arrow import arrow_schema

GONE, STAYS = "MPRN-1001", "MPRN-1002"
NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
# With a change feed and partitions; clustered, which delta-rs may not write; plain.
TABLES = (silver.READINGS, gold.FORECASTS, silver.METERS)


def put(lake: Lake, table: Table, *meters: str) -> None:
    rows = [
        row(table, meter_id=meter, **({"interval_start_utc": NOON} if table != silver.METERS else {}))
        for meter in meters
    ]
    lake.append(table, pa.Table.from_pylist(rows, arrow_schema(table)))


def meters(lake: Lake, table: Table) -> list[str]:
    by_spark = sorted(each["meter_id"] for each in lake.read(table).collect())
    assert sorted(pl.read_delta(lake.path(table))["meter_id"]) == by_spark
    return by_spark


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.full_name)
def test_nothing_of_before_is_left_and_all_go_on(lake: Lake, table: Table) -> None:
    put(lake, table, GONE, STAYS)
    put(lake, table, f"{GONE}-not")
    lake.delete(table, F.col("meter_id") == GONE)
    version = lake.version(table)
    assert files_with([Path(lake.path(table))], [GONE]) != [], "or this test would prove nothing"
    forget_history(lake, table)
    assert lake.version(table) == version + 1
    assert files_with([Path(lake.path(table))], [GONE]) == []
    require_whole_logs(lake.root)
    assert meters(lake, table) == [f"{GONE}-not", STAYS]
    put(lake, table, "MPRN-1003")
    lake.delete(table, F.col("meter_id") == STAYS)
    assert meters(lake, table) == [f"{GONE}-not", "MPRN-1003"]
    forget_history(lake, table)
    forget_history(lake, table)
    assert files_with([Path(lake.path(table))], [STAYS]) == []
    assert meters(lake, table) == [f"{GONE}-not", "MPRN-1003"]


def test_readers_of_changes_go_on_behind_it_and_are_waited_for(lake: Lake) -> None:
    table = silver.READINGS
    put(lake, table, GONE, STAYS)
    record_progress(lake, "reader", {table: lake.version(table)})
    put(lake, table, "MPRN-1003")
    with pytest.raises(TryAgain, match=r"reader has not read all of silver\.readings yet"):
        require_read(lake, TABLES)
    with pytest.raises(TryAgain):
        forget_history(lake, table)
    record_progress(lake, "reader", {table: lake.version(table)})
    with marked_commits(lake):
        lake.delete(table, F.col("meter_id") == GONE)
    require_read(lake, TABLES)
    forget_history(lake, table)
    assert progress(lake, "reader", table) == lake.version(table)
    put(lake, table, "MPRN-1004")
    news = lake.changes(table, progress(lake, "reader", table), deleted=True)
    assert [each["meter_id"] for each in news.collect()] == ["MPRN-1004"]


def test_outdated_variants_of_a_job_hold_nobody_up(lake: Lake) -> None:
    rows = [
        {"job": job, "table_name": "t", "version": version}
        for job, version in (("build:old", 3), ("build:new", 5), ("other", 1))
    ]
    assert [each["job"] for each in newest_readers(rows)] == ["build:new", "other"]
    table = silver.READINGS
    put(lake, table, STAYS)
    record_progress(lake, "build:old", {table: lake.version(table)})
    put(lake, table, GONE)
    record_progress(lake, "build:new", {table: lake.version(table)})
    forget_history(lake, table)
    assert progress(lake, "build:new", table) == lake.version(table)
    assert progress(lake, "build:old", table) == -1
