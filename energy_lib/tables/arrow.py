"""Arrow's schemas, made from the tables' code; without Spark, so that parsing and bookkeeping need none."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.tables.table import Column, Table

# What a column's `type` may be. Spark's types follow from Arrow's (energy_lib.lake.spark_schemas).
ARROW_TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    # Grams and money: of hours (18 digits, the most that a long holds) and of sums.
    "decimal(18,6)": pa.decimal128(18, 6),
    "decimal(18,8)": pa.decimal128(18, 8),
    "decimal(28,6)": pa.decimal128(28, 6),
    "decimal(28,8)": pa.decimal128(28, 8),
    "array<string>": pa.list_(pa.string()),
    "array<double>": pa.list_(pa.float64()),
    "map<string,long>": pa.map_(pa.string(), pa.int64()),
}


def arrow_type(column: Column) -> pa.DataType:
    return ARROW_TYPES[column.type]


def arrow_schema(table: Table) -> pa.Schema:
    """The table's columns in order, with nullability, and their comments as field metadata."""
    return pa.schema([pa.field(c.name, arrow_type(c), c.nullable, {"comment": c.comment}) for c in table.columns])


def schema_of(table: Table, names: Sequence[str]) -> pa.Schema:
    """Arrow's schema of these columns of the table, in their order."""
    whole = arrow_schema(table)
    return pa.schema([whole.field(name) for name in names])


def conform_arrow(rows: pa.Table, table: Table) -> pa.Table:
    """Exactly the table's columns, in order, with their types; a missing nullable one becomes null."""
    absent = [c.name for c in table.columns if c.name not in rows.column_names and not c.nullable]
    if absent:
        raise ValueError(f"{table.full_name} needs columns {absent}; the rows have {rows.column_names}")
    columns = [
        pc.cast(rows.column(c.name), arrow_type(c))
        if c.name in rows.column_names
        else pa.nulls(rows.num_rows, arrow_type(c))
        for c in table.columns
    ]
    return pa.Table.from_arrays(columns, schema=arrow_schema(table))
