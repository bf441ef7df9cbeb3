"""Batches in staging: computed once, for several uses, and in memory as well where they are few."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import pyarrow as pa
from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from energy_lib.lake.frames import staging_options
from energy_lib.lake.small_tables import SMALL_ROWS

# A few rows in memory, which are audited and written without Spark, or a frame.
Rows: TypeAlias = DataFrame | pa.Table


@dataclass(frozen=True)
class Batch:
    """Rows that were computed; `frame` reads them from staging."""

    frame: DataFrame
    count: int

    @cached_property
    def rows(self) -> Rows:
        """The same, in memory if they are few: collected when first asked for."""
        return few_or_frame(self.frame, self.count)


def few_or_frame(rows: DataFrame, count: int) -> Rows:
    """The rows in memory if they are few; `count`: how many there are, or as many at most."""
    return rows.toArrow() if count <= SMALL_ROWS else rows


@contextmanager
def staged_batch(spark: SparkSession, path: str, rows: DataFrame) -> Iterator[Batch]:
    """Write `rows` to `path` as Parquet, give them as a batch, and remove them at the end, whatever happened."""
    written = Observation()
    counted = rows.observe(written, F.count(F.lit(1)).alias("rows"))
    counted.write.mode("overwrite").options(**staging_options(rows)).parquet(path)
    try:
        yield Batch(spark.read.schema(rows.schema).parquet(path), int(written.get["rows"]))
    finally:
        remove(spark, path)


def remove(spark: SparkSession, path: str) -> None:
    """Remove a folder, in any store; nothing if it is not there."""
    jvm, context = spark.sparkContext._jvm, spark.sparkContext._jsc
    assert jvm is not None
    assert context is not None
    hadoop_path = jvm.org.apache.hadoop.fs.Path(path)
    hadoop_path.getFileSystem(context.hadoopConfiguration()).delete(hadoop_path, True)
