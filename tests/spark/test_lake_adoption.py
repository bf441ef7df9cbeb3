"""Staged files that become a table's: read the same by every engine, fenced like any other commit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from pyspark.sql import functions as F

from energy_lib.errors import BadConfig, TryAgain
from energy_lib.lake import Lake, writer_lease
from energy_lib.lake import fence as fence_module
from energy_lib.lake.adoption import add_files, staged_as_files, staged_files
from energy_lib.lake.fence_commits import fence_off_local
from energy_lib.lake.table_files import FileSink
from energy_lib.tables import Table
from energy_lib.tables.table import optional, required

HOURS = Table(
    layer="silver",
    name="toy_hours",
    comment="A partitioned table with a change feed",
    columns=(
        required("meter_id", "string", "Meter"),
        required("at_utc", "timestamp", "Instant"),
        optional("kwh", "double", "kWh"),
        required("month", "date", "Partition"),
    ),
    key=("meter_id", "at_utc"),
    partition_by=("month",),
    time="at_utc",
    change_feed=True,
)
CLUSTERED = Table(
    layer="gold",
    name="toy_rows",
    comment="A clustered table",
    columns=(required("meter_id", "string", "Meter"), optional("kwh", "double", "kWh")),
    key=("meter_id",),
    cluster_by=("meter_id",),
)
FIRST = datetime(2024, 5, 31, 22, tzinfo=UTC)


def hours(meter: str, count: int = 4) -> list[dict[str, object]]:
    """Hours around the end of May, of 0, 1, 2 … kWh."""
    instants = [FIRST + timedelta(hours=i) for i in range(count)]
    return [
        {"meter_id": meter, "at_utc": at, "kwh": float(i), "month": at.date().replace(day=1)}
        for i, at in enumerate(instants)
    ]


def write_by_month(sink: FileSink, rows: list[dict[str, object]]) -> list[tuple[str, int]]:
    table, written = pa.Table.from_pylist(rows), []
    for month in (date(2024, 5, 1), date(2024, 6, 1)):
        part = table.filter(pa.compute.equal(table["month"], pa.scalar(month)))
        written.append((sink.write(part, (("month", month),)), part.num_rows))
    return written


def content(lake: Lake) -> list[tuple[str, float]]:
    return sorted((row["meter_id"], row["kwh"]) for row in lake.read(HOURS).collect())


def test_files_of_workers_and_of_spark_are_read_by_all_and_merged_into(lake: Lake) -> None:
    with staged_files(lake, HOURS, lambda sink: write_by_month(sink, hours("a"))) as batch:
        (Path(batch.folder) / "part-of-a-task-that-ran-twice.parquet").write_bytes(b"")
        assert batch.count == batch.frame.count() == 4
        assert batch.frame.columns == list(HOURS.column_names)
        add_files(lake, HOURS, batch)
    frame = lake.frame(pa.Table.from_pylist(hours("b")))
    with staged_as_files(lake, HOURS, frame) as batch:
        assert batch.count == 4
        add_files(lake, HOURS, batch)
    expected = [(meter, float(i)) for meter in "ab" for i in range(4)]
    assert content(lake) == expected
    assert sorted(pl.read_delta(lake.path(HOURS)).select("meter_id", "kwh").rows()) == expected
    assert [row["meter_id"] for row in lake.changes(HOURS, 1).collect()] == ["b"] * 4
    # A MERGE finds the rows by their partitions and by the statistics of their files.
    lake.upsert(HOURS, frame.withColumn("kwh", F.col("kwh") + 10))
    assert content(lake) == [("a", float(i)) for i in range(4)] + [("b", i + 10.0) for i in range(4)]
    assert not list(Path(lake.root, "_staging").iterdir())


def test_a_clustered_table_takes_files(lake: Lake) -> None:
    rows = pa.table({"meter_id": ["a", "b"], "kwh": [1.0, None]})
    with staged_files(lake, CLUSTERED, lambda sink: [(sink.write(rows), 2)]) as batch:
        add_files(lake, CLUSTERED, batch)
    assert sorted((r["meter_id"], r["kwh"]) for r in lake.read(CLUSTERED).collect()) == [("a", 1.0), ("b", None)]
    lake.upsert(CLUSTERED, lake.frame(pa.table({"meter_id": ["b"], "kwh": [2.0]})))
    assert lake.read(CLUSTERED).agg(F.sum("kwh")).first() == (3.0,)


@pytest.mark.parametrize("removed", [True, False], ids=["staging removed before", "files moved before"])
def test_a_run_that_lost_its_lease_before_the_commit_adds_nothing(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, removed: bool
) -> None:
    def add_late() -> None:
        held = fence_module._held[lake.root]

        def stopped_after_the_look() -> bool:
            (lake.fence_off if removed else partial(fence_off_local, lake.root))(held.token + 1)
            monkeypatch.setattr(held, "still_ours", lambda: False)
            return True

        with staged_files(lake, HOURS, lambda sink: write_by_month(sink, hours("late"))) as batch:
            monkeypatch.setattr(held, "still_ours", stopped_after_the_look)
            add_files(lake, HOURS, batch)

    with writer_lease(lake, "before"):
        lake.append(HOURS, lake.frame(pa.Table.from_pylist(hours("first"))))
    with pytest.raises(TryAgain), writer_lease(lake, "stopped"):
        add_late()
    assert {meter for meter, _ in content(lake)} == {"first"}
    assert pl.read_delta(lake.path(HOURS)).height == 4


def test_a_file_that_a_worker_wrote_and_this_process_does_not_find_is_told(lake: Lake) -> None:
    with (
        pytest.raises(BadConfig, match=r"A worker wrote 4 rows to .*, where this process finds 0"),
        staged_files(lake, HOURS, lambda sink: [("month=2024-05-01/part-elsewhere.parquet", 4)]),
    ):
        pass
    assert not lake.exists(HOURS)


def test_a_table_that_names_columns_otherwise_is_written_by_spark(lake: Lake) -> None:
    mapped = {"delta.columnMapping.mode": "name", "delta.minReaderVersion": "2", "delta.minWriterVersion": "5"}
    properties = ", ".join(f"'{key}' = '{value}'" for key, value in mapped.items())
    columns = "meter_id STRING NOT NULL, at_utc TIMESTAMP NOT NULL, kwh DOUBLE, month DATE NOT NULL"
    lake.spark.sql(
        f"CREATE TABLE delta.`{lake.path(HOURS)}` ({columns}) USING DELTA PARTITIONED BY (month) "
        f"TBLPROPERTIES ({properties})"
    )
    with staged_files(lake, HOURS, lambda sink: write_by_month(sink, hours("a"))) as batch:
        add_files(lake, HOURS, batch)
    assert content(lake) == [("a", float(i)) for i in range(4)]


def test_every_tenth_version_is_a_checkpoint(lake: Lake) -> None:
    for number in range(10):
        with staged_files(lake, HOURS, lambda sink, n=number: write_by_month(sink, hours(f"m{n}"))) as batch:
            add_files(lake, HOURS, batch)
    log = Path(lake.path(HOURS), "_delta_log")
    assert list(log.glob(f"{10:020d}.checkpoint*.parquet"))
    assert lake.read(HOURS).count() == 40
