"""Weather that comes more often than hourly: one row an hour, its mean."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.reference_data import parse_reference
from energy_lib.landing.sources.source import Source

LANDED = datetime(2024, 6, 1, tzinfo=UTC)


def parse(lines: str, minutes: int, **columns: Any) -> list[dict[str, Any]]:
    source = Source.model_validate(
        {
            "name": "town",
            "kind": "weather",
            "format": "csv",
            "time": {"column": "t", "interval_minutes": minutes},
            "available": {"after_interval_end_minutes": 0},
            "columns": {"location_id": "p", "temperature_c": "c", "humidity_pct": "h", **columns},
        }
    )
    data = f"p,t,c,h,i\n{lines}".encode()
    return [row for table in parse_reference(Content.of(data), source, LANDED) for row in table.to_pylist()]


def by_hour(rows: list[dict[str, Any]]) -> dict[tuple[str, str], tuple[float | None, float | None, str]]:
    return {
        (row["location_id"], f"{row['interval_start_utc']:%H:%M}"): (
            row["temperature_c"],
            row["humidity_pct"],
            f"{row['available_at_utc']:%H:%M}",
        )
        for row in rows
        if row["rule_id"] is None
    }


def test_half_hours_become_the_mean_of_their_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (
        "x,2024-01-01 00:00,1,,\nx,2024-01-01 00:30,3,50,\n"  # a measure that one half lacks is that of the other
        "x,2024-01-01 01:00,5,40,\n"  # an hour of which one half is there
        "x,2024-01-01 02:30,7,30,\n"  # so too: it keeps its stamp
        "y,2024-01-01 00:00,9,20,\n"  # another place
        "x,2024-01-01 03:00,2,10,\nx,2024-01-01 03:30,4,10,\nx,2024-01-01 03:30,8,10,\n"  # said twice: the last counts
        "x,2024-01-01 04:00,soon,10,\nx,2024-01-01 04:30,6,10,\n"  # a bad half costs itself
    )
    for block in (30, 10_000):
        monkeypatch.setattr("energy_lib.landing.formats.delimited.BLOCK_BYTES", block)
        rows = parse(lines, 30)
        assert by_hour(rows) == {
            ("x", "00:00"): (2.0, 50.0, "01:00"),
            ("x", "01:00"): (5.0, 40.0, "01:30"),
            ("x", "02:30"): (7.0, 30.0, "03:00"),
            ("y", "00:00"): (9.0, 20.0, "00:30"),
            ("x", "03:00"): (5.0, 10.0, "04:00"),
            ("x", "04:30"): (6.0, 10.0, "05:00"),
        }
        assert [row["rule_id"] for row in rows if row["rule_id"]] == ["unparseable_value"]
        assert len({row["row_number"] for row in rows}) == len(rows)


def test_hourly_weather_stays_as_it_is() -> None:
    rows = parse("x,2024-01-01 00:00,1,2,\nx,2024-01-01 01:00,3,4,\n", 60)
    assert by_hour(rows) == {("x", "00:00"): (1.0, 2.0, "01:00"), ("x", "01:00"): (3.0, 4.0, "02:00")}
    assert [row["issued_at_utc"] for row in rows] == [row["interval_start_utc"] for row in rows]


def test_forecasts_are_averaged_by_issue() -> None:
    lines = (
        "x,2024-01-02 00:00,1,1,2024-01-01 00:00\nx,2024-01-02 00:30,3,1,2024-01-01 00:00\n"
        "x,2024-01-02 00:00,5,1,2024-01-01 06:00\nx,2024-01-02 00:30,9,1,2024-01-01 06:00\n"
    )
    rows = parse(lines, 30, issued_at_utc="i", kind={"constant": "forecast"})
    assert sorted((f"{row['issued_at_utc']:%H:%M}", row["temperature_c"]) for row in rows) == [
        ("00:00", 2.0),
        ("06:00", 7.0),
    ]
