"""Keys that exports need: ranges of stamps, stamps in the header, ids above it, reads of an interval's end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from landed_rows import read, refused
from pydantic import ValidationError

from energy_lib.landing.files.content import Content
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.parsing.stamp_ranges import range_minutes, range_parts
from energy_lib.landing.parsing.stamp_texts import read_clock
from energy_lib.landing.parsing.zone_names import ZoneNames
from energy_lib.landing.sources.source import Source

LANDED = datetime(2025, 1, 1, tzinfo=UTC)
BASE: dict[str, Any] = {
    "name": "s",
    "format": "csv",
    "meter": {"column": "id"},
    "time": {"column": "when", "zone": "Europe/Berlin", "range_separator": " - "},
    "value": {"column": "kwh", "unit": "kWh"},
    "fuel": "electricity",
}


def parsed(text: str, **keys: Any) -> list[dict[str, Any]]:
    source = Source.model_validate(BASE | keys)
    tables = parse_readings(Content.of(text.encode(), "s/file.csv"), source, LANDED)
    return [row for table in tables for row in table.to_pylist()]


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2024-05-01 00:00", "2024-05-01 00:15", 15),
        ("2024-05-01 23:00", "2024-05-01 24:00", 60),
        # In spring 02:00 is 03:00, however the end is written.
        ("2024-03-31 01:00", "2024-03-31 02:00", 60),
        ("2024-03-31 01:45", "2024-03-31 03:00", 15),
        # In autumn 02:00 … 03:00 are two hours, and each of them is written so.
        ("2024-10-27 01:00", "2024-10-27 02:00", 60),
        ("2024-10-27 02:00", "2024-10-27 03:00", 60),
        ("2024-10-27 02:45", "2024-10-27 02:00", 15),
        # Days of 23 and of 25 hours.
        ("2024-03-31", "2024-04-01", 1380),
        ("2024-10-27", "2024-10-28", 1500),
        # An end that is not after the start, and one that is no time.
        ("2024-05-01 01:00", "2024-05-01 01:00", 0),
        ("2024-05-01 01:00", "tomorrow", 0),
    ],
)
def test_the_length_of_a_range(start: str, end: str, minutes: int) -> None:
    starts, ends = (read_clock(pa.array([text]), None) for text in (start, end))
    assert range_minutes(starts, ends, "Europe/Berlin").tolist() == [minutes]


def test_a_range_is_parted_at_its_first_separator() -> None:
    starts, ends = range_parts(pa.array(["a - b - c", "alone", None]), " - ")
    assert starts.to_pylist() == ["a", "alone", None]
    assert ends.to_pylist() == ["b - c", None, None]


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2024-10-27 02:00 (CEST)", 0), ("2024-10-27 02:00 (CET)", 1), ("2024-10-27 03:00 (CET/CEST)", 3)],
)
def test_the_name_of_a_clock_may_stand_in_brackets(text: str, hour: int) -> None:
    clock = read_clock(pa.array([text]), None, ZoneNames("Europe/Berlin"))
    # Both names say nothing: then it is the local clock, here 03:00.
    assert clock.micros[0] == np.datetime64(f"2024-10-27T{hour:02d}:00", "us").astype(np.int64)
    assert clock.absolute[0] == ("/" not in text)


def test_ranges_of_hours_and_then_of_quarter_hours() -> None:
    text = "id,when,kwh\nm,2024-05-01 01:00 - 2024-05-01 02:00,4\nm,2024-05-01 02:00 - 2024-05-01 02:15,1\n"
    text += "m,2024-05-01 03:00,1\n"
    found = parsed(text)
    assert read(found) == [("m", "2024-04-30 23:00", 60, 4.0), ("m", "2024-05-01 00:00", 15, 1.0)]
    assert refused(found) == [("2024-05-01 03:00", "unknown_interval")]
    # Bronze keeps what stood there.
    assert found[0]["raw_timestamp"] == "2024-05-01 01:00 - 2024-05-01 02:00"


def test_ranges_hold_mean_power_by_their_length() -> None:
    text = "id,when,kwh\nm,2024-05-01 01:00 - 2024-05-01 01:15,4\n"
    assert read(parsed(text, value={"column": "kwh", "unit": "kW"})) == [("m", "2024-04-30 23:00", 15, 1.0)]


IN_HEADER = {
    "time": {"zone": "Europe/Berlin", "interval_minutes": "infer", "doubled_hour": "order"},
    "value": {"stamp_columns": "2024-*", "unit": "kWh"},
}


def test_stamps_in_the_header() -> None:
    text = "id,place,2024-05-01 00:00,2024-05-01 00:15\na,x,0.5,0.25\nb,y,1,\n"
    found = parsed(text, **IN_HEADER)
    assert read(found) == [
        ("a", "2024-04-30 22:00", 15, 0.5),
        ("a", "2024-04-30 22:15", 15, 0.25),
        ("b", "2024-04-30 22:00", 15, 1.0),
    ]
    assert refused(found) == [("2024-05-01 00:15", "missing_value")]


def test_stamps_in_the_header_that_are_none_cost_their_column() -> None:
    text = "id,2024-05-01 00:00,2024-05-01 00:15,2024-13-01 00:00\na,0.5,0.25,7\n"
    found = parsed(text, **IN_HEADER)
    assert [kwh for *_, kwh in read(found)] == [0.5, 0.25]
    assert refused(found) == [("2024-13-01 00:00", "unparseable_timestamp")]


ABOVE = {"skip_rows": 2, "meter": {"above_header": r"^Account,(\w+)"}}


def test_an_id_above_the_header_is_that_of_every_row() -> None:
    rows = "when,kwh\n2024-05-01 01:00 - 2024-05-01 02:00,4\n"
    assert read(parsed(f"Name,Ann\r\nAccount,A17\r\n{rows}", **ABOVE)) == [("A17", "2024-04-30 23:00", 60, 4.0)]
    with pytest.raises(FileFault, match=r"the lines above the header do not match meter.above_header") as fault:
        parsed(f"Name,Ann\nCustomer,A17\n{rows}", **ABOVE)
    assert fault.value.rule_id == "file_layout"


def test_a_register_read_at_the_end_of_the_interval_that_its_stamp_starts() -> None:
    time = {"column": "when", "zone": "Europe/Berlin", "interval_minutes": 60}
    value = {"column": "kwh", "unit": "kWh", "register_reads": "at_interval_end"}
    # At 01:00 the clock goes an hour on; an hour later it shows 03:00.
    [row] = parsed("id,when,kwh\nm,2024-03-31 01:00,1000\n", time=time, value=value)
    assert row["interval_start_utc"] == datetime(2024, 3, 31, 1, tzinfo=UTC)
    assert (row["register_kwh"], row["energy_kwh"], row["interval_minutes"]) == (1000, None, None)
    [row] = parsed("id,when,kwh\nm,2024-03-31 01:00,1000\n", time=time, value=value | {"register_reads": True})
    assert row["interval_start_utc"] == datetime(2024, 3, 31, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"time": BASE["time"] | {"stamp": "end"}}, "stamp says nothing beside range_separator"),
        ({"time": BASE["time"] | {"interval_minutes": 60}}, "interval_minutes says nothing beside range_separator"),
        ({"meter": ABOVE["meter"]}, "meter.above_header looks into the lines above the header, and there are none"),
        ({"time": {"interval_minutes": 60}}, "a csv source of readings needs time.column"),
        (
            IN_HEADER | {"time": {"column": "when", "interval_minutes": 60}},
            "time.column says nothing beside value.stamp",
        ),
        (
            {"value": {"stamp_columns": "2024*", "day_columns": "H*", "unit": "kWh"}, "time": IN_HEADER["time"]},
            "value.day_columns and value.stamp_columns exclude each other",
        ),
        (
            {
                "value": {"column": "kwh", "unit": "kWh", "register_reads": "at_interval_end"},
                "time": {"column": "when"},
            },
            "value.register_reads at_interval_end needs time.interval_minutes as a number",
        ),
    ],
)
def test_keys_that_say_nothing_together_are_refused(keys: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Source.model_validate(BASE | keys)
