"""The run ledger and each job's progress through the tables it reads."""

from __future__ import annotations

from datetime import datetime

from pyspark.sql import functions as F

from energy_lib.intervals import Period
from energy_lib.lake.outcome import Outcome
from energy_lib.lake.store import Lake
from energy_lib.tables import Table, ops


def progress(lake: Lake, job: str, table: Table) -> int:
    """Last Delta version of `table` that `job` has dealt with; -1 if none."""
    if not lake.exists(ops.PROGRESS):
        return -1
    mine = lake.read(ops.PROGRESS).where((F.col("job") == job) & (F.col("table_name") == table.full_name))
    row = mine.first()
    return -1 if row is None else int(row["version"])


def record_progress(lake: Lake, job: str, versions: dict[Table, int]) -> None:
    """Say how far `job` has read; call it last, after all that it writes is published."""
    rows = [(job, table.full_name, version) for table, version in versions.items()]
    lake.upsert(ops.PROGRESS, lake.spark.createDataFrame(rows, ops.PROGRESS.spark_schema), prune=False)


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
    row = (
        run_id,
        job,
        period.first,
        period.last,
        status,
        started_at,
        finished_at,
        (finished_at - started_at).total_seconds(),
        outcome.rows_in,
        outcome.rows_out,
        outcome.versions_read,
        outcome.versions_written,
        outcome.gate_results_json(),
        error,
    )
    lake.append(ops.RUNS, lake.spark.createDataFrame([row], ops.RUNS.spark_schema))
