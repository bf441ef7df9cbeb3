"""For how long tables keep their rows: `maintain.keep_days`, by table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from pyspark.sql import Column
from pyspark.sql import functions as F

from energy_lib.errors import BadConfig, TryAgain
from energy_lib.lake import Lake
from energy_lib.lake.forgetting import marked_commits, require_read
from energy_lib.lake.run_ledger import move_progress
from energy_lib.tables import Table, bronze, ops, silver

# A raw row and what became of it age together, by when it landed: law 1 holds for all that are kept.
OF_RAW_ROWS = (bronze.READINGS, silver.READINGS, silver.QUARANTINE)
LANDED = "landed_at_utc"
# Of tables without a `time` of their own.
AGE: Mapping[Table, str] = {ops.RUNS: "started_at_utc"}


def remove_old_rows(lake: Lake, tables: tuple[Table, ...], keep_days: Mapping[str, int], day: date) -> list[str]:
    """Delete rows that are older than their table keeps them on `day`; a line for each table that had some.

    Raises BadConfig for a table that is none or has no time, and for raw rows that would leave without what became of
    them. A table of which a job has not read all changes is left as it is.
    """
    wanted = _checked(tables, keep_days)
    raw = [table for table in OF_RAW_ROWS if table in wanted]
    groups = [raw, *([table] for table in wanted if table not in raw)]
    lines = []
    for group in groups:
        try:
            require_read(lake, tuple(group))
        except TryAgain as error:
            lines.append(f"{', '.join(table.full_name for table in group)}: old rows stay for now: {error}")
            continue
        lines += [line for table in group if (line := _remove(lake, table, wanted[table], day))]
    return lines


def _remove(lake: Lake, table: Table, days: int, day: date) -> str | None:
    old = _is_before(table, datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=days))
    if not lake.exists(table):
        return None
    count = lake.read(table).where(old).count()
    if count:
        with marked_commits(lake):
            lake.delete(table, old)
    # What is gone by its age is no news: nothing is computed anew without it. A run may have been killed before this.
    move_progress(lake, table, lake.version(table))
    return f"{table.full_name}: {count:,} rows older than {days} days removed" if count else None


def _checked(tables: tuple[Table, ...], keep_days: Mapping[str, int]) -> dict[Table, int]:
    by_name = {table.full_name: table for table in tables}
    for name in keep_days:
        if name not in by_name:
            raise BadConfig(
                f"maintain.keep_days names {name}, which is no table: see the tables in docs/architecture.md."
            )
        if _age_column(by_name[name]) is None:
            raise BadConfig(f"maintain.keep_days names {name}, whose rows have no time by which they age: remove it.")
    if len({keep_days.get(table.full_name) for table in OF_RAW_ROWS}) > 1:
        names = ", ".join(table.full_name for table in OF_RAW_ROWS)
        raise BadConfig(
            f"maintain.keep_days: {names} hold the same raw rows: give all of them the same number of days."
        )
    return {by_name[name]: days for name, days in keep_days.items()}


def _age_column(table: Table) -> str | None:
    if table in OF_RAW_ROWS:
        return LANDED
    return AGE.get(table) or table.time or next(iter(table.partition_by), None)


def _is_before(table: Table, instant: datetime) -> Column:
    name = _age_column(table)
    assert name is not None, "it was checked"
    bound = instant.date() if table.column(name).type == "date" else instant
    old = F.col(name) < F.lit(bound)
    # The partition prunes: a row of an earlier month is older.
    month = next((part for part in table.partition_by if part == "landed_month" and name == LANDED), None)
    return old if month is None else old & (F.col(month) <= F.lit(instant.date()))
