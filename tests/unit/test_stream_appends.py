"""A stream's append: rows and positions in one commit, beside the commits of a night."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from energy_lib.errors import TryAgain
from energy_lib.lake import table_lock
from energy_lib.lake.fence_commits import fence_off_local
from energy_lib.lake.small_tables import SmallTables
from energy_lib.lake.stream_appends import append_files, positions
from energy_lib.lake.table_files import FileSink
from energy_lib.tables.arrow import arrow_schema
from energy_lib.tables.table import Table, required

NOTES = Table(
    layer="bronze",
    name="notes",
    comment="A table that streams append to.",
    columns=(required("note", "string", "What it says"),),
    key=("note",),
    appended_by_streams=True,
)


@pytest.fixture
def root(tmp_path: Path) -> str:
    SmallTables(str(tmp_path)).create_empty(NOTES, {})
    return str(tmp_path)


def notes(*texts: str) -> pa.Table:
    return pa.table({"note": list(texts)}, schema=arrow_schema(NOTES))


def written(root: str, *texts: str) -> list[str]:
    return [FileSink(NOTES, f"{root}/bronze/notes").write(notes(*texts))]


def texts(root: str) -> list[str]:
    return sorted(row["note"] for row in SmallTables(root).rows(NOTES))


def test_who_comes_second_finds_the_table_created(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        for lake in range(5):
            tables = SmallTables(str(tmp_path / str(lake)))
            list(pool.map(lambda _, at=tables: at.create_empty(NOTES, {}), range(8)))
            assert tables.version(NOTES) == 0


def test_rows_and_positions_come_in_one_version(root: str) -> None:
    assert positions(root, NOTES, ["a", "b"]) == {}
    version = append_files(root, NOTES, written(root, "x", "y"), {}, {"a": 2})
    assert (version, texts(root), positions(root, NOTES, ["a", "b"])) == (1, ["x", "y"], {"a": 2})


def test_a_batch_that_another_process_has_published_is_refused(root: str) -> None:
    append_files(root, NOTES, written(root, "x"), {"a": 0}, {"a": 1})
    for read_from in ({"a": 0}, {"a": 5}):
        with pytest.raises(TryAgain, match="Another process has read a up to 1"):
            append_files(root, NOTES, written(root, "again"), read_from, {"a": 6})
    assert (texts(root), positions(root, NOTES, ["a"])) == (["x"], {"a": 1})


def test_positions_outlive_checkpoints_and_the_log_before_them(root: str) -> None:
    for number in range(25):
        append_files(root, NOTES, written(root, f"{number:02d}"), {"a": number} if number else {}, {"a": number + 1})
    log = Path(root, "bronze/notes/_delta_log")
    assert (log / "00000000000000000020.checkpoint.parquet").exists()
    for entry in sorted(log.glob("*.json"))[:20]:
        entry.unlink()
    assert positions(root, NOTES, ["a"]) == {"a": 25}
    assert len(texts(root)) == 25


def test_a_night_appends_and_takes_the_lease_over_between_batches(root: str) -> None:
    append_files(root, NOTES, written(root, "x"), {}, {"a": 1})
    SmallTables(root).append(NOTES, notes("night"))
    fence_off_local(root, 7)
    append_files(root, NOTES, written(root, "y"), {"a": 1}, {"a": 2})
    assert texts(root) == ["night", "x", "y"]
    assert DeltaTable(f"{root}/bronze/notes").version() == 4


def test_a_stream_waits_for_the_commit_of_a_night(root: str) -> None:
    done: list[int] = []
    with table_lock.table_lock(root, NOTES):
        stream = threading.Thread(
            target=lambda: done.append(append_files(root, NOTES, written(root, "x"), {}, {"a": 1}))
        )
        stream.start()
        time.sleep(0.3)
        assert not done, "the stream committed while a commit of the night was under way"
    stream.join(timeout=10)
    assert (done, texts(root)) == ([1], ["x"])


def test_a_lock_that_nobody_gives_back_is_one_sentence(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_lock, "LONGEST_WAIT_SECONDS", 0.1)
    held = os.open(Path(root, "_locks", "bronze.notes.lock"), os.O_RDWR | os.O_CREAT)
    fcntl.flock(held, fcntl.LOCK_EX)
    with pytest.raises(TryAgain, match=r"Another process holds bronze\.notes"), table_lock.table_lock(root, NOTES):
        pass
    os.close(held)
