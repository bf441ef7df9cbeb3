"""Frames made to fit a table, compared column by column, or put aside."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from energy_lib.lake.schemas import spark_type
from energy_lib.tables import Table


def staging_options(rows: DataFrame) -> dict[str, str]:
    """Of what is read once or twice and removed: dictionaries of names only, not of measurements that never repeat."""
    names = [field.name for field in rows.schema.fields if isinstance(field.dataType, T.StringType)]
    return {"parquet.enable.dictionary": "false", **{f"parquet.enable.dictionary#{name}": "true" for name in names}}


def equal_columns(names: Iterable[str]) -> Column:
    """The columns of s and t are the same, NULL being the same as NULL."""
    return reduce(lambda a, b: a & b, (F.col(f"t.{name}").eqNullSafe(F.col(f"s.{name}")) for name in names))


def conform(rows: DataFrame, table: Table) -> DataFrame:
    """Exactly the table's columns, in order, with their types; a missing nullable one becomes NULL."""
    absent = [c.name for c in table.columns if c.name not in rows.columns and not c.nullable]
    if absent:
        raise ValueError(f"{table.full_name} needs columns {absent}; the frame has {rows.columns}")
    return rows.select(
        *(
            (F.col(c.name) if c.name in rows.columns else F.lit(None)).cast(spark_type(c)).alias(c.name)
            for c in table.columns
        )
    )
