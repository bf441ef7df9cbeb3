"""The fence around what changes no rows: a table's creation, its new columns, and the maintenance of its files."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fenced_lakes import TOYS, content, overtaken, toys
from pyspark.sql import functions as F

from energy_lib.errors import TryAgain
from energy_lib.lake import Lake, writer_lease
from energy_lib.lake import fence as fence_module
from energy_lib.lake.maintenance import compact_and_vacuum
from energy_lib.tables import Table
from energy_lib.tables.table import optional, required

COLOURED = Table(
    layer="silver",
    name="toys",
    comment="Toys",
    columns=(*TOYS.columns, optional("colour", "string", "Colour, in English")),
    key=("toy_id",),
    cluster_by=("toy_id",),
    change_feed=True,
)
SHELVES = Table(
    layer="silver",
    name="shelves",
    comment="Shelves",
    columns=(required("shelf", "int", "Shelf"), required("toy_id", "string", "Toy")),
    key=("toy_id",),
    partition_by=("shelf",),
)
A_MONTH, MANY = 30, 24
OLD = time.time() - 2 * A_MONTH * 86_400


def lose(lake: Lake, monkeypatch: pytest.MonkeyPatch, looks: int = 1) -> None:
    """As if this holder had been stopped after so many looks at the lease, and went on behind its successor's fence."""
    held = fence_module._held[lake.root]
    overtaken(lake, held.token + 1)
    asked = iter([True] * looks)
    monkeypatch.setattr(held, "still_ours", lambda: next(asked, False))


@contextmanager
def told(lake: Lake) -> Iterator[None]:
    """A run that ends because it lost the lease."""
    with pytest.raises(TryAgain, match="took over"), writer_lease(lake, "stopped"):
        yield


def test_new_columns_keep_their_comments_and_the_rows(lake: Lake) -> None:
    lake.append(TOYS, toys(lake, "first"))
    with writer_lease(lake, "next"):
        lake.ensure(COLOURED)
    stored = lake.spark.read.format("delta").load(lake.path(TOYS))
    assert [(row["toy_id"], row["colour"]) for row in stored.collect()] == [("first", None)]
    assert stored.schema["colour"].metadata["comment"] == "Colour, in English"
    assert stored.schema["toy_id"].metadata["comment"] == "Toy"


def test_new_columns_that_begin_behind_the_fence_are_dropped_and_told(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.append(TOYS, toys(lake, "first"))
    with told(lake):
        lose(lake, monkeypatch)
        lake.ensure(COLOURED)
    assert lake.small_tables.column_names(TOYS) == ["toy_id", "price"]


@pytest.mark.parametrize("table", [TOYS, SHELVES], ids=["clustered", "plain"])
def test_a_table_created_behind_the_fence_is_empty_and_told(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, table: Table
) -> None:
    """No fence can stand in a table that is not there yet: but nothing comes into it."""
    row = lake.spark.createDataFrame([("late", 1.0, 1)], "toy_id string, price double, shelf int")
    with told(lake):
        lose(lake, monkeypatch)
        lake.append(table, row)
    assert lake.read(table).count() == 0


def test_compaction_that_the_fence_overtakes_conflicts(lake: Lake) -> None:
    shelves = lake.spark.range(MANY).select(F.col("id").cast("int").alias("shelf"), F.col("id").cast("string"))
    rows = shelves.withColumnRenamed("id", "toy_id")
    for _ in range(2):
        lake.append(SHELVES, rows)
    folder = Path(lake.path(SHELVES))
    before = set(lake.small_tables._open(SHELVES).file_uris())  # type: ignore[union-attr]
    files = set(folder.rglob("*.parquet"))

    def overtake_when_it_writes(token: int) -> None:
        until = time.monotonic() + 60
        while set(folder.rglob("*.parquet")) <= files and time.monotonic() < until:
            time.sleep(0.01)
        overtaken(lake, token)

    def compact() -> None:
        successor = threading.Thread(target=overtake_when_it_writes, args=(fence_module.token_of(lake.root) + 1,))
        successor.start()
        try:
            compact_and_vacuum(lake, SHELVES, A_MONTH)
        finally:
            successor.join()

    with pytest.raises(TryAgain), writer_lease(lake, "stopped"):
        compact()
    assert set(lake.small_tables._open(SHELVES).file_uris()) == before  # type: ignore[union-attr]


def test_vacuum_asks_for_the_lease(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    with writer_lease(lake, "before"):
        lake.append(TOYS, toys(lake, "first"))
        compact_and_vacuum(lake, TOYS, A_MONTH)
    stray = Path(lake.path(TOYS), "part-stray.parquet")
    stray.write_bytes(b"of a killed run")
    os.utime(stray, (OLD, OLD))
    # The two looks around the compaction.
    with told(lake):
        lose(lake, monkeypatch, looks=2)
        compact_and_vacuum(lake, TOYS, A_MONTH)
    assert stray.exists()
    assert content(lake) == ["first"]
    compact_and_vacuum(lake, TOYS, A_MONTH)
    assert not stray.exists()
