"""The MERGE by Spark, for batches and tables that are not small."""

from __future__ import annotations

from delta.tables import DeltaMergeBuilder, DeltaTable
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.lake.frames import equal_columns, merge_bounds
from energy_lib.tables import Table


def spark_merge(
    target: DeltaTable, table: Table, source: DataFrame, *, insert_only: bool, prune: bool, deletes: bool
) -> DeltaMergeBuilder | None:
    """The MERGE of `Lake.upsert`, ready to be executed; None if there is nothing to merge.

    `source`: conformed rows with `_gone`, which marks those that are to leave the table (`deletes`: there may be some).
    """
    condition = equal_columns(table.key)
    if prune:
        bounds = merge_bounds(table, source)
        if bounds is None:
            return None
        condition = condition & bounds
    others = [c for c in table.column_names if c not in table.key]
    values = {c: F.col(f"s.{c}") for c in table.column_names}
    merge = target.alias("t").merge(source.alias("s"), condition)
    merge = merge.whenNotMatchedInsert(condition="NOT s._gone", values=values)
    if deletes:
        merge = merge.whenMatchedDelete(condition="s._gone")
    if not insert_only and others:
        changed = ~equal_columns(others)
        if table.version:
            existing, incoming = (F.struct(*(F.col(f"{side}.{c}") for c in table.version)) for side in "ts")
            changed = changed & (incoming >= existing)
        merge = merge.whenMatchedUpdate(condition=changed, set=values)
    return merge
