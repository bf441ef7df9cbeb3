"""The bookkeeping tables: commits that race have one winner."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest

from energy_lib.errors import TryAgain
from energy_lib.lake.small_tables import SmallTables
from energy_lib.tables import ops


def lease(holder: str) -> dict[str, object]:
    now = datetime(2024, 1, 1, tzinfo=UTC)
    row = {"lease": "writer", "holder": holder, "host": "h", "pid": 1, "process_started": "1"}
    return {**row, "renewed_at_utc": now}


def test_of_writers_that_read_the_same_version_one_wins(tmp_path: Path) -> None:
    tables = SmallTables(str(tmp_path))
    tables.create(ops.LEASES, [lease("")])
    together = Barrier(4)

    def take(holder: str) -> str | None:
        version = tables.version(ops.LEASES)
        together.wait()
        try:
            tables.replace(ops.LEASES, [lease(holder)], version)
        except TryAgain:
            return None
        return holder

    with ThreadPoolExecutor(4) as pool:
        winners = [holder for holder in pool.map(take, "abcd") if holder]
    assert len(winners) == 1
    assert [row["holder"] for row in tables.rows(ops.LEASES)] == winners


def test_of_writers_that_create_the_table_together_one_set_of_rows_remains(tmp_path: Path) -> None:
    together = Barrier(4)

    def create(holder: str) -> None:
        together.wait()
        SmallTables(str(tmp_path)).create(ops.LEASES, [lease(holder)])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(create, "abcd"))
    assert len(SmallTables(str(tmp_path)).rows(ops.LEASES)) == 1


def test_a_writer_that_read_an_older_version_is_refused(tmp_path: Path) -> None:
    tables = SmallTables(str(tmp_path))
    tables.create(ops.LEASES, [lease("")])
    tables.replace(ops.LEASES, [lease("a")], 0)
    with pytest.raises(TryAgain, match="run this job again"):
        tables.replace(ops.LEASES, [lease("b")], 0)
    assert tables.rows(ops.LEASES)[0]["holder"] == "a"


def test_a_process_may_end_as_soon_as_it_has_read(tmp_path: Path) -> None:
    """Arrow's threads that call Python while it ends would abort it: two times in three, with delta-rs' handler."""
    SmallTables(str(tmp_path)).create(ops.LEASES, [lease("")])
    read = (
        "import sys; from energy_lib.lake.small_tables import SmallTables; from energy_lib.tables import ops; "
        "assert len(SmallTables(sys.argv[1]).rows(ops.LEASES)) == 1"
    )
    codes = [subprocess.run([sys.executable, "-c", read, str(tmp_path)]).returncode for _ in range(5)]
    assert codes == [0] * 5
