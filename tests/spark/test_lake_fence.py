"""The fence around Spark's commits: what a former holder of the lease began, or begins, does not reach a table."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from deltalake import DeltaTable as DeltaRs
from fenced_lakes import TOYS, content, overtaken, toys
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.errors import TryAgain
from energy_lib.lake import Lake, writer_lease
from energy_lib.lake import fence as fence_module
from energy_lib.lake.lease import process_stat
from energy_lib.tables import ops

WRITES: dict[str, Callable[[Lake, DataFrame], None]] = {
    "append": lambda lake, rows: lake.append(TOYS, rows),
    "upsert": lambda lake, rows: lake.upsert(TOYS, rows),
    "replace_where": lambda lake, rows: lake.replace_where(TOYS, rows, "toy_id = 'late'"),
    "delete": lambda lake, rows: lake.delete(TOYS, F.col("toy_id") == "first"),
}


@pytest.mark.parametrize("write", WRITES)
def test_a_write_that_begins_behind_the_fence_is_dropped_and_told(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, write: str
) -> None:
    """As if the holder had been stopped between its look at the lease and Delta's look at the table."""

    def write_late() -> None:
        held = fence_module._held[lake.root]
        overtaken(lake, held.token + 1)
        asked = iter([True])
        monkeypatch.setattr(held, "still_ours", lambda: next(asked, False))
        WRITES[write](lake, toys(lake, "late"))

    with writer_lease(lake, "before"):
        lake.append(TOYS, toys(lake, "first"))
    with pytest.raises(TryAgain), writer_lease(lake, "stopped"):
        write_late()
    assert content(lake) == ["first"]


@pytest.mark.parametrize("write", ["append", "upsert", "replace_where"])
def test_a_write_that_the_fence_overtakes_conflicts(lake: Lake, write: str) -> None:
    with writer_lease(lake, "before"):
        lake.append(TOYS, toys(lake, "first"))

    def write_slowly() -> None:
        successor = threading.Timer(1.5, overtaken, (lake, fence_module.token_of(lake.root) + 1))
        successor.start()
        try:
            WRITES[write](lake, toys(lake, "late", slow_seconds=6))
        finally:
            successor.join()

    with pytest.raises(TryAgain), writer_lease(lake, "stopped"):
        write_slowly()
    assert content(lake) == ["first"]


def test_the_successor_writes_and_the_table_opens_everywhere(lake: Lake) -> None:
    with writer_lease(lake, "first"):
        lake.append(TOYS, toys(lake, "a"))
    held: dict[str, Any] = {"holder": "killed", "pid": 2**22 + 1, "process_started": process_stat(1)[1]}
    version, rows = lake.small_tables.version_and_rows(ops.LEASES)
    lake.small_tables.replace(ops.LEASES, [{**rows[0], **held}], version)
    before = lake.version(TOYS)
    with writer_lease(lake, "second"):
        assert lake.version(TOYS) == before + 1
        lake.upsert(TOYS, toys(lake, "b"))
        lake.delete(TOYS, F.col("toy_id") == "a")
    assert content(lake) == ["b"]
    assert DeltaRs(lake.path(TOYS)).to_pyarrow_table()["toy_id"].to_pylist() == ["b"]
    assert [row["toy_id"] for row in lake.changes(TOYS, before).collect()] == ["b"]
