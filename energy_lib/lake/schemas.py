"""Spark's schemas and DDL, made from the tables' code; the types follow from Arrow's (energy_lib.tables.arrow)."""

from __future__ import annotations

from pyspark.sql import types as T
from pyspark.sql.pandas.types import from_arrow_type

from energy_lib.tables import Column, Table
from energy_lib.tables.arrow import arrow_type


def spark_type(column: Column) -> T.DataType:
    return from_arrow_type(arrow_type(column))


def spark_schema(table: Table) -> T.StructType:
    """The table's columns in order, with nullability, and their comments as field metadata."""
    return T.StructType(
        [T.StructField(c.name, spark_type(c), c.nullable, {"comment": c.comment}) for c in table.columns]
    )


def ddl(column: Column) -> str:
    """Spark SQL's name of the column's type, for instance bigint for long."""
    return spark_type(column).simpleString()
