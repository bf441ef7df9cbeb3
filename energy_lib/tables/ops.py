"""Ops: what ran, how far each job has read, and who runs now."""

from __future__ import annotations

from energy_lib.tables.table import Table, optional, required

RUNS = Table(
    layer="ops",
    name="runs",
    comment="Every run of every job.",
    columns=(
        required("run_id", "string", "Run"),
        required("job", "string", "Job"),
        required("period_from", "date", "First day of the period"),
        required("period_to", "date", "Last day of the period"),
        required("status", "string", "How it ended", ("succeeded", "refused", "failed")),
        required("started_at_utc", "timestamp", "Wall clock"),
        required("finished_at_utc", "timestamp", "Wall clock"),
        required("duration_s", "double", "Seconds"),
        optional("rows_in", "long", "Rows read as news"),
        optional("rows_out", "long", "Rows published"),
        optional("versions_read", "map<string,long>", "Delta version of each table read"),
        optional("versions_written", "map<string,long>", "Delta version of each table after the run"),
        optional(
            "gate_results", "string", "JSON: suite, expectations, failures; of clean also the proof of conservation"
        ),
        optional("error", "string", "The sentence the user saw"),
    ),
    key=("run_id",),
)

PROGRESS = Table(
    layer="ops",
    name="progress",
    comment="How far a job has read the changes of a table.",
    columns=(
        required("job", "string", "Job"),
        required("table_name", "string", "Table it reads"),
        required("version", "long", "Last Delta version whose changes it has dealt with"),
        optional("last_run", "string", "JSON of what the last run was computed from, where a job asks for it"),
    ),
    key=("job", "table_name"),
)

LEASES = Table(
    layer="ops",
    name="leases",
    comment="Who may write to the lake now: one row.",
    columns=(
        required("lease", "string", "Always 'writer'"),
        required("holder", "string", "Run that holds it; empty when free"),
        required("host", "string", "Host of the holder"),
        required("pid", "long", "Process id of the holder"),
        required("process_started", "string", "Start time of that process, so that a reused pid is told apart"),
        required("renewed_at_utc", "timestamp", "Wall clock of the last sign of life"),
        optional("place", "string", "Boot and process namespace of the holder: where its pid means something"),
        optional("token", "long", "Grows with each holder; each commit is fenced by it"),
    ),
    key=("lease",),
)

TABLES = (RUNS, PROGRESS, LEASES)
