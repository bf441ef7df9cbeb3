"""The run ledger and each job's progress through the tables it reads."""

from __future__ import annotations

from datetime import datetime

from energy_lib.intervals import Period
from energy_lib.lake.delta_tables import Lake
from energy_lib.lake.outcome import Outcome
from energy_lib.tables import Table, ops


def progress(lake: Lake, job: str, table: Table) -> int:
    """Last Delta version of `table` that `job` has dealt with; -1 if none."""
    mine = (
        row for row in lake.small_tables.rows(ops.PROGRESS) if (row["job"], row["table_name"]) == (job, table.full_name)
    )
    return next((int(row["version"]) for row in mine), -1)


def record_progress(lake: Lake, job: str, versions: dict[Table, int]) -> None:
    """Record how far `job` has read. Call it last, after all that the job writes is published."""
    read_version = lake.small_tables.version(ops.PROGRESS)
    if read_version < 0:
        lake.small_tables.create(ops.PROGRESS, [])
        read_version = 0
    known = {(row["job"], row["table_name"]): row["version"] for row in lake.small_tables.rows(ops.PROGRESS)}
    after = known | {(job, table.full_name): version for table, version in versions.items()}
    if after != known:
        rows = [{"job": j, "table_name": name, "version": version} for (j, name), version in sorted(after.items())]
        lake.small_tables.replace(ops.PROGRESS, rows, read_version)


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
