"""Questions of a lake in a local folder, answered by DuckDB over the tables' current files: no Java is started."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from deltalake import DeltaTable

from energy_lib.lake.duckdb_answer import in_sparks_types
from energy_lib.lake.duckdb_decimals import Decimal
from energy_lib.lake.duckdb_dialect import alike, tables_of
from energy_lib.lake.duckdb_kinds import LIST, Kind
from energy_lib.lake.duckdb_macros import macros
from energy_lib.lake.duckdb_tree import NotAlike, require
from energy_lib.lake.duckdb_views import make_view
from energy_lib.lake.sql_literals import text_sql
from energy_lib.tables.arrow import ARROW_TYPES

# Numbers with a type behind them (2L, 1.5D) in Spark's SQL: to DuckDB the letter is a name.
TYPED_NUMBER = re.compile(r"\b\d[\d.]*(?:e[+-]?\d+)?(?:[lsydf]|bd)\b", re.IGNORECASE)
SETTINGS = ("SET TimeZone = 'UTC'", "SET default_null_order = 'nulls_first_on_asc_last_on_desc'")


def answer_by_duckdb(root: str, statement: str) -> pa.Table | None:
    """The answer to a query over the lake's tables, or None where Spark is to answer.

    That is for what is no query, for what the engines may answer differently, for errors (Spark's sentences are known),
    and for a lake that is not in a local folder.
    """
    folder = Path(root.removeprefix("file://")).absolute()
    # Quoted names are text to Spark, and a glob's signs in the path are a pattern to DuckDB.
    if any(sign in statement for sign in '"`\\') or "://" in str(folder) or any(sign in str(folder) for sign in "*?["):
        return None
    if TYPED_NUMBER.search(statement):
        return None
    try:
        with duckdb.connect() as connection:
            return _answer(connection, folder, statement.strip().rstrip(";"))
    except (NotAlike, duckdb.Error):
        return None


def _answer(connection: duckdb.DuckDBPyConnection, folder: Path, statement: str) -> pa.Table:
    tree = json.loads(_one(connection, "SELECT json_serialize_sql(?)", statement))
    tables = {}
    for name in tables_of(tree):
        path = folder / name.replace(".", "/")
        require(DeltaTable.is_deltatable(str(path)), name)
        tables[name] = DeltaTable(str(path))
    changed, kinds = alike(tree, {name: _kinds(table) for name, table in tables.items()})
    for setting in (*SETTINGS, *macros()):
        connection.execute(setting)
    for name, table in tables.items():
        make_view(connection, name, table)
    allowed = text_sql(str(folder))
    for lock in (f"SET allowed_directories = [{allowed}]", "SET enable_external_access = false"):
        connection.execute(lock)
    return in_sparks_types(
        connection.sql(_one(connection, "SELECT json_deserialize_sql(?)", json.dumps(changed))), kinds
    )


def _kinds(table: DeltaTable) -> dict[str, Kind | None]:
    return {field.name: _kind(field.type) for field in table.schema().fields}


def _kind(delta_type: Any) -> Kind | None:
    """The type's name in energy_lib.tables; None: DuckDB does not answer with it."""
    name = str(delta_type.type)
    if name == "array":
        return LIST if getattr(delta_type.element_type, "type", "") == "string" else None
    if name.startswith("decimal"):
        precision, scale = map(int, re.findall(r"\d+", name))
        return Decimal(precision, scale)
    name = {"integer": "int"}.get(name, name)
    return name if name in ARROW_TYPES else None


def _one(connection: duckdb.DuckDBPyConnection, statement: str, text: str) -> str:
    row = connection.execute(statement, [text]).fetchall()
    return str(row[0][0])
