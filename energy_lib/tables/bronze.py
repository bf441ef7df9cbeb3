"""Bronze: everything that ever landed, as it came and as it was parsed."""

from __future__ import annotations

from energy_lib.tables.table import Table, optional, required
from energy_lib.vocabulary import Flow, Fuel, Quality

FILE_STATUSES = ("claimed", "ingested", "rejected", "duplicate")

FILES = Table(
    layer="bronze",
    name="files",
    comment="Every file offered in landing: claimed before its rows are written, then ingested or rejected.",
    columns=(
        required("source", "string", "Name of the source's YAML"),
        required("path", "string", "Path below landing"),
        required("landed_at_utc", "timestamp", "Modification time of the file: when it landed"),
        required("size_bytes", "long", "Size of the file"),
        required("file_id", "string", "SHA-256 of the content and the source (and of the name, if it says the meter)"),
        required("status", "string", "What became of the file", FILE_STATUSES),
        optional("rule_id", "string", "Rule that rejected the whole file"),
        optional("reason", "string", "Why it was rejected, in words"),
        optional("row_count", "long", "Rows written to bronze from this file"),
    ),
    key=("source", "path", "landed_at_utc", "size_bytes"),
)

READINGS = Table(
    layer="bronze",
    name="readings",
    comment="Every raw row for ever: raw text beside what was parsed; rule_id says why a row could not be.",
    columns=(
        required("source", "string", "Name of the source's YAML"),
        required("file_id", "string", "The file: see bronze.files; of a message kafka:<id of the topic>:<partition>"),
        required("row_number", "long", "1-based ordinal of the reading in its file; of a message its offset + 1"),
        required("path", "string", "Path below landing; of a message <topic>/<partition>"),
        required("landed_at_utc", "timestamp", "When the file landed, or the message's own time"),
        required("landed_month", "date", "First day of the UTC month of landed_at_utc; partition"),
        optional("raw_meter_id", "string", "Meter as written in the file"),
        optional("raw_timestamp", "string", "Stamp as written in the file"),
        optional("raw_value", "string", "Value as written in the file"),
        optional("raw_row", "string", "The whole row as it stood, where it could not be taken apart"),
        optional("meter_id", "string", "Meter"),
        optional("building_id", "string", "Building the meter stands in, where the file says so"),
        optional("fuel", "string", "Fuel the meter measures", tuple(Fuel)),
        optional("flow", "string", "Direction of what the register counts; null means import", tuple(Flow)),
        optional("interval_start_utc", "timestamp", "Start of the interval (of a register read: its stamp)"),
        optional("interval_minutes", "int", "Length of the interval, minutes; null for register reads"),
        optional("energy_kwh", "double", "Energy used in the interval, kWh; null for register reads"),
        optional("register_kwh", "double", "Cumulative register, kWh; null for interval reads"),
        optional("quality", "string", "Quality the sender gave it", tuple(Quality)),
        optional("available_at_utc", "timestamp", "When the reading counts as known"),
        optional("rule_id", "string", "Parsing rule the row broke; null if it parsed"),
        optional("reason", "string", "Why it did not parse, in words"),
    ),
    key=("file_id", "row_number"),
    partition_by=("landed_month",),
    time="interval_start_utc",
    change_feed=True,
    appended_by_streams=True,
)

TABLES = (FILES, READINGS)
