"""The schemas of Spark, Arrow and DDL, made from the tables' code: one map of types for all of them."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa
from pyspark.sql import types as T
from pyspark.sql.pandas.types import from_arrow_type

from energy_lib.errors import BadConfig
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


def missing_columns(table: Table, stored: Collection[str]) -> list[str]:
    """The table's columns that are not among `stored`, in Spark SQL's words for ADD COLUMNS, each in its place.

    Raises BadConfig if one of them may not be NULL: the rows that are there cannot have it.
    """
    missing = [column for column in table.columns if column.name not in stored]
    required = [column.name for column in missing if not column.nullable]
    if required:
        raise BadConfig(
            f"{table.full_name} lacks {', '.join(required)}, which no row may lack: "
            "move the table away, and run the jobs that write it again."
        )
    before = dict(zip(table.column_names[1:], table.column_names, strict=False))
    return [f"`{c.name}` {ddl(c)} COMMENT {_quoted(c.comment)} AFTER `{before[c.name]}`" for c in missing]


def _quoted(text: str) -> str:
    """A string literal of Spark SQL."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
