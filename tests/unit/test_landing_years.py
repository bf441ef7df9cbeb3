"""The years that a stamp may be of: 1900 to 2200, in readings and in reference data."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from stamped_rows import LANDED, readings, start_of

from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.reference_data import parse_reference
from energy_lib.landing.parsing.stamp_texts import read_clock
from energy_lib.landing.sources.source import Source


@pytest.mark.parametrize(
    ("stamp", "format_", "rule"),
    [
        ("0001-01-01 00:00", None, "timestamp_out_of_range"),
        ("1899-12-31 23:59", None, "timestamp_out_of_range"),
        ("1900-01-01 00:00", None, "1900-01-01 00:00"),
        ("2200-12-31 23:59", None, "2200-12-31 23:59"),
        ("2201-01-01T00:00Z", None, "timestamp_out_of_range"),
        ("9999-12-31", None, "timestamp_out_of_range"),
        ("01.01.2300 00:00", "%d.%m.%Y %H:%M", "timestamp_out_of_range"),
        ("-62135596800", "epoch_s", "timestamp_out_of_range"),
        ("inf", "epoch_s", "timestamp_out_of_range"),
        ("1e300", "epoch_ms", "timestamp_out_of_range"),
        ("1" * 30, "epoch_s", "timestamp_out_of_range"),
        # Milliseconds read as seconds: the year 55970.
        ("1704067200000", "epoch_s", "timestamp_out_of_range"),
        ("nan", "epoch_s", "unparseable_timestamp"),
    ],
)
def test_a_year_that_no_meter_saw_costs_the_row(stamp: str, format_: str | None, rule: str) -> None:
    for zone in ("UTC", "Asia/Kathmandu") if rule.startswith("time") else ("UTC",):
        assert start_of(stamp, format=format_, zone=zone) == rule


@pytest.mark.parametrize("unit", ["ms", "us"])
def test_typed_stamps_of_far_years_cost_their_rows_only(unit: str) -> None:
    per_second = {"ms": 1_000, "us": 1_000_000}[unit]
    ticks = [1_704_067_200 * per_second, -62_135_596_800 * per_second, 2**62, -(2**62), None]
    table = pa.table({"m": ["x"] * 5, "t": pa.array(ticks, pa.int64()).cast(pa.timestamp(unit, "UTC")), "v": [1.0] * 5})
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    rows = readings(buffer.getvalue(), {}, format="parquet")
    assert [row["rule_id"] for row in rows] == [None, *["timestamp_out_of_range"] * 3, "unparseable_timestamp"]
    assert rows[0]["interval_start_utc"] == datetime(2024, 1, 1, tzinfo=UTC)


def test_seconds_beyond_all_microseconds_do_not_turn_over() -> None:
    clock = read_clock(pa.array([2**62, -(2**62), 0], pa.int64()).cast(pa.timestamp("s")), None)
    assert clock.out_of_range.tolist() == [True, True, False]


def test_reference_data_have_the_same_stamps_and_years() -> None:
    source = Source.model_validate(
        {
            "name": "w",
            "kind": "weather",
            "format": "csv",
            "time": {"column": "t", "zone": "Europe/Brussels"},
            "columns": {
                "location_id": "p",
                "temperature_c": "c",
                "issued_at_utc": "i",
                "kind": {"constant": "forecast"},
            },
        }
    )
    data = (
        b"p,t,c,i\nx,2024-07-01 12:00+02,1,2024-07-01\nx,0001-01-01,2,2024-07-01\nx,now,3,2024-07-01\n"
        b"x,2024-07-01 15:00,4,2300-01-01\n"
    )
    [table] = parse_reference(Content.of(data), source, LANDED)
    rows = table.to_pylist()
    assert rows[0]["interval_start_utc"] == datetime(2024, 7, 1, 10, tzinfo=UTC)
    assert [row["rule_id"] for row in rows] == [
        None,
        "timestamp_out_of_range",
        "unparseable_timestamp",
        "unparseable_timestamp",
    ]


def test_reference_data_and_their_stamps_beside_are_of_the_years_1900_to_2200() -> None:
    source = Source.model_validate(
        {
            "name": "w",
            "kind": "weather",
            "format": "csv",
            "time": {"column": "t", "zone": "UTC"},
            "columns": {
                "location_id": {"constant": "here"},
                "temperature_c": "c",
                "issued_at_utc": "i",
                "kind": {"constant": "forecast"},
            },
        }
    )
    stamps = ["1899-12-31T23:59", "1900-01-01T00:00", "2200-12-31T23:59", "2201-01-01T00:00"]
    data = "t,c,i\n" + "".join(f"{stamp},1,2024-01-01\n" for stamp in stamps)
    data += "".join(f"2024-01-01,1,{stamp}\n" for stamp in stamps)
    [table] = parse_reference(Content.of(data.encode()), source, LANDED)
    rules = [row["rule_id"] for row in table.to_pylist()]
    assert rules[:4] == ["timestamp_out_of_range", None, None, "timestamp_out_of_range"]
    assert rules[4:] == ["unparseable_timestamp", None, None, "unparseable_timestamp"]
