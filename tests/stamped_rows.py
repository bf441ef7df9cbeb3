"""Readings of one meter by their stamps: the start of each, or the rule it broke."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.sources.source import Source

LANDED = datetime(2024, 6, 1, 20, 30, tzinfo=UTC)


def readings(data: bytes, time: dict[str, Any], **changes: Any) -> list[dict[str, Any]]:
    given = {
        "name": "town",
        "format": "csv",
        "meter": {"column": "m"},
        "time": {"column": "t", "interval_minutes": 60, **time},
        "value": {"column": "v", "unit": "kWh"},
        "fuel": "electricity",
    }
    source = Source.model_validate(given | changes)
    return [row for table in parse_readings(Content.of(data), source, LANDED) for row in table.to_pylist()]


def start_of(stamp: str, **time: Any) -> str:
    """The start in UTC of one reading, or the rule it broke."""
    [row] = readings(f'm,t,v\nx,"{stamp}",1\n'.encode(), time)
    return row["rule_id"] or f"{row['interval_start_utc']:%Y-%m-%d %H:%M}"
