"""Reads and writes of the lake's Delta tables by Spark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from delta.tables import DeltaTable
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from energy_lib.errors import InputMissing
from energy_lib.lake.change_feed import changed_rows
from energy_lib.lake.commits import commit_race, fence_off_table
from energy_lib.lake.fence import token_of
from energy_lib.lake.fence_commits import fence_off_local
from energy_lib.lake.frames import conform, with_declared_columns
from energy_lib.lake.small_tables import SmallTables
from energy_lib.lake.spark_merge import spark_merge
from energy_lib.lake.spark_schemas import missing_columns, quoted, spark_schema
from energy_lib.lake.staging import Batch, Rows, remove, staged_batch
from energy_lib.lake.table_lock import table_lock
from energy_lib.lake.table_properties import PLAIN
from energy_lib.tables import Table
from energy_lib.tables.arrow import conform_arrow

# Delta properties that the session gives to every new table.
DEFAULTS = "spark.databricks.delta.properties.defaults."


class Lake:
    """The Delta tables below one root, read and written by Spark.

    `root`: a path or a URI. A table lies at <root>/<layer>/<name>. `small_tables` reads and writes the ops tables
    without Spark. Every write raises TryAgain if another run commits to the same table first.

    >>> lake = Lake(spark, "data/lake")
    >>> lake.read(silver.READINGS).where("superseded_at_utc IS NULL").count()
    """

    def __init__(self, spark: SparkSession, root: str) -> None:
        self.spark = spark
        # A local path is made absolute: the working directory of a cluster's other processes may differ.
        self.root = root.rstrip("/") if "://" in root else str(Path(root).resolve())
        self.small_tables = SmallTables(self.root)

    def path(self, table: Table) -> str:
        return f"{self.root}/{table.layer}/{table.name}"

    def exists(self, table: Table) -> bool:
        return self.version(table) >= 0

    def version(self, table: Table) -> int:
        """Newest Delta version of the table; -1 if there is no such table yet."""
        return self.small_tables.version(table)

    def ensure(self, table: Table) -> None:
        """Create the table empty with its schema, comments and layout, or give it the columns it lacks.

        Raises BadConfig if a column that it lacks may not be NULL.
        """
        stored = self.small_tables.column_names(table)
        if not stored:
            self._create(table)
        elif missing := missing_columns(table, stored):
            self._add_columns(table, missing)

    @contextmanager
    def one_commit(self, table: Table) -> Iterator[None]:
        """Around one commit of Spark to the table: fenced, and apart from those of streams; raises TryAgain."""
        with table_lock(self.root, table), commit_race(self.spark, self.root):
            yield

    def _add_columns(self, table: Table, missing: StructType) -> None:
        """Give the table columns by an append of no rows, which is fenced; ALTER TABLE carries no transaction id."""
        kept = self.spark.read.format("delta").load(self.path(table)).schema
        rows = self.spark.createDataFrame([], StructType([*kept, *missing]))
        with self.one_commit(table):
            rows.write.format("delta").mode("append").option("mergeSchema", "true").save(self.path(table))

    def _create(self, table: Table) -> None:
        properties = {**PLAIN, "delta.enableChangeDataFeed": str(table.change_feed).lower()}
        if not table.cluster_by:
            self.small_tables.create_empty(table, {**self._default_properties(), **properties})
            return
        builder = DeltaTable.createIfNotExists(self.spark).location(self.path(table)).comment(table.comment)
        builder = builder.addColumns(spark_schema(table)).clusterBy(*table.cluster_by)
        for name, value in properties.items():
            builder = builder.property(name, value)
        with self.one_commit(table):
            builder.execute()

    def _default_properties(self) -> dict[str, str]:
        settings = self.spark.conf.getAll
        return {
            f"delta.{key.removeprefix(DEFAULTS)}": value for key, value in settings.items() if key.startswith(DEFAULTS)
        }

    def read(self, table: Table, version: int | None = None) -> DataFrame:
        """The whole table (as of a Delta version), NULL in columns declared since; InputMissing if it is not there."""
        if not self.exists(table):
            raise InputMissing(f"There is no table {table.full_name} in {self.root}: run the job that writes it first.")
        reader = self.spark.read.format("delta")
        if version is not None:
            reader = reader.option("versionAsOf", version)
        return with_declared_columns(reader.load(self.path(table)), table)

    def read_or_empty(self, table: Table) -> DataFrame:
        return self.read(table) if self.exists(table) else self.spark.createDataFrame([], spark_schema(table))

    def changes(self, table: Table, after: int, *, until: int | None = None, deleted: bool = False) -> DataFrame:
        """Rows of the Delta versions after `after`, up to `until`: see change_feed."""
        if after < 0:
            return self.read(table, until)
        if after >= (self.version(table) if until is None else until):
            return self.spark.createDataFrame([], spark_schema(table))
        return changed_rows(self.spark, self.path(table), table, after, until, deleted=deleted)

    def append(self, table: Table, rows: Rows) -> None:
        """Append `rows`, conformed to the table. The caller knows that their keys are new: nothing checks it."""
        self.ensure(table)
        self._append(table, rows)

    def _append(self, table: Table, rows: Rows) -> None:
        if isinstance(rows, pa.Table) and self.small_tables.writes(table, rows):
            self.small_tables.append(table, conform_arrow(rows, table))
            return
        with self.one_commit(table):
            conform(self.frame(rows), table).write.format("delta").mode("append").save(self.path(table))

    def replace_where(self, table: Table, rows: Rows, predicate: str) -> None:
        """Replace, in one commit, the rows that `predicate` (SQL) selects; it must select every new row, too.

        >>> lake.replace_where(gold.FORECASTS, forecasts, "origin_utc = TIMESTAMP '2024-05-30 00:00:00'")
        """
        self.ensure(table)
        with self.one_commit(table):
            (
                conform(self.frame(rows), table)
                .write.format("delta")
                .mode("overwrite")
                .option("replaceWhere", predicate)
                .save(self.path(table))
            )

    def upsert(
        self,
        table: Table,
        rows: Rows,
        *,
        insert_only: bool = False,
        prune: bool = True,
        gone: Rows | None = None,
    ) -> None:
        """MERGE `rows` on the table's key, in one commit. `rows` holds each key once, or Delta fails the MERGE.

        New keys are inserted and changed rows updated, unless the row there is newer by `table.version`. Equal rows
        are not rewritten. `insert_only`: rows that are there stay as they are. `gone`: rows, by key, that leave the
        table. `prune`: the range of `table.time` and of the partition columns in `rows` goes into the condition, so
        that the cost follows `rows` and not the table; only for rows whose key determines these columns.
        """
        self.ensure(table)
        if isinstance(rows, pa.Table) and (gone is None or isinstance(gone, pa.Table)):
            rows, gone = conform_arrow(rows, table), None if gone is None else conform_arrow(gone, table)
            if rows.num_rows == 0 and (gone is None or gone.num_rows == 0):
                return
            changes = self.small_tables.compare(table, rows, gone, insert_only=insert_only, prune=prune)
            if changes is not None:
                if not changes.replaces:
                    if changes.new.num_rows:
                        self._append(table, changes.new)
                    return
                if self.small_tables.can_rewrite(table, rows):
                    self.small_tables.rewrite(table, changes)
                    return
                rows = pa.concat_tables([changes.new, changes.changed])
        source = conform(self.frame(rows), table).withColumn("_gone", F.lit(False))
        if gone is not None:
            source = source.unionByName(conform(self.frame(gone), table).withColumn("_gone", F.lit(True)))
        if self.small_tables.empty(table):
            with self.one_commit(table):
                source.where(~F.col("_gone")).drop("_gone").write.format("delta").mode("append").save(self.path(table))
            return
        target = DeltaTable.forPath(self.spark, self.path(table))
        merge = spark_merge(target, table, source, insert_only=insert_only, prune=prune, deletes=gone is not None)
        if merge is not None:
            with self.one_commit(table):
                merge.execute()

    def delete(self, table: Table, condition: Column) -> None:
        if self.exists(table):
            with self.one_commit(table):
                DeltaTable.forPath(self.spark, self.path(table)).delete(condition)

    def update(self, table: Table, condition: Column, changed: dict[str, Column]) -> None:
        with self.one_commit(table):
            DeltaTable.forPath(self.spark, self.path(table)).update(condition, changed)

    @contextmanager
    def staged(self, table: Table, rows: DataFrame, label: str = "batch") -> Iterator[Batch]:
        """Write a batch for `table` to staging, and give what was written: to audit, then to publish.

        The rows are conformed to the table's schema. Staging is removed at the end, whatever happened.

        >>> with lake.staged(silver.PRICES, rows) as batch:
        ...     gate(batch.rows, silver.PRICES)
        ...     lake.upsert(silver.PRICES, batch.rows)
        """
        with self.materialized(f"{table.layer}.{table.name}.{label}", conform(rows, table)) as written:
            yield written

    @contextmanager
    def materialized(self, label: str, rows: DataFrame) -> Iterator[Batch]:
        """Compute `rows` once into staging, for several uses; removed at the end. `label` is unique within a run."""
        # A folder for each holder of the lease: one that lost it must not write into its successor's batch.
        with staged_batch(self.spark, f"{self.root}/_staging/{label}.{token_of(self.root)}", rows) as batch:
            yield batch

    def frame(self, rows: Rows) -> DataFrame:
        return self.spark.createDataFrame(rows) if isinstance(rows, pa.Table) else rows

    def fence_off(self, token: int) -> None:
        """Let no commit of an earlier holder of the lease reach a table any more, and remove what it had staged."""
        remove(self.spark, f"{self.root}/_staging")
        if "://" not in self.root:
            fence_off_local(self.root, token)
        else:
            for path in self.small_tables.table_paths():
                fence_off_table(self.spark, path, token)

    def register(self, tables: tuple[Table, ...]) -> None:
        """Register the tables that exist as <layer>.<name> in the session's catalog."""
        for layer in sorted({table.layer for table in tables}):
            self.spark.sql(f"CREATE DATABASE IF NOT EXISTS {layer}")
        for table in tables:
            if self.exists(table):
                location = quoted(self.path(table))
                self.spark.sql(f"CREATE TABLE IF NOT EXISTS {table.full_name} USING DELTA LOCATION {location}")
