"""What changed in a table between two of its Delta versions, read from its change feed."""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from energy_lib.lake.frames import equal_columns, with_declared_columns
from energy_lib.tables import Table


def changed_rows(
    spark: SparkSession, path: str, table: Table, after: int, until: int | None, *, deleted: bool
) -> DataFrame:
    """Rows inserted or updated by the Delta versions after `after`, each as that version holds it.

    Up to the version `until`, where streams may add others meanwhile; else up to the newest. A row that changes in
    several versions comes once for each. With `deleted`, rows that left the table come as well, as they were. An update
    of `table.provenance` columns alone is no change: another file repeated the row. `table.change_feed` must be set.
    Columns: the table's.
    """
    reader = spark.read.format("delta").option("readChangeFeed", "true").option("startingVersion", after + 1)
    if until is not None:
        reader = reader.option("endingVersion", until)
    kinds = ["insert", "update_postimage", *(["delete"] if deleted else [])]
    feed = with_declared_columns(reader.load(path), table)
    fresh = feed.where(F.col("_change_type").isin(kinds))
    if table.provenance:
        content = [c for c in (*table.column_names, "_commit_version") if c not in table.provenance]
        before = feed.where(F.col("_change_type") == "update_preimage").alias("t")
        fresh = fresh.alias("s").join(before, equal_columns(content), "left_anti")
    return fresh.select(*table.column_names)
