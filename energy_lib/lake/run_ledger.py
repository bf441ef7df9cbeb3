"""The run ledger and each job's progress through the tables it reads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from energy_lib.intervals import Period
from energy_lib.lake.delta_tables import Lake
from energy_lib.lake.outcome import Outcome
from energy_lib.tables import Table, ops


def progress(lake: Lake, job: str, table: Table) -> int:
    """Last Delta version of `table` that `job` has dealt with; -1 if none."""
    row = _row(lake, job, table)
    return -1 if row is None else int(row["version"])


def last_run(lake: Lake, job: str, table: Table) -> str | None:
    """What `job` recorded of its last run, see record_progress."""
    row = _row(lake, job, table)
    return None if row is None else row["last_run"]


def _row(lake: Lake, job: str, table: Table) -> dict[str, Any] | None:
    key = (job, table.full_name)
    return next((row for row in lake.small_tables.rows(ops.PROGRESS) if _key(row) == key), None)


def _key(row: dict[str, Any]) -> tuple[str, str]:
    return row["job"], row["table_name"]


def record_progress(
    lake: Lake, job: str, versions: dict[Table, int], last_runs: dict[Table, str] | None = None
) -> None:
    """Record how far `job` has read. Call it last, after all that the job writes is published.

    `last_runs`: for some of the tables a text on the run, which last_run gives back.
    """
    read_version = lake.small_tables.version(ops.PROGRESS)
    if read_version < 0:
        lake.small_tables.create(ops.PROGRESS, [])
        read_version = 0
    known = {_key(row): row for row in lake.small_tables.rows(ops.PROGRESS)}
    new = [
        {"job": job, "table_name": table.full_name, "version": version, "last_run": (last_runs or {}).get(table)}
        for table, version in versions.items()
    ]
    after = known | {_key(row): row for row in new}
    if after != known:
        lake.small_tables.replace(ops.PROGRESS, [row for _, row in sorted(after.items())], read_version)


def newest_readers(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of ops.progress but for those of a job's variants (`<job>:<variant>`) that another one has overtaken."""
    newest: dict[tuple[str, str], int] = {}
    for row in rows:
        reader = (row["job"].partition(":")[0], row["table_name"])
        newest[reader] = max(newest.get(reader, -1), row["version"])
    return [row for row in rows if row["version"] == newest[row["job"].partition(":")[0], row["table_name"]]]


def move_progress(lake: Lake, table: Table, version: int) -> None:
    """Let every job that reads the table's changes go on behind `version`; outdated variants of jobs are forgotten."""
    read_version = lake.small_tables.version(ops.PROGRESS)
    rows = lake.small_tables.rows(ops.PROGRESS)
    readers = [row for row in newest_readers(rows) if row["table_name"] == table.full_name]
    others = [row for row in rows if row["table_name"] != table.full_name]
    moved = sorted([*others, *(row | {"version": version} for row in readers)], key=_key)
    if moved != rows:
        lake.small_tables.replace(ops.PROGRESS, moved, read_version)


def record_run(
    lake: Lake,
    *,
    run_id: str,
    job: str,
    period: Period,
    status: str,
    started_at: datetime,
    finished_at: datetime,
    outcome: Outcome,
    error: str | None = None,
) -> None:
    """One row in ops.runs."""
    row = {
        "run_id": run_id,
        "job": job,
        "period_from": period.first,
        "period_to": period.last,
        "status": status,
        "started_at_utc": started_at,
        "finished_at_utc": finished_at,
        "duration_s": (finished_at - started_at).total_seconds(),
        "rows_in": outcome.rows_in,
        "rows_out": outcome.rows_out,
        "versions_read": outcome.versions_read,
        "versions_written": outcome.versions_written,
        "gate_results": outcome.gate_results_json(),
        "error": error,
    }
    lake.small_tables.append(ops.RUNS, [row])
