"""What is small, read and written without Spark: bookkeeping, reference tables, a night's few rows.

delta-rs commits in milliseconds, and its commit is put-if-absent on a local disk. Spark's is not between two
processes there, and a lease must be. Of object stores see docs/operations.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, QueryBuilder, Schema, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from pyarrow import fs

from energy_lib.errors import TryAgain
from energy_lib.lake.fence import fenced, require_lease
from energy_lib.lake.small_merge import Changes, bounds, compare, partitions_of
from energy_lib.lake.table_lock import table_lock
from energy_lib.tables import Table, ops
from energy_lib.tables.arrow import arrow_schema, schema_of

# A commit goes to the version after the one read, or fails: tried again, a lost `create` would append its rows.
NEXT_VERSION_ONLY = CommitProperties(max_commit_retries=0)
# What delta-rs can write: not, for instance, tables with clustering.
WRITABLE_FEATURES = frozenset({"invariants", "changeDataFeed", "appendOnly"})
# What a commit of nothing but new files may meet: its rows have passed the gate, which asks more than the invariants.
FEATURES_OF_FILES = WRITABLE_FEATURES | {"clustering", "domainMetadata"}
# Up to so many rows are worth writing without Spark, into as many bytes of files that a MERGE may have to rewrite.
SMALL_ROWS = 100_000
SMALL_BYTES = 64 << 20
Some: TypeAlias = list[dict[str, Any]] | pa.Table


@contextmanager
def race(root: str) -> Iterator[None]:
    """Turn a lost commit race into TryAgain (exit 75)."""
    try:
        yield
    except CommitFailedError as error:
        raise TryAgain(f"Another run wrote to {root} first: run this job again.") from error


class SmallTables:
    """Tables below a lake's root, read as lists of dicts or as Arrow tables, and written from either.

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

    def column_names(self, table: Table) -> list[str]:
        """Columns of the table as it is stored; none if there is no table."""
        opened = self._open(table)
        return [] if opened is None else [field.name for field in opened.schema().fields]

    def read(self, table: Table, columns: Sequence[str] = (), where: str = "TRUE") -> pa.Table:
        """Rows that meet a condition in delta-rs' SQL, in these columns (none: all); no rows if there is no table.

        Columns that were declared since the table was made are null.
        """
        names = columns or table.column_names
        opened = self._open(table)
        return schema_of(table, names).empty_table() if opened is None else self._rows(table, opened, names, where)

    def _rows(self, table: Table, opened: DeltaTable, names: Sequence[str], where: str) -> pa.Table:
        schema, stored = schema_of(table, names), {field.name for field in opened.schema().fields}
        selected = ", ".join(f'"{name}"' for name in names if name in stored)
        found = QueryBuilder().register("t", opened).execute(f"SELECT {selected} FROM t WHERE {where}").read_all()
        columns_read = [
            # This Arrow does not know the views that texts come in. Chunk by chunk: else it takes value by value.
            pa.chunked_array(map(pa.array, found.column(field.name).cast(field.type).chunks), field.type)
            if field.name in stored
            else pa.nulls(found.num_rows, field.type)
            for field in schema
        ]
        return pa.Table.from_arrays(columns_read, schema=schema)

    def rows(self, table: Table) -> list[dict[str, Any]]:
        """All rows; none if there is no table."""
        rows: list[dict[str, Any]] = self.read(table).to_pylist()
        return rows

    def version_and_rows(self, table: Table) -> tuple[int, list[dict[str, Any]]]:
        """Newest version of a table that is there, and its rows."""
        opened = DeltaTable(self.path(table))
        rows: list[dict[str, Any]] = self._rows(table, opened, table.column_names, "TRUE").to_pylist()
        return opened.version(), rows

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
        with nullcontext() if table == ops.LEASES else fenced(self.root):
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

    def create_empty(self, table: Table, properties: Mapping[str, str]) -> None:
        """Create the table with its schema, comments, partitions and Delta properties; nothing if it exists."""
        with race(self.root), fenced(self.root), table_lock(self.root, table):
            DeltaTable.create(
                self.path(table),
                schema=Schema.from_arrow(arrow_schema(table)),
                mode="ignore",
                partition_by=list(table.partition_by) or None,
                name=table.name,
                description=table.comment,
                configuration=dict(properties),
            )

    def append(self, table: Table, rows: Some) -> None:
        """Append, to a table created first if need be."""
        if self._open(table) is None:
            self.create(table, [])
        with table_lock(self.root, table):
            self._commit(table, DeltaTable(self.path(table)), rows, "append")

    def replace(self, table: Table, rows: list[dict[str, Any]], read_version: int) -> int:
        """Replace all rows and return the new version; raises TryAgain if the table is no longer at `read_version`."""
        opened = DeltaTable(self.path(table))
        if opened.version() != read_version:
            raise TryAgain(f"Another run wrote to {self.root} first: run this job again.")
        self._commit(table, opened, rows, "overwrite")
        return read_version + 1

    def _commit(self, table: Table, opened: DeltaTable, rows: Some, mode: Any, where: str | None = None) -> None:
        """Commit the version after the opened one, or raise TryAgain; overwritten are the partitions of `where`.

        The lease is asked after the table was opened: a run that takes the lease over later commits to the table.
        """
        if table != ops.LEASES:
            require_lease(self.root)
        new_columns = {field.name for field in opened.schema().fields} != set(table.column_names)
        # A table made before a column was declared gets it with the next rows.
        schema_mode: Any = None if not new_columns else "overwrite" if (mode, where) == ("overwrite", None) else "merge"
        with race(self.root):
            write_deltalake(
                opened,
                self._arrow(table, rows),
                mode=mode,
                predicate=where,
                schema_mode=schema_mode,
                commit_properties=NEXT_VERSION_ONLY,
            )

    def writes(self, table: Table, rows: pa.Table) -> bool:
        """Whether `rows` are few, and for a table that delta-rs writes."""
        opened = self._open(table)
        return (
            opened is not None
            and rows.num_rows <= SMALL_ROWS
            and WRITABLE_FEATURES.issuperset(opened.protocol().writer_features or ())
        )

    def takes_files(self, table: Table) -> bool:
        """Whether files may be added to the table as they are, by a commit that says no more of them."""
        opened = DeltaTable(self.path(table))
        mapping = opened.metadata().configuration.get("delta.columnMapping.mode", "none")
        return mapping == "none" and FEATURES_OF_FILES.issuperset(opened.protocol().writer_features or ())

    def checkpoint(self, table: Table) -> None:
        """Write a checkpoint of the newest version, of a table that delta-rs may write."""
        opened = DeltaTable(self.path(table))
        if WRITABLE_FEATURES.issuperset(opened.protocol().writer_features or ()):
            opened.create_checkpoint()

    def compare(
        self, table: Table, rows: pa.Table, gone: pa.Table | None, *, insert_only: bool, prune: bool
    ) -> Changes | None:
        """What a MERGE of `rows` and `gone` changes; None if there is too much to compare in memory."""
        opened = self._open(table)
        keys = rows if gone is None else pa.concat_tables([rows, gone])
        if opened is None or keys.num_rows > SMALL_ROWS or self._bytes_beside(opened, table, keys) > SMALL_BYTES:
            return None
        whole = self.can_rewrite(table, rows)
        where = partitions_of(table, keys) if whole else bounds(table, keys) if prune else "TRUE"
        return compare(table, self.read(table, where=where), rows, gone, where, insert_only=insert_only)

    def can_rewrite(self, table: Table, rows: pa.Table) -> bool:
        """Whether a change may be a new copy of the table's partitions: keys name these, and it leaves nothing out."""
        left_out = table.cluster_by or table.change_feed or table.appended_by_streams
        return set(table.partition_by) <= set(table.key) and not left_out and self.writes(table, rows)

    def rewrite(self, table: Table, changes: Changes) -> None:
        """Write the compared partitions anew, as `changes` make them: whole ones, or the table that has none."""
        rows = pa.concat_tables([changes.kept, changes.changed, changes.new])
        self._commit(
            table, DeltaTable(self.path(table)), rows, "overwrite", changes.where if table.partition_by else None
        )

    def _bytes_beside(self, opened: DeltaTable, table: Table, rows: pa.Table) -> int:
        """Bytes of the files that share a partition with `rows`: what a MERGE may have to read."""
        files = pa.table(opened.get_add_actions(flatten=True))
        here = {tuple(row.values()) for row in rows.select(list(table.partition_by)).to_pylist()}
        sizes = zip(
            files["size_bytes"].to_pylist(),
            *(files[f"partition.{name}"].to_pylist() for name in table.partition_by),
            strict=True,
        )
        return sum(size for size, *partition in sizes if tuple(partition) in here or not table.partition_by)

    def _open(self, table: Table) -> DeltaTable | None:
        try:
            return DeltaTable(self.path(table))
        except TableNotFoundError:
            return None

    def _arrow(self, table: Table, rows: Some) -> pa.Table:
        return rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(rows, schema=arrow_schema(table))
