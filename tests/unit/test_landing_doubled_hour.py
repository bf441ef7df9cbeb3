"""Rows of the doubled autumn hour that are told apart by their order."""

from __future__ import annotations

from datetime import UTC, datetime

from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.reference_data import parse_reference
from energy_lib.landing.sources.source import Source

LANDED = datetime(2024, 11, 1, tzinfo=UTC)


def test_a_reference_row_without_its_key_in_the_doubled_hour_costs_itself_only() -> None:
    """London's clock shows 01:00 to 02:00 twice on 2024-10-27; the order in the file tells the two apart."""
    source = Source.model_validate(
        {
            "name": "town_weather",
            "kind": "weather",
            "format": "csv",
            "time": {"column": "stamp", "zone": "Europe/London", "doubled_hour": "order"},
            "columns": {"location_id": "place"},
        }
    )
    data = b"place,stamp\nleeds,2024-10-27 01:00\n,2024-10-27 01:00\nleeds,2024-10-27 01:00\n"
    [table] = parse_reference(Content.of(data), source, LANDED)
    assert [(row["location_id"], row["interval_start_utc"].hour, row["rule_id"]) for row in table.to_pylist()] == [
        ("leeds", 0, None),
        (None, 0, "missing_value"),
        ("leeds", 1, None),
    ]
