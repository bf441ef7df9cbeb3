"""Frames conformed to a table, compared with it column by column, and bounded for a merge or for staging."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from energy_lib.lake.spark_schemas import spark_type
from energy_lib.tables import Table

# Up to so many partitions a merge names one by one; of more it names their range.
MAX_PARTITIONS = 200


def staging_options(rows: DataFrame) -> dict[str, str]:
    """Parquet options for a batch in staging: dictionaries for text alone, since measurements hardly repeat."""
    names = [field.name for field in rows.schema.fields if isinstance(field.dataType, T.StringType)]
    return {"parquet.enable.dictionary": "false", **{f"parquet.enable.dictionary#{name}": "true" for name in names}}


def equal_columns(names: Iterable[str]) -> Column:
    """Whether these columns of the aliases s and t are equal; NULL equals NULL."""
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


def with_declared_columns(rows: DataFrame, table: Table) -> DataFrame:
    """`rows` of a stored table in the declared order, with NULL for the nullable columns declared after it was made.

    What is not declared any more comes last.
    """
    absent = [c for c in table.columns if c.nullable and c.name not in rows.columns]
    whole = rows.withColumns({c.name: F.lit(None).cast(spark_type(c)) for c in absent}) if absent else rows
    declared = [name for name in table.column_names if name in whole.columns]
    ordered = [*declared, *(name for name in whole.columns if name not in declared)]
    return whole if ordered == whole.columns else whole.select(*ordered)


def merge_bounds(table: Table, source: DataFrame) -> Column | None:
    """Predicate on the target `t` for the times and partitions of `source`; None if `source` has no rows."""
    names = [*table.partition_by, *([table.time] if table.time and table.time not in table.partition_by else [])]
    if not names:
        return F.lit(True)
    ends = (f(n).alias(f"{f.__name__}_{n}") for n in names for f in (F.min, F.max))
    # Of more than MAX_PARTITIONS partitions one too many is collected: then only their range is used.
    sets = (F.slice(F.sort_array(F.collect_set(n)), 1, MAX_PARTITIONS + 1).alias(n) for n in table.partition_by)
    row = source.agg(*ends, *sets).first()
    assert row is not None
    if all(row[f"min_{n}"] is None for n in names):
        return None
    known = [n for n in names if row[f"min_{n}"] is not None and not table.column(n).nullable]
    bounds = [F.col(f"t.{n}").between(F.lit(row[f"min_{n}"]), F.lit(row[f"max_{n}"])) for n in known]
    # One old correction widens the range to all of history, but adds only one partition to the set.
    bounds += [F.col(f"t.{n}").isin(row[n]) for n in table.partition_by if n in known and len(row[n]) <= MAX_PARTITIONS]
    return reduce(lambda a, b: a & b, bounds, F.lit(True))
