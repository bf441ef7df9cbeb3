"""A table's history, forgotten: its log begins anew at the newest version, and the files of all others are removed.

Delta keeps what was deleted: in files that older versions name, in change feeds, and in the log, whose entries hold
conditions and the least and greatest value of each column. VACUUM removes only the first two, and only when they are
old. After this there is one version, that of now: no time travel, and no change feed of before.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from deltalake import DeltaTable

from energy_lib.errors import BadConfig, TryAgain
from energy_lib.lake.delta_tables import Lake
from energy_lib.lake.fence import fenced
from energy_lib.lake.log_entries import opening_actions, put_entry
from energy_lib.lake.run_ledger import move_progress, newest_readers
from energy_lib.lake.table_lock import table_lock
from energy_lib.tables import Table, ops

# What commits are marked by that no reader of changes needs to see.
MARK = "forgotten"
_USER_METADATA = "spark.databricks.delta.commitInfo.userMetadata"
# A stream's batch writes its files and commits them within seconds: until then no version names them.
YOUNG_SECONDS = 3600.0


@contextmanager
def marked_commits(lake: Lake) -> Iterator[None]:
    """Mark the commits of Spark within: those that read changes are taken past them by `forget_history`."""
    lake.spark.conf.set(_USER_METADATA, MARK)
    try:
        yield
    finally:
        lake.spark.conf.unset(_USER_METADATA)


def require_read(lake: Lake, tables: tuple[Table, ...]) -> None:
    """Raises TryAgain if a job has not read all changes of a table yet: without its history it never could."""
    by_name = {table.full_name: table for table in tables}
    for row in newest_readers(lake.small_tables.rows(ops.PROGRESS)):
        table = by_name.get(row["table_name"])
        if table is not None and _has_unread(Path(lake.path(table)) / "_delta_log", int(row["version"])):
            raise TryAgain(
                f"{row['job']} has not read all of {table.full_name} yet: stop the streams, run the night "
                "(jobs/nightly.py), then this again."
            )


def _has_unread(log: Path, version: int) -> bool:
    entries = {int(path.stem): path for path in log.glob("*.json") if path.stem.isdigit()}
    newest = max(entries, default=-1)
    return any(number not in entries or _changes_rows(entries[number]) for number in range(version + 1, newest + 1))


def _changes_rows(entry: Path) -> bool:
    actions = list(_actions(entry))
    if any(action.get("commitInfo", {}).get("userMetadata") == MARK for action in actions):
        return False
    return any(action.get(kind, {}).get("dataChange") for action in actions for kind in ("add", "remove"))


def _actions(entry: Path) -> Iterator[dict[str, Any]]:
    yield from map(json.loads, entry.read_text(encoding="utf-8").splitlines())


def forget_history(lake: Lake, table: Table) -> int:
    """Leave of the table what it holds now, and nothing else; returns how many files went.

    Jobs that read its changes go on from now: see require_read. It can be done again after a kill at any point. Raises
    BadConfig for a lake in an object store, TryAgain if the lease is lost or a stream commits meanwhile.
    """
    if "://" in lake.root:
        raise BadConfig(f"lake {lake.root}: the history of tables can be forgotten on a disk alone.")
    home = Path(lake.path(table))
    log = home / "_delta_log"
    with table_lock(lake.root, table):
        # A stream may have appended since the caller looked.
        require_read(lake, (table,))
        named = _named_files(log)
        version = lake.version(table) + 1
        with fenced(lake.root) as number:
            if not put_entry(log, version, opening_actions("FORGET HISTORY", {}, number)):
                raise TryAgain("Another run committed to the same table first: run this job again.")
        _checkpoint(lake, table)
        move_progress(lake, table, version)
        with fenced(lake.root):
            gone = [path for path in log.iterdir() if path.is_file() and _is_before(path, version)]
            gone += _not_live(home, named, young_stay=table.appended_by_streams)
            for path in gone:
                path.unlink(missing_ok=True)
                path.with_name(f".{path.name}.crc").unlink(missing_ok=True)
    return len(gone)


def files_of_the_past(home: Path) -> list[Path]:
    """The files of a table's folder that its newest version does not read its rows from: the log, and all others."""
    live = _live_files(home)
    return [path for path in sorted(home.rglob("*")) if path.is_file() and path.resolve() not in live]


def _live_files(home: Path) -> set[Path]:
    return {Path(uri.removeprefix("file://")).resolve() for uri in DeltaTable(str(home)).file_uris()}


def _checkpoint(lake: Lake, table: Table) -> None:
    """By Delta's own writer, whatever the table's features are; it does not go by what it had read before."""
    jvm = lake.spark.sparkContext._jvm
    assert jvm is not None
    deltas = jvm.org.apache.spark.sql.delta.DeltaLog
    deltas.clearCache()
    deltas.forTable(lake.spark._jsparkSession, lake.path(table)).checkpoint()
    deltas.clearCache()


def _is_before(path: Path, version: int) -> bool:
    """Whether a file of the log is of an earlier version: `<version>.json`, `<version>.checkpoint.parquet`, …"""
    number = path.name.lstrip(".").partition(".")[0]
    return number.isdigit() and int(number) < version


def _named_files(log: Path) -> set[str]:
    """Paths of all data files that entries of the log name, those of change feeds among them."""
    kinds = ("add", "remove", "cdc")
    entries = [path for path in log.glob("*.json") if path.stem.isdigit()]
    return {unquote(a[kind]["path"]) for entry in entries for a in _actions(entry) for kind in kinds if kind in a}


def _not_live(home: Path, named: set[str], *, young_stay: bool) -> list[Path]:
    """Data files that the newest version does not name; with `young_stay` not those that a stream may be writing."""
    live = _live_files(home)
    files = [path for path in home.rglob("*.parquet") if "_delta_log" not in path.parts and path.resolve() not in live]
    if not young_stay:
        return files
    old = time.time() - YOUNG_SECONDS
    return [path for path in files if str(path.relative_to(home)) in named or path.stat().st_mtime < old]
