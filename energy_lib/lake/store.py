"""Reads and writes of the lake's Delta tables: all storage, nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from pathlib import Path

from delta.tables import DeltaTable
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from energy_lib.errors import InputMissing, TryAgain
from energy_lib.lake.frames import conform, equal_columns, staging_options
from energy_lib.lake.schemas import missing_columns, spark_schema
from energy_lib.lake.small_tables import Books
from energy_lib.tables import Table

# As many partitions a merge is pruned to one by one; beyond, by their range.
MAX_PARTITIONS = 200
CONFLICTS = ("Concurrent", "ProtocolChanged", "MetadataChanged", "DELTA_CONCURRENT", "DELTA_METADATA_CHANGED")


@contextmanager
def commit_race() -> Iterator[None]:
    """Turn a lost Delta commit race into TryAgain (exit 75)."""
    try:
        yield
    except (PySparkException, Py4JJavaError) as error:
        text = str(error)
        if any(word in text for word in CONFLICTS):
            raise TryAgain("Another run committed to the same table first: run this job again.") from error
        raise


class Lake:
    """The tables below one root; each has a path, and a name registered in the session's catalog."""

    def __init__(self, spark: SparkSession, root: str) -> None:
        self.spark = spark
        # Every node of a cluster must mean the same place, so a local path is made absolute.
        self.root = root.rstrip("/") if "://" in root else str(Path(root).resolve())
        self.books = Books(self.root)

    def path(self, table: Table) -> str:
        return f"{self.root}/{table.layer}/{table.name}"

    def exists(self, table: Table) -> bool:
        return bool(DeltaTable.isDeltaTable(self.spark, self.path(table)))

    def version(self, table: Table) -> int:
        """Newest Delta version of the table; -1 if there is no such table yet."""
        return self.books.version(table)

    def ensure(self, table: Table) -> DeltaTable:
        """The table: created empty with its schema, comments and layout, or given the columns it lacks."""
        if self.exists(table):
            self.add_missing_columns(table)
        else:
            builder = (
                DeltaTable.createIfNotExists(self.spark)
                .location(self.path(table))
                .comment(table.comment)
                .addColumns(spark_schema(table))
                .property("delta.enableChangeDataFeed", str(table.change_feed).lower())
                # Deletion vectors would keep readers without Spark from opening the table.
                .property("delta.enableDeletionVectors", "false")
                .property("delta.checkpointPolicy", "classic")
            )
            if table.partition_by:
                builder = builder.partitionedBy(*table.partition_by)
            if table.cluster_by:
                builder = builder.clusterBy(*table.cluster_by)
            with commit_race():
                builder.execute()
        return DeltaTable.forPath(self.spark, self.path(table))

    def add_missing_columns(self, table: Table) -> None:
        """Add the columns declared since the table was made, NULL in its rows; BadConfig if one may not be NULL."""
        stored = DeltaTable.forPath(self.spark, self.path(table)).toDF().columns
        if missing := missing_columns(table, stored):
            with commit_race():
                self.spark.sql(f"ALTER TABLE delta.`{self.path(table)}` ADD COLUMNS ({', '.join(missing)})")

    def read(self, table: Table, version: int | None = None) -> DataFrame:
        """The whole table (as of a Delta version); raises InputMissing if it is not there."""
        if not self.exists(table):
            raise InputMissing(f"There is no table {table.full_name} in {self.root}: run the job that writes it first.")
        reader = self.spark.read.format("delta")
        if version is not None:
            reader = reader.option("versionAsOf", version)
        return reader.load(self.path(table))

    def read_or_empty(self, table: Table) -> DataFrame:
        return self.read(table) if self.exists(table) else self.spark.createDataFrame([], spark_schema(table))

    def changes(self, table: Table, after: int, *, deleted: bool = False) -> DataFrame:
        """Rows inserted or updated since Delta version `after` (-1: all there is), each as it is now in its version.

        `deleted`: those that left, too, as they were. A row that another file has said again, word for word, is none.
        """
        if after < 0:
            return self.read(table)
        if after >= self.version(table):
            return self.spark.createDataFrame([], spark_schema(table))
        feed = (
            self.spark.read.format("delta")
            .option("readChangeFeed", "true")
            .option("startingVersion", after + 1)
            .load(self.path(table))
        )
        kinds = ["insert", "update_postimage", *(["delete"] if deleted else [])]
        fresh = feed.where(F.col("_change_type").isin(kinds))
        if table.provenance:
            told = [c for c in (*table.column_names, "_commit_version") if c not in table.provenance]
            before = feed.where(F.col("_change_type") == "update_preimage").alias("t")
            fresh = fresh.alias("s").join(before, equal_columns(told), "left_anti")
        return fresh.select(*table.column_names)

    def append(self, table: Table, rows: DataFrame) -> None:
        """Append; the caller knows that no key is there already."""
        self.ensure(table)
        with commit_race():
            conform(rows, table).write.format("delta").mode("append").save(self.path(table))

    def replace_where(self, table: Table, rows: DataFrame, predicate: str) -> None:
        """Replace exactly the rows that `predicate` selects; every new row must satisfy it."""
        self.ensure(table)
        with commit_race():
            (
                conform(rows, table)
                .write.format("delta")
                .mode("overwrite")
                .option("replaceWhere", predicate)
                .save(self.path(table))
            )

    def upsert(
        self,
        table: Table,
        rows: DataFrame,
        *,
        insert_only: bool = False,
        prune: bool = True,
        gone: DataFrame | None = None,
    ) -> None:
        """MERGE on the table's key; `rows` holds each key once. Rows of `gone` leave the table in the same commit.

        With `prune`, the range of `table.time` (and of the partition columns) in `rows` goes into the merge
        condition, so that the cost follows `rows` and not the table. Rows equal to what is there are not rewritten,
        nor do rows that are older by `table.version` replace it.
        """
        target = self.ensure(table)
        source = conform(rows, table).withColumn("_gone", F.lit(False))
        if gone is not None:
            source = source.unionByName(conform(gone, table).withColumn("_gone", F.lit(True)))
        if self.books.empty(table):
            source = source.where(~F.col("_gone")).drop("_gone")
            with commit_race():
                source.write.format("delta").mode("append").save(self.path(table))
            return
        condition = equal_columns(table.key)
        if prune:
            bounds = self._bounds(table, source)
            if bounds is None:
                return
            condition = condition & bounds
        others = [c for c in table.column_names if c not in table.key]
        values = {c: F.col(f"s.{c}") for c in table.column_names}
        merge = target.alias("t").merge(source.alias("s"), condition)
        merge = merge.whenNotMatchedInsert(condition="NOT s._gone", values=values)
        if gone is not None:
            merge = merge.whenMatchedDelete(condition="s._gone")
        if not insert_only and others:
            changed = ~equal_columns(others)
            if table.version:
                held, given = (F.struct(*(F.col(f"{side}.{c}") for c in table.version)) for side in "ts")
                changed = changed & (given >= held)
            merge = merge.whenMatchedUpdate(condition=changed, set=values)
        with commit_race():
            merge.execute()

    def delete(self, table: Table, condition: Column) -> None:
        if self.exists(table):
            with commit_race():
                DeltaTable.forPath(self.spark, self.path(table)).delete(condition)

    @contextmanager
    def staged(self, table: Table, rows: DataFrame, label: str = "batch") -> Iterator[DataFrame]:
        """Write `rows` (conformed) aside once, and give what was written: to audit, then to publish."""
        with self.aside(f"{table.layer}.{table.name}.{label}", conform(rows, table)) as written:
            yield written

    @contextmanager
    def aside(self, label: str, rows: DataFrame) -> Iterator[DataFrame]:
        """Write `rows` aside once, for several uses; removed at the end. `label` is unique within a run."""
        path = f"{self.root}/_staging/{label}"
        rows.write.mode("overwrite").options(**staging_options(rows)).parquet(path)
        try:
            yield self.spark.read.schema(rows.schema).parquet(path)
        finally:
            self._remove(path)

    def register(self, tables: tuple[Table, ...]) -> None:
        """Register the tables that exist as <layer>.<name> in the session's catalog."""
        for layer in sorted({table.layer for table in tables}):
            self.spark.sql(f"CREATE DATABASE IF NOT EXISTS {layer}")
        for table in tables:
            if self.exists(table):
                location = self.path(table)
                self.spark.sql(f"CREATE TABLE IF NOT EXISTS {table.full_name} USING DELTA LOCATION '{location}'")

    def _bounds(self, table: Table, source: DataFrame) -> Column | None:
        names = [*table.partition_by, *([table.time] if table.time and table.time not in table.partition_by else [])]
        if not names:
            return F.lit(True)
        ends = (f(n).alias(f"{f.__name__}_{n}") for n in names for f in (F.min, F.max))
        # One row too many says that there are more than MAX_PARTITIONS of them, and that the range must do.
        sets = (F.slice(F.sort_array(F.collect_set(n)), 1, MAX_PARTITIONS + 1).alias(n) for n in table.partition_by)
        row = source.agg(*ends, *sets).first()
        assert row is not None
        if all(row[f"min_{n}"] is None for n in names):
            return None
        known = [n for n in names if row[f"min_{n}"] is not None and not table.column(n).nullable]
        found = [F.col(f"t.{n}").between(F.lit(row[f"min_{n}"]), F.lit(row[f"max_{n}"])) for n in known]
        # An old correction widens the range of the rest to all of history, but not the set of partitions.
        found += [
            F.col(f"t.{n}").isin(row[n]) for n in table.partition_by if n in known and len(row[n]) <= MAX_PARTITIONS
        ]
        return reduce(lambda a, b: a & b, found, F.lit(True))

    def _remove(self, path: str) -> None:
        jvm = self.spark.sparkContext._jvm
        assert jvm is not None
        hadoop_path = jvm.org.apache.hadoop.fs.Path(path)
        context = self.spark.sparkContext._jsc
        assert context is not None
        hadoop_path.getFileSystem(context.hadoopConfiguration()).delete(hadoop_path, True)
