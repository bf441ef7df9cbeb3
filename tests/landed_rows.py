"""A file of a shipped source, parsed, for tests of the layouts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.sources.loading import load_sources

SOURCES = load_sources(None)
LANDED = datetime(2024, 6, 1, 20, 30, tzinfo=UTC)


def rows(source: str, data: str | bytes, name: str = "file.csv") -> list[dict[str, Any]]:
    raw = data.encode() if isinstance(data, str) else data
    tables = parse_readings(Content.of(raw, f"{source}/{name}"), SOURCES[source], LANDED)
    return [row for table in tables for row in table.to_pylist()]


def read(parsed: list[dict[str, Any]]) -> list[tuple[str, str, int, float]]:
    """(meter, start in UTC, minutes, kWh) of the rows that broke no rule."""
    return [
        (r["meter_id"], f"{r['interval_start_utc']:%Y-%m-%d %H:%M}", r["interval_minutes"], round(r["energy_kwh"], 9))
        for r in parsed
        if r["rule_id"] is None
    ]


def refused(parsed: list[dict[str, Any]]) -> list[tuple[str | None, str]]:
    return [(r["raw_timestamp"], r["rule_id"]) for r in parsed if r["rule_id"] is not None]
