"""The small bookkeeping tables (runs, progress, lease), read and written without Spark.

delta-rs commits them in milliseconds, and its commit is put-if-absent on every store. Spark's is not between
two processes on a local disk, and a lease must be.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from pyarrow import fs

from energy_lib.errors import TryAgain
from energy_lib.lake.fence import require_lease
from energy_lib.tables import Table, ops
from energy_lib.tables.arrow import arrow_schema

# A commit goes to the version after the one read, or fails: tried again, a lost `create` would append its rows.
NEXT_VERSION_ONLY = CommitProperties(max_commit_retries=0)


@contextmanager
def race(root: str) -> Iterator[None]:
    """Turn a lost commit race into TryAgain (exit 75)."""
    try:
        yield
    except CommitFailedError as error:
        raise TryAgain(f"Another run wrote to {root} first: run this job again.") from error


class SmallTables:
    """Tables of a few rows below a lake's root, as lists of dicts: a row is column name → value.

    Timestamps are aware datetimes in UTC. Commits that lose a race raise TryAgain.
    """

    def __init__(self, root: str) -> None:
        self.root = root

    def path(self, table: Table) -> str:
        return f"{self.root}/{table.layer}/{table.name}"

    def version(self, table: Table) -> int:
        """Newest version; -1 if there is no such table yet."""
        opened = self._open(table)
        return -1 if opened is None else opened.version()

    def empty(self, table: Table) -> bool:
        """Whether there is no row: no table, or no data file in it."""
        opened = self._open(table)
        return opened is None or not opened.file_uris()

    def rows(self, table: Table) -> list[dict[str, Any]]:
        """All rows; none if there is no table."""
        opened = self._open(table)
        return [] if opened is None else opened.to_pyarrow_table(filesystem=self._native(table)).to_pylist()

    def version_and_rows(self, table: Table) -> tuple[int, list[dict[str, Any]]]:
        """Newest version of a table that is there, and its rows."""
        opened = DeltaTable(self.path(table))
        return opened.version(), opened.to_pyarrow_table(filesystem=self._native(table)).to_pylist()

    def has_version(self, table: Table, version: int) -> bool:
        """Whether the table has this version or a later one; on a local disk one look at the log's folder."""
        if "://" in self.root:
            return self.version(table) >= version
        return Path(self.path(table), "_delta_log", f"{version:020d}.json").exists()

    def table_paths(self) -> list[str]:
        """Paths of all tables of a lake in a store, but that of the leases."""
        store, root = fs.FileSystem.from_uri(self.root.replace("s3a://", "s3://", 1))
        layers = [
            info.path for info in store.get_file_info(fs.FileSelector(root)) if not info.base_name.startswith("_")
        ]
        tables = [info.path for layer in layers for info in store.get_file_info(fs.FileSelector(layer))]
        paths = [f"{self.root}{path.removeprefix(root)}" for path in tables]
        return [path for path in paths if path != self.path(ops.LEASES) and DeltaTable.is_deltatable(path)]

    def create(self, table: Table, rows: list[dict[str, Any]]) -> None:
        """Create the table with its first rows; does nothing if it exists, also if another run has just created it."""
        if table != ops.LEASES:
            require_lease(self.root)
        try:
            write_deltalake(
                self.path(table),
                self._arrow(table, rows),
                mode="error",
                name=table.name,
                description=table.comment,
                commit_properties=NEXT_VERSION_ONLY,
            )
        except (DeltaError, CommitFailedError):
            if self._open(table) is None:
                raise

    def append(self, table: Table, rows: list[dict[str, Any]]) -> None:
        """Append, to a table created first if need be."""
        if self._open(table) is None:
            self.create(table, [])
        self._commit(table, DeltaTable(self.path(table)), rows, "append")

    def replace(self, table: Table, rows: list[dict[str, Any]], read_version: int) -> int:
        """Replace all rows and return the new version; raises TryAgain if the table is no longer at `read_version`."""
        opened = DeltaTable(self.path(table))
        if opened.version() != read_version:
            raise TryAgain(f"Another run wrote to {self.root} first: run this job again.")
        self._commit(table, opened, rows, "overwrite")
        return read_version + 1

    def _commit(self, table: Table, opened: DeltaTable, rows: list[dict[str, Any]], mode: Any) -> None:
        """Commit the version after the opened one, or raise TryAgain.

        The lease is asked after the table was opened: a run that takes the lease over later commits to the table.
        """
        if table != ops.LEASES:
            require_lease(self.root)
        new_columns = {field.name for field in opened.schema().fields} != set(table.column_names)
        # A table made before a column was declared gets it with the next rows.
        schema_mode: Any = None if not new_columns else "overwrite" if mode == "overwrite" else "merge"
        with race(self.root):
            write_deltalake(
                opened,
                self._arrow(table, rows),
                mode=mode,
                schema_mode=schema_mode,
                commit_properties=NEXT_VERSION_ONLY,
            )

    def _open(self, table: Table) -> DeltaTable | None:
        try:
            return DeltaTable(self.path(table))
        except TableNotFoundError:
            return None

    def _native(self, table: Table) -> fs.FileSystem | None:
        """Arrow's own access to a local table; None: delta-rs' handler, which is Python.

        One of Arrow's threads that still calls Python while a short job exits aborts the process (134, not 75).
        """
        return None if "://" in self.root else fs.SubTreeFileSystem(self.path(table), fs.LocalFileSystem())

    def _arrow(self, table: Table, rows: list[dict[str, Any]]) -> pa.Table:
        return pa.Table.from_pylist(rows, schema=arrow_schema(table))
