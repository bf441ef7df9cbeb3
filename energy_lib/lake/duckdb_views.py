"""The lake's tables as DuckDB's views of their current files: no Java, and only what a query asks for is read."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import duckdb
import pyarrow as pa
from deltalake import DeltaTable

from energy_lib.lake.duckdb_tree import require
from energy_lib.lake.sql_literals import text_sql


def make_view(connection: duckdb.DuckDBPyConnection, name: str, table: DeltaTable) -> None:
    """`<layer>.<table>` with its current rows, instants without a zone, in UTC, and floats as doubles.

    Raises NotAlike for a table with deletion vectors or column mapping.
    """
    require(not set(table.protocol().reader_features or ()) & {"deletionVectors", "columnMapping"}, name)
    columns = []
    for field in table.schema().fields:
        kind, own = str(getattr(field.type, "type", "")), quoted_name(field.name)
        shown = {"timestamp": "TIMESTAMP", "float": "DOUBLE"}.get(kind)
        columns.append(own if shown is None else f"CAST({own} AS {shown}) AS {own}")
    create(connection, name, f"SELECT {', '.join(columns)} FROM {_files(connection, table)}")


def create(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    """The view `<layer>.<table>` of a query."""
    layer, _, bare = name.partition(".")
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted_name(layer)}")
    connection.execute(f"CREATE VIEW {quoted_name(layer)}.{quoted_name(bare)} AS {query}")


def _files(connection: duckdb.DuckDBPyConnection, table: DeltaTable) -> str:
    """What stands after FROM; a table without files has an empty frame of its schema."""
    files = [unquote(uri.removeprefix("file://")) for uri in table.file_uris()]
    schema = pa.schema(table.schema().to_arrow())
    if not files:
        empty = f"empty_{id(table)}"
        connection.register(empty, schema.empty_table())
        return empty
    partitions = table.metadata().partition_columns
    hive = ", ".join(f"{text_sql(name)}: {_sql_type(schema.field(name).type)}" for name in partitions)
    known = f", hive_types = {{{hive}}}" if partitions else ""
    given = ", ".join(map(text_sql, files))
    partitioned = str(bool(partitions)).lower()
    return f"read_parquet([{given}], union_by_name = true, hive_partitioning = {partitioned}{known})"


def _sql_type(kind: Any) -> str:
    names = {pa.date32(): "DATE", pa.int32(): "INTEGER", pa.int64(): "BIGINT", pa.string(): "VARCHAR"}
    require(kind in names, kind)
    return names[kind]


def quoted_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
