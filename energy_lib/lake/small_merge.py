"""What a MERGE of a few rows changes in a table: compared in memory, by DuckDB."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.lake.sql_literals import instant_sql
from energy_lib.tables import Table


@dataclass(frozen=True, slots=True)
class Changes:
    """Rows of a MERGE's source: with keys that are not there, and with other values than the rows that are there.

    `kept` are the other rows that were compared; `replaces`: some of them are changed, or leave. `where`: SQL for the
    rows that were compared.
    """

    new: pa.Table
    changed: pa.Table
    kept: pa.Table
    replaces: bool
    where: str = "TRUE"


def partitions_of(table: Table, rows: pa.Table) -> str:
    """SQL for the partitions of `rows`."""
    parts = ["TRUE"]
    for name in table.partition_by:
        if not table.column(name).nullable:
            dates = ", ".join(f"DATE '{day}'" for day in sorted(set(rows[name].to_pylist())))
            parts.append(f'"{name}" IN ({dates})')
    return " AND ".join(parts)


def bounds(table: Table, rows: pa.Table) -> str:
    """SQL for the partitions and the times of `rows`, so that the cost follows them and not the table."""
    parts = [partitions_of(table, rows)]
    if table.time is not None and not table.column(table.time).nullable:
        ends = pc.min_max(rows[table.time]).as_py()
        parts.append(f'"{table.time}" BETWEEN {instant_sql(ends["min"])} AND {instant_sql(ends["max"])}')
    return " AND ".join(parts)


def compare(
    table: Table, there: pa.Table, rows: pa.Table, gone: pa.Table | None, where: str = "TRUE", *, insert_only: bool
) -> Changes:
    """Compare `rows` with those that are `there`, by key. NULL equals NULL, and is older than any version.

    `where`: what selected `there`, which the changes tell again.
    """
    same = " AND ".join(f"s.{name} IS NOT DISTINCT FROM t.{name}" for name in table.key)
    others = [name for name in table.column_names if name not in table.key]
    with duckdb.connect() as connection:
        for name, part in (("s", rows), ("t", there), ("gone", (rows.slice(0, 0) if gone is None else gone))):
            connection.register(name, part.append_column("_place", pa.array(range(part.num_rows), pa.int64())))
        new = connection.sql(f"SELECT s._place FROM s ANTI JOIN t ON {same} ORDER BY 1").fetchall()
        changed: list[tuple[int, int]] = []
        if not insert_only and others:
            on = f"SELECT s._place, t._place FROM s JOIN t ON {same} WHERE {_is_newer(table, others)} ORDER BY 1"
            changed = connection.sql(on).fetchall()
        leaving = connection.sql(f"SELECT t._place FROM t SEMI JOIN gone s ON {same}").fetchall()
    new_rows, changed_rows = (rows.take(pa.array([s for s, *_ in part], pa.int64())) for part in (new, changed))
    stay = np.ones(there.num_rows, dtype=bool)
    stay[[place for _, place in changed] + [place for (place,) in leaving]] = False
    return Changes(new_rows, changed_rows, there.filter(pa.array(stay)), not stay.all(), where)


def _is_newer(table: Table, others: list[str]) -> str:
    """SQL: a column differs, and the row there is not newer by `table.version`."""
    changed = " OR ".join(f"(t.{name} IS DISTINCT FROM s.{name})" for name in others)
    not_older = "TRUE"
    for name in reversed(table.version):
        newer = f"s.{name} > t.{name} OR (t.{name} IS NULL AND s.{name} IS NOT NULL)"
        not_older = f"({newer} OR ((s.{name} IS NOT DISTINCT FROM t.{name}) AND {not_older}))"
    return f"({changed}) AND {not_older}"
