"""Questions of a lake in a local folder, answered by DuckDB over the tables' current files: no Java is started."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from deltalake import DeltaTable

from energy_lib.lake.duckdb_changes import macros
from energy_lib.lake.duckdb_dialect import alike, tables_of
from energy_lib.lake.duckdb_tree import NotAlike, require
from energy_lib.lake.duckdb_views import make_view, quoted, quoted_name

KINDS = {"double": "double", "float": "float", "long": "int", "integer": "int", "short": "int", "timestamp": "time"}
# Types of an answer's columns that both engines give alike.
ANSWERED = frozenset({"BIGINT", "INTEGER", "DOUBLE", "FLOAT", "VARCHAR", "BOOLEAN", "DATE", "TIMESTAMP", "HUGEINT"})
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
    types: dict[str, set[str]] = defaultdict(set)
    for table in tables.values():
        for field in table.schema().fields:
            types[field.name.lower()].add(KINDS.get(str(getattr(field.type, "type", "")), "other"))
    changed = alike(tree, {name: frozenset(kinds) for name, kinds in types.items()})
    for setting in (*SETTINGS, *macros()):
        connection.execute(setting)
    for name, table in tables.items():
        make_view(connection, name, table)
    allowed = quoted(str(folder))
    for lock in (f"SET allowed_directories = [{allowed}]", "SET enable_external_access = false"):
        connection.execute(lock)
    answer = connection.sql(_one(connection, "SELECT json_deserialize_sql(?)", json.dumps(changed)))
    types_given = [str(each) for each in answer.types]
    require(set(types_given) <= ANSWERED and len(set(answer.columns)) == len(answer.columns), types_given)
    # A sum of whole numbers is a long to Spark; one beyond it is an error there.
    columns = [(quoted_name(name), kind) for name, kind in _columns(answer)]
    whole = [f"CAST({name} AS BIGINT) AS {name}" if kind == "HUGEINT" else name for name, kind in columns]
    return answer.project(", ".join(whole)).to_arrow_table()


def _columns(answer: Any) -> list[tuple[str, str]]:
    return [(name, str(kind)) for name, kind in zip(answer.columns, answer.types, strict=True)]


def _one(connection: duckdb.DuckDBPyConnection, statement: str, text: str) -> str:
    row = connection.execute(statement, [text]).fetchall()
    return str(row[0][0])
