"""The schemas of Spark, Arrow and DDL, made from the tables' code: one map of types for all of them."""

from __future__ import annotations

import pyarrow as pa
from pyspark.sql import types as T
from pyspark.sql.pandas.types import from_arrow_type

from energy_lib.tables import Column, Table

# What a column's `type` may be. Spark's types follow from Arrow's.
ARROW_TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "array<string>": pa.list_(pa.string()),
    "map<string,long>": pa.map_(pa.string(), pa.int64()),
}


def arrow_type(column: Column) -> pa.DataType:
    return ARROW_TYPES[column.type]


def arrow_schema(table: Table) -> pa.Schema:
    """The table's columns in order, with nullability, and their comments as field metadata."""
    return pa.schema([pa.field(c.name, arrow_type(c), c.nullable, {"comment": c.comment}) for c in table.columns])


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
