"""Columns that a table's code declares and the stored table lacks."""

from __future__ import annotations

from energy_lib.lake.schemas import ddl
from energy_lib.lake.store import Lake, commit_race
from energy_lib.tables import Table


def add_missing_columns(lake: Lake, table: Table) -> tuple[str, ...]:
    """Add the table's missing columns, null in every row, and return their names; only nullable columns can be added.

    Columns that the code no longer declares stay in the stored table.
    """
    if not lake.exists(table):
        return ()
    stored = set(lake.read(table).columns)
    missing = [column for column in table.columns if column.name not in stored]
    required = [column.name for column in missing if not column.nullable]
    if required:
        raise ValueError(f"{table.full_name}: {required} cannot be null, so the rows that are there cannot get them.")
    if missing:
        columns = ", ".join(f"`{c.name}` {ddl(c)} COMMENT {_quoted(c.comment)}" for c in missing)
        with commit_race():
            lake.spark.sql(f"ALTER TABLE delta.`{lake.path(table)}` ADD COLUMNS ({columns})")
    return tuple(column.name for column in missing)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
