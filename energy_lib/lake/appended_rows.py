"""Rows that are new with a version of a table; without Spark, and without a change feed.

The log says which files a version added and removed. What compaction writes anew (`dataChange: false`), or a MERGE that
takes a file's other rows along, is no news. Source: Delta protocol, section "Add File and Remove File".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.tables import Table
from energy_lib.tables.arrow import arrow_schema, conform_arrow


def appended_rows(root: str, table: Table, version: int) -> pa.Table | None:
    """The rows of keys that the version before had not; None if log and files do not reach back to it any more."""
    folder = Path(root, table.layer, table.name)
    try:
        entry = list(_entry(folder, version))
        added, removed = (_read(folder, table, _changed(entry, kind)) for kind in ("add", "remove"))
    except FileNotFoundError:
        return None
    if not removed.num_rows:
        return added
    before = set(_keys(removed, table))
    return added.filter(pa.array([key not in before for key in _keys(added, table)], pa.bool_()))


def oldest_version(root: str, table: Table) -> int:
    """The first version whose entry is in the log; the others are gone, or were there before the table was."""
    names = (entry.stem for entry in Path(root, table.layer, table.name, "_delta_log").glob("*.json"))
    return min((int(name) for name in names if name.isdigit()), default=0)


def version_before(root: str, table: Table, newest: int, time: str, reach: timedelta) -> int:
    """The version to begin at so that rows of the last `reach` before the newest row are read; `time`: their column.

    With an empty table, or a reach of nothing, the one after `newest`.
    """
    begin, since = newest + 1, None
    if not reach:
        return begin
    for version in range(newest, oldest_version(root, table) - 1, -1):
        rows = appended_rows(root, table, version)
        if rows is None:
            break
        last: datetime | None = pc.max(rows[time]).as_py()
        if last is None:
            continue
        since = last - reach if since is None else since
        if last < since:
            break
        begin = version
    return begin


def _entry(folder: Path, version: int) -> Iterator[dict[str, Any]]:
    with Path(folder, "_delta_log", f"{version:020d}.json").open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def _changed(entry: Iterable[dict[str, Any]], kind: str) -> list[str]:
    return [unquote(action[kind]["path"]) for action in entry if action.get(kind, {}).get("dataChange")]


def _read(folder: Path, table: Table, files: Iterable[str]) -> pa.Table:
    # This Arrow opens no file that delta-rs merged: it does not know the views that texts come in.
    read = (pl.read_parquet(folder / file, glob=False).to_arrow(compat_level=pl.CompatLevel.oldest()) for file in files)
    parts = [conform_arrow(part, table) for part in read]
    return pa.concat_tables([arrow_schema(table).empty_table(), *parts])


def _keys(rows: pa.Table, table: Table) -> Iterator[tuple[Any, ...]]:
    return zip(*(rows[name].to_pylist() for name in table.key), strict=True)
