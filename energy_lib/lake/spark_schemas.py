"""Spark's schemas and DDL, made from the tables' code; the types follow from Arrow's (energy_lib.tables.arrow)."""

from __future__ import annotations

from collections.abc import Collection

from pyspark.sql import types as T
from pyspark.sql.pandas.types import from_arrow_type

from energy_lib.errors import BadConfig
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


def missing_columns(table: Table, stored: Collection[str]) -> T.StructType:
    """The table's columns that are not among `stored`.

    Raises BadConfig if one of them may not be NULL: the rows that are there cannot have it.
    """
    missing = T.StructType([field for field in spark_schema(table) if field.name not in stored])
    required = [field.name for field in missing if not field.nullable]
    if required:
        raise BadConfig(
            f"{table.full_name} lacks {', '.join(required)}, which no row may lack: "
            "move the table away, and run the jobs that write it again."
        )
    return missing


def quoted(text: str) -> str:
    """A string literal of Spark SQL."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
