"""Gold: what the hours of the next days will be held against, and what was told of them as they came."""

from __future__ import annotations

from energy_lib.tables.answers.anomalies import SEVERITIES, TYPES
from energy_lib.tables.table import Table, optional, required

EVENTS = ("raised", "updated", "recovered", "withdrawn", "confirmed_by_night", "withdrawn_by_night")
STATES = ("open", "recovered", "withdrawn")
NIGHT = "detect"
SUPPRESSIONS = ("declared", "budget")
STATISTICS = ("spike", "peak", "dropout", "multiplied", "divided", "stuck", "dead", "gap")

DAY_LIMITS = Table(
    layer="gold",
    name="day_limits",
    comment="What each hour of a meter's local day will be held against, said by each night of the day that begins and "
    "of the next; arrays are by wall-clock hour, 0 to 23. Known at T: origin_utc <= T; the last origin counts.",
    columns=(
        required("meter_id", "string", "Meter"),
        required("origin_utc", "timestamp", "As of when it is said: nothing later is in it"),
        required("day_local", "date", "Day by the meter's wall clock"),
        required("zone", "string", "IANA zone of that clock"),
        required(
            "expected_kwh", "array<double>", "Expected energy of each hour, kWh; null: fewer than three days known"
        ),
        required("scale_kwh", "array<double>", "How far such an expectation was off lately, kWh: a spread"),
        required("stuck_weight", "array<double>", "What an hour that repeats the one before counts: -log of its share"),
        required("dead_weight", "array<double>", "What an hour of zero counts: -log of its share"),
        optional("highest_before_kwh", "double", "Highest hour of the 170 days before, kWh"),
        optional("temperature_c", "double", "Temperature that the day was expected for, as forecast; null: unknown"),
        *(
            optional(f"{name}_limit", "double", f"Limit of the statistic {name}; null: there is no alarm of it")
            for name in STATISTICS
        ),
        *(
            optional(f"{name}_hours_before", "int", f"Hours of the run of {name} that reaches the day before this one")
            for name in ("stuck", "dead", "gap")
        ),
        *(optional(f"{name}_weight_before", "double", f"Weight of that run of {name}") for name in ("stuck", "dead")),
        optional(
            "alarms_before", "string", "Alarms before the day before this one that decide whether one is new; JSON"
        ),
        required("rule_version", "string", "Version of the detectors"),
        required("readings_version", "long", "Delta version of silver.hourly_readings that it was made of"),
    ),
    key=("meter_id", "origin_utc", "day_local"),
    time="origin_utc",
)

ALERTS = Table(
    layer="gold",
    name="alerts",
    comment="What was told of a meter while its readings came, and what the night made of it; a row whenever something "
    "is said. What stands at T is an alert's last row with told_at_utc <= T.",
    columns=(
        required("alert_id", "string", "Alert: a hash of meter, type and start, as anomaly_id of gold.anomalies"),
        required("event", "string", "What is said: docs/anomalies.md describes each", EVENTS),
        required("told_at_utc", "timestamp", "As of when it is said"),
        required("meter_id", "string", "Meter"),
        required("type", "string", "What is wrong: docs/anomalies.md describes each type", TYPES),
        required("state", "string", "What the alert is from then on", STATES),
        required("severity", "string", "low, medium or high, as of gold.anomalies, by the hours so far", SEVERITIES),
        optional(
            "suppressed", "string", "Why nobody need be told: inside a declared event, or over budget", SUPPRESSIONS
        ),
        required("start_utc", "timestamp", "When it began"),
        required("end_utc", "timestamp", "End of its last hour so far, or of the day that it is told of"),
        required("day_local", "date", "Local day whose hours told of it"),
        required("statistic", "string", "The statistic that names it", STATISTICS),
        required("score", "double", "That statistic over its limit; above 1"),
        required("statistic_limit", "double", "That limit: of spreads, log ratios, hours or surprise"),
        optional("observed_kwh", "double", "Energy read in its hours so far, kWh; null: nothing was"),
        optional("expected_kwh", "double", "Energy expected in the same hours, kWh"),
        required("evidence", "array<string>", "Declared events that hold all of it, then the rules that it broke"),
        optional("reason", "string", "Why it is withdrawn, or under which name the night confirms it"),
        optional("anomaly_id", "string", "Event of gold.anomalies that the night confirms it as"),
        optional("origin_utc", "timestamp", "Origin of the gold.day_limits that it broke"),
        required("rule_version", "string", "Version of the detectors"),
        required("query", "string", "Who says so: the stream's query, or detect"),
        required("batch_id", "long", "Batch of that query; of detect the day of its origin, in days since 1970"),
    ),
    key=("alert_id", "query", "told_at_utc", "event"),
    time="told_at_utc",
    appended_by_streams=True,
)

TABLES = (DAY_LIMITS, ALERTS)
