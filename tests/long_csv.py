"""A plain CSV of one reading a row, the YAML that reads it, and its rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.sources.source import Source

LANDED = datetime(2024, 6, 1, 20, 30, tzinfo=UTC)
LONG: dict[str, Any] = {
    "name": "test",
    "format": "csv",
    "meter": {"column": "meter"},
    "time": {"column": "stamp", "zone": "UTC", "interval_minutes": 60},
    "value": {"column": "v", "unit": "kWh"},
    "fuel": "electricity",
}


def parse(text: str | bytes, **changes: Any) -> list[dict[str, Any]]:
    """Rows of a file in LONG's layout; `changes`: other keys of the YAML, of `time` and `value` those that differ."""
    given = {
        key: {**LONG[key], **value} if isinstance(value, dict) and key in ("time", "value") else value
        for key, value in changes.items()
    }
    source = Source.model_validate(LONG | given)
    data = text.encode() if isinstance(text, str) else text
    tables = parse_readings(Content.of(data, "test/file.csv"), source, LANDED)
    return [row for table in tables for row in table.to_pylist()]


def starts(rows: list[dict[str, Any]]) -> list[str]:
    return [f"{row['interval_start_utc']:%m-%d %H:%M}" for row in rows]
