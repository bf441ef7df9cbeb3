"""Ops: what ran, how far each job has read, and who runs now."""

from __future__ import annotations

from energy_lib.tables.answers.recommendations import STATES
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

ALERT_DELIVERIES = Table(
    layer="ops",
    name="alert_deliveries",
    comment="What became of each alert and advice that was to be told outside of Kafka, a row a receiver.",
    columns=(
        required("alert_id", "string", "Alert of gold.alerts, or advice_id of gold.advice"),
        required("event", "string", "What was said of it"),
        required("told_at_utc", "timestamp", "As of when its table says it"),
        required("channel", "string", "Receiver: name of the webhook in the config, or email"),
        required("message_id", "string", "Id that the receiver was given, the same at each attempt: webhook-id"),
        required("status", "string", "delivered, or dead: given up", ("delivered", "dead")),
        required("attempts", "int", "How often it was tried in the run that settled it"),
        optional("error", "string", "What the last attempt failed by; of a delivered mail, who did not get it"),
        required("at_utc", "timestamp", "Wall clock of the last attempt"),
    ),
    key=("alert_id", "event", "told_at_utc", "channel", "at_utc"),
    time="told_at_utc",
    appended_by_streams=True,
)

AUDIT = Table(
    layer="ops",
    name="audit",
    comment="Who read or changed what, when and from where: a chain, which jobs/audit.py verify holds to be whole.",
    columns=(
        required("sequence", "long", "Number of the row, from 1 on without a gap"),
        required("at_utc", "timestamp", "Wall clock of the request"),
        required("actor", "string", "Who: user:<name>, key:<name>:<id>, os:<user of a job>, anonymous, or unknown"),
        required("origin", "string", "From where: address of the client, or job and host"),
        optional("request_id", "string", "Id of the request, as in the service's log and answer"),
        required("action", "string", "What was done or asked for"),
        required("resource", "string", "To what: path, table or key"),
        required("outcome", "string", "Whether it was done", ("done", "refused", "failed")),
        optional("detail", "string", "JSON of what else is worth knowing, such as filters and the number of rows"),
        required("previous_hash", "string", "Hash of the row before; zeros before the first"),
        required("hash", "string", "SHA-256 of previous_hash and of this row's words"),
    ),
    key=("sequence",),
    time="at_utc",
    appended_by_streams=True,
)

POSTED_FEEDBACK = Table(
    layer="ops",
    name="posted_feedback",
    comment="What programs posted of recommendations, whatever a night was writing; recommend takes it into "
    "gold.recommendation_states.",
    columns=(
        required("recommendation_id", "string", "Recommendation"),
        required("changed_at_utc", "timestamp", "When it was said"),
        required("state", "string", "What it is now", STATES),
        required("changed_by", "string", "Who said so"),
        optional("snoozed_until", "date", "First day on which a snoozed one is new again"),
        optional("done_on", "date", "Of a done one: the day on which it was; null: that of changed_at_utc"),
        optional("note", "string", "Why, in their words"),
        required("request_key", "string", "Hash of who posted it and of their idempotency key"),
        required("request_hash", "string", "Hash of what was posted"),
    ),
    key=("recommendation_id", "changed_at_utc", "request_key"),
    appended_by_streams=True,
)

PSEUDONYM_KEYS = Table(
    layer="ops",
    name="pseudonym_keys",
    comment="Of which keys the lake's pseudonyms are: one row. The keys lie elsewhere.",
    columns=(
        required("keys", "string", "Always 'pseudonyms'"),
        required("version", "int", "Version of the newest key"),
        required("check_value", "string", "What tells these keys from others, and nothing of them"),
        required("is_whole", "boolean", "Whether all pseudonyms are of this version; false while they are renewed"),
    ),
    key=("keys",),
)

TABLES = (RUNS, PROGRESS, LEASES, ALERT_DELIVERIES, AUDIT, POSTED_FEEDBACK, PSEUDONYM_KEYS)
