"""Rows of a table with plausible values where none are given, and their table in a lake, written without Spark."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import write_deltalake

from energy_lib.tables import Table
from energy_lib.tables.arrow import arrow_schema

NOON = datetime(2024, 3, 31, 12, tzinfo=UTC)
PLAIN: dict[str, Any] = {
    "string": "x", "boolean": False, "int": 60, "long": 1, "float": 0.0, "double": 1.0, "date": NOON.date(),
    "timestamp": NOON, "array<string>": [], "array<double>": [], "map<string,long>": {},
    **{f"decimal({digits},{scale})": Decimal(1) for digits in (18, 28) for scale in (6, 8)},
}  # fmt: skip


def full_rows(table: Table, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """Every column of the table; NULL where a row does not say and the column may be empty."""
    return [
        {
            c.name: row.get(c.name, None if c.nullable else (str(c.allowed[0]) if c.allowed else PLAIN[c.type]))
            for c in table.columns
        }
        for row in rows
    ]


def put(root: Path, table: Table, *rows: dict[str, Any]) -> None:
    """Add the rows to <root>/<layer>/<table>."""
    content = pa.Table.from_pylist(full_rows(table, *rows), schema=arrow_schema(table))
    path = str(root / table.layer / table.name)
    write_deltalake(path, content, partition_by=list(table.partition_by) or None, mode="append")
