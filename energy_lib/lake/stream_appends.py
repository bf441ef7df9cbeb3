"""Appends of a stream: rows and how far the stream has been read, in one commit, so that no message comes twice.

A commit carries a Delta transaction (`txn`) for each sequence it read from, whose version is the next position there.
Whoever appends asks for these versions first, and goes on from them: after a kill, with a checkpoint that was lost, or
beside another process that reads the same. Source: Delta protocol, section "Transaction Identifiers".
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable

from energy_lib.errors import TryAgain
from energy_lib.lake.log_entries import VERSIONS_PER_CHECKPOINT, opening_actions, put_entry
from energy_lib.lake.small_tables import SmallTables
from energy_lib.lake.table_files import FileSink, add_actions
from energy_lib.lake.table_lock import table_lock
from energy_lib.tables import Table
from energy_lib.tables.arrow import arrow_schema


def positions(root: str, table: Table, sequences: Iterable[str]) -> dict[str, int]:
    """sequence -> next position to read, of the sequences that were read into the table."""
    opened = DeltaTable(SmallTables(root).path(table))
    found = {name: opened.transaction_version(name) for name in sequences}
    return {name: version for name, version in found.items() if version is not None}


def append_files(
    root: str, table: Table, files: Iterable[str], read_from: Mapping[str, int], read_to: Mapping[str, int]
) -> int:
    """Add files that lie in the table's folder, and say that the sequences are read up to `read_to`; the new version.

    `read_from`: the positions at which the batch began. Raises TryAgain if the table has others: another process reads
    the same.
    """
    tables = SmallTables(root)
    home = Path(tables.path(table))
    actions = add_actions(home, files, table)
    with table_lock(root, table):
        opened = DeltaTable(str(home))
        for name, begun in read_from.items():
            there = opened.transaction_version(name)
            if there is not None and there != begun:
                raise TryAgain(
                    f"Another process has read {name} up to {there:,} into {table.full_name}: stop one of them."
                )
        version = opened.version() + 1
        opening = opening_actions("STREAMING UPDATE", {"outputMode": "Append"}, None)
        entry = [*opening, *_transactions(read_to), *actions]
        # A run that takes the lease over puts its numbers into the log without the lock.
        while not put_entry(home / "_delta_log", version, entry):
            version += 1
    if version % VERSIONS_PER_CHECKPOINT == 0:
        tables.checkpoint(table)
    return version


def append_rows(
    root: str, table: Table, rows: Sequence[Mapping[str, Any]], read_from: Mapping[str, int], read_to: Mapping[str, int]
) -> int:
    """As `append_files`, of a few rows in the table's columns, or of none; a batch that is refused leaves no file."""
    home = SmallTables(root).path(table)
    files = [FileSink(table, home).write(pa.Table.from_pylist(list(rows), schema=arrow_schema(table)))] if rows else []
    try:
        return append_files(root, table, files, read_from, read_to)
    except TryAgain:
        for file in files:
            Path(home, file).unlink(missing_ok=True)
        raise


def _transactions(read_to: Mapping[str, int]) -> list[dict[str, Any]]:
    now = time.time_ns() // 1_000_000
    return [
        {"txn": {"appId": name, "version": position, "lastUpdated": now}} for name, position in sorted(read_to.items())
    ]
