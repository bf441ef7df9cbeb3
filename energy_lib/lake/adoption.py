"""Staged files become a table's files: moved into its folder and added to its log, in one commit, without Spark."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F

from energy_lib.errors import BadConfig, TryAgain
from energy_lib.lake.delta_tables import Lake
from energy_lib.lake.fence import fenced, require_lease, token_of
from energy_lib.lake.frames import conform, staging_options
from energy_lib.lake.log_entries import VERSIONS_PER_CHECKPOINT, opening_actions, put_entry
from energy_lib.lake.spark_schemas import spark_schema
from energy_lib.lake.staging import Batch, remove
from energy_lib.lake.table_files import FileSink, add_actions
from energy_lib.lake.table_lock import table_lock
from energy_lib.tables import Table


@dataclass(frozen=True)
class FileBatch(Batch):
    """A batch whose files are in the table's own format: `files`, below `folder`."""

    folder: str
    files: tuple[str, ...]


def takes_files(lake: Lake) -> bool:
    """Whether staged files can become a table's: on a disk, where moving them costs nothing."""
    return "://" not in lake.root


@contextmanager
def staged_files(
    lake: Lake, table: Table, write: Callable[[FileSink], Iterable[tuple[str, int]]]
) -> Iterator[FileBatch]:
    """Let workers write a batch of `table` to staging; the files that were not added to it are removed at the end.

    `write`: has the files written to the sink, and gives their names and rows.

    >>> with staged_files(lake, table, lambda sink: parse_to_files(offers, sink)) as batch:
    ...     gate(batch.rows, table)
    ...     add_files(lake, table, batch)
    """
    with _staging_folder(lake, table) as folder:
        written = dict(write(FileSink(table, folder)))
        # A task that ran twice leaves a second file, which it does not name.
        for path in Path(folder).rglob("*.parquet"):
            if str(path.relative_to(folder)) not in written:
                path.unlink()
        _require_written(Path(folder), written)
        yield FileBatch(_read(lake, table, folder), sum(written.values()), folder, tuple(written))


@contextmanager
def staged_as_files(lake: Lake, table: Table, rows: DataFrame) -> Iterator[FileBatch]:
    """Have Spark write `rows`, conformed to a partitioned table, to staging in the table's own format."""
    with _staging_folder(lake, table) as folder:
        written = Observation()
        counted = conform(rows, table).observe(written, F.count(F.lit(1)).alias("rows"))
        writer = counted.write.mode("append").options(**staging_options(rows)).partitionBy(*table.partition_by)
        writer.parquet(folder)
        files = tuple(sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*.parquet")))
        yield FileBatch(_read(lake, table, folder), int(written.get["rows"]), folder, files)


@contextmanager
def _staging_folder(lake: Lake, table: Table) -> Iterator[str]:
    folder = f"{lake.root}/_staging/{table.layer}.{table.name}.files.{token_of(lake.root)}"
    remove(lake.spark, folder)
    Path(folder).mkdir(parents=True)
    try:
        yield folder
    finally:
        remove(lake.spark, folder)


def _require_written(folder: Path, written: dict[str, int]) -> None:
    """Hold what workers say that they wrote against what lies there."""
    for file, rows in written.items():
        path = folder / file
        there = pq.read_metadata(path).num_rows if path.exists() else 0
        if there != rows:
            raise BadConfig(
                f"A worker wrote {rows:,} rows to {path}, where this process finds {there:,}: a lake on a disk needs "
                "one that all machines of the cluster share."
            )


def _read(lake: Lake, table: Table, folder: str) -> DataFrame:
    return lake.spark.read.schema(spark_schema(table)).parquet(folder).select(*table.column_names)


def add_files(lake: Lake, table: Table, batch: FileBatch) -> None:
    """Append the batch by its files. The caller knows that their keys are new: nothing checks it.

    Spark writes it instead where the files cannot be moved, or where the table asks more of a commit. A run that is
    killed before the commit leaves files that no version names, as Spark does; `maintain` removes them. Raises TryAgain
    if another run commits to the table first.
    """
    lake.ensure(table)
    home = Path(lake.path(table))
    if not lake.small_tables.takes_files(table) or Path(batch.folder).stat().st_dev != home.stat().st_dev:
        lake.append(table, batch.frame)
        return
    actions = add_actions(Path(batch.folder), batch.files, table)
    with table_lock(lake.root, table):
        version = _move_and_commit(lake, table, batch, actions)
    if version % VERSIONS_PER_CHECKPOINT == 0:
        lake.small_tables.checkpoint(table)


def _move_and_commit(lake: Lake, table: Table, batch: FileBatch, actions: list[dict[str, Any]]) -> int:
    """Move the files into the table's folder and put them into its log; the version."""
    home = Path(lake.path(table))
    # Read before the lease is looked at: a run that takes the lease over commits to the table.
    version = lake.version(table) + 1
    with fenced(lake.root) as number:
        try:
            for file in batch.files:
                (home / file).parent.mkdir(parents=True, exist_ok=True)
                Path(batch.folder, file).rename(home / file)
        except FileNotFoundError:
            # A run that takes the lease over removes what was staged.
            require_lease(lake.root)
            raise
        entry = [*opening_actions("WRITE", {"mode": "Append"}, number), *actions]
        if not put_entry(home / "_delta_log", version, entry):
            raise TryAgain("Another run committed to the same table first: run this job again.")
    return version
