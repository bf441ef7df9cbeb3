"""A day per row, whatever its columns are called, on days of 23, 24 and 25 hours."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from landed_rows import read, refused

from energy_lib.landing.files.content import Content
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.sources.source import Source

LANDED = datetime(2025, 1, 1, tzinfo=UTC)
HOURS = [f"{hour:02d}:00-{(hour + 1) % 24:02d}:00" for hour in range(24)]


def parse(header: list[str], *days: list[object], **changes: Any) -> list[dict[str, Any]]:
    time = {"column": "day", "zone": "Europe/Rome", "interval_minutes": "infer", **changes.pop("time", {})}
    value = {"day_columns": "*", "unit": "kWh", **changes.pop("value", {})}
    given = {"name": "t", "format": "csv", "meter": {"column": "m"}, "time": time, "value": value, "fuel": "gas"}
    source = Source.model_validate(given | changes)
    lines = [["day", "m", *header], *days]
    text = "".join(",".join(str(cell) for cell in line) + "\n" for line in lines)
    tables = parse_readings(Content.of(text.encode(), "t/file.csv"), source, LANDED)
    return [row for table in tables for row in table.to_pylist()]


def stamps(parsed: list[dict[str, Any]]) -> list[str]:
    return [start[5:] for _, start, _, _ in read(parsed)]


@pytest.mark.parametrize(
    ("header", "minutes"),
    [
        (HOURS, 60),
        ([f"{hour:02d}:00" for hour in range(24)], 60),
        ([f"H{hour}" for hour in range(1, 25)], 60),
        ([str(hour) for hour in range(24)], 60),
        ([f"{hour % 12 or 12}:00 {'AM' if hour < 12 else 'PM'}" for hour in range(24)], 60),
        ([f"{hour}h00" for hour in range(24)], 60),
        ([f"kWh {hour:02d}00" for hour in range(24)], 60),
        ([f"hh{half}" for half in range(1, 49)], 30),
        ([f"{half // 2:02d}:{half % 2 * 30:02d}:00" for half in range(48)], 30),
        ([f"int{quarter:03d}" for quarter in range(1, 97)], 15),
    ],
)
def test_columns_of_a_day_by_time_or_by_number(header: list[str], minutes: int) -> None:
    parsed = read(parse(header, ["2024-09-01", "a", *range(len(header))]))
    assert [row[3] for row in parsed] == list(range(len(header)))
    # Midnight in Rome in September is 22:00 UTC of the day before.
    assert parsed[0][:3] == ("a", "2024-08-31 22:00", minutes)
    assert parsed[-1][1] == f"2024-09-01 21:{60 - minutes:02d}"


@pytest.mark.parametrize("stamp", ["end", "hour_ending"])
def test_columns_that_name_the_end_of_the_interval(stamp: str) -> None:
    header = [f"{hour % 24:02d}:00" for hour in range(1, 25)]
    parsed = parse(header, ["2024-09-01", "a", *range(24)], time={"stamp": stamp})
    assert read(parsed)[0][:2] == ("a", "2024-08-31 22:00")
    assert read(parsed)[23] == ("a", "2024-09-01 21:00", 60, 23.0)
    ranges = parse(HOURS, ["2024-09-01", "a", *range(24)], time={"stamp": stamp})
    assert read(ranges) == read(parsed)


def test_the_day_of_23_hours() -> None:
    # Rome's clock goes from 02:00 to 03:00 on 2024-03-31: 01:00 is 00:00 UTC, 03:00 is 01:00 UTC.
    gap: list[object] = ["2024-03-31", "a", *range(2), "", *range(3, 24)]
    by_clock = parse(HOURS, gap)
    assert stamps(by_clock)[:4] == ["03-30 23:00", "03-31 00:00", "03-31 01:00", "03-31 02:00"]
    assert [row[3] for row in read(by_clock)] == [0, 1, *range(3, 24)]
    assert refused(by_clock) == []
    # An hour that was never there has a value: it is told.
    assert refused(parse(HOURS, ["2024-03-31", "a", *[1] * 24])) == [
        ("2024-03-31 02:00-03:00", "nonexistent_local_time")
    ]
    # Numbers that leave the third column empty follow the clock; those that end in an empty one count on.
    numbered = [f"H{hour}" for hour in range(1, 25)]
    assert read(parse(numbered, gap)) == read(by_clock)
    counted = parse(numbered, ["2024-03-31", "a", *range(23), ""])
    assert stamps(counted) == stamps(by_clock)
    assert [row[3] for row in read(counted)] == list(range(23))
    assert refused(counted) == []


def test_the_day_of_25_hours_with_columns_for_it() -> None:
    # Rome's clock goes from 03:00 back to 02:00 on 2024-10-27: 02:00 is 00:00 UTC, and again 01:00 UTC.
    header = [f"H{hour}" for hour in range(1, 26)]
    parsed = parse(header, ["2024-10-27", "a", *range(25)], ["2024-10-28", "a", *range(24), ""])
    assert stamps(parsed)[:25] == [f"10-{26 if h < 2 else 27} {(h + 22) % 24:02d}:00" for h in range(25)]
    assert stamps(parsed)[25] == "10-27 23:00"
    assert refused(parsed) == []
    over = parse(header, ["2024-10-28", "a", *range(25)])
    assert refused(over) == [("2024-10-28 H25", "nonexistent_local_time")]
    # The header names the doubled hour twice: each column is one of its passages.
    twice = parse(
        [*HOURS[:3], *HOURS[2:]], ["2024-10-27", "a", *range(25)], ["2024-10-28", "a", 0, 1, 2, "", *range(4, 25)]
    )
    assert stamps(twice)[:25] == stamps(parsed)[:25]
    assert [row[3] for row in read(twice)][:25] == list(range(25))
    assert refused(twice) == []


def test_the_day_of_25_hours_in_24_columns_is_not_guessed() -> None:
    day: list[object] = ["2024-10-27", "a", *range(24)]
    assert refused(parse(HOURS, day)) == [("2024-10-27 02:00-03:00", "ambiguous_local_time")]
    halves = parse(HOURS, day, time={"doubled_hour": "split"})
    assert read(halves)[2:4] == [("a", "2024-10-27 00:00", 60, 1.0), ("a", "2024-10-27 01:00", 60, 1.0)]
    assert [row["quality"] for row in halves[2:4]] == ["estimated", "estimated"]


def test_quarters_of_days_with_100_columns() -> None:
    header = [f"Q{quarter}" for quarter in range(1, 101)]
    spring = parse(header, ["2024-03-31", "a", *[1] * 92, *[""] * 8])
    assert (len(read(spring)), stamps(spring)[-1], refused(spring)) == (92, "03-31 21:45", [])
    autumn = parse(header, ["2024-10-27", "a", *[1] * 100])
    assert (len(read(autumn)), stamps(autumn)[-1], refused(autumn)) == (100, "10-27 22:45", [])


def test_a_column_of_a_day_keeps_its_own_row_and_a_bad_row_costs_itself() -> None:
    parsed = parse(
        [*HOURS, "q", "total"],
        ["2024-09-01", "a", *[1] * 24, "E", 24],
        ["2024-09-01", "b", *[1] * 23, "x", "A", 23],
        ["sum", "c", *[""] * 24, "A", 47],
        ["2024-09-02", "total", *[1] * 24, "A", 24],
        ["9999-12-31", "d", *[1] * 24, "A", 24],
        value={"day_columns": "*:*"},
        quality={"column": "q", "mapping": {"E": "estimated", "A": "measured"}},
        ignore={"rows": {"m": "tot*"}},
    )
    assert {(row["meter_id"], row["quality"]) for row in parsed} == {
        ("a", "estimated"),
        ("b", "measured"),
        ("c", "measured"),
        ("total", "measured"),
        ("d", "measured"),
    }
    assert len(read(parsed)) == 47
    said = {(row["meter_id"], row["rule_id"], row["reason"]) for row in parsed if row["rule_id"]}
    assert said == {
        ("b", "unparseable_value", "'x' is not a number"),
        ("c", "unparseable_timestamp", "'sum' is not a day in the years 1900 to 2200"),
        ("d", "unparseable_timestamp", "'9999-12-31' is not a day in the years 1900 to 2200"),
        ("total", "ignored_row", "ignore.rows says that a row with 'total' in m is no reading"),
    }


@pytest.mark.parametrize(
    ("day", "first"),
    [
        ("1899-12-31", None),
        ("1900-01-01", "1900-01-01 00:00"),
        ("2200-12-31", "2200-12-31 00:00"),
        ("2201-01-01", None),
    ],
)
def test_days_are_of_the_years_1900_to_2200(day: str, first: str | None) -> None:
    row, *_ = parse(HOURS, [day, "a", *[1] * len(HOURS)], time={"zone": "UTC"})
    assert (f"{row['interval_start_utc']:%Y-%m-%d %H:%M}" if first else row["rule_id"]) == (
        first or "unparseable_timestamp"
    )


@pytest.mark.parametrize(
    ("header", "time", "sentence"),
    [
        ([f"V{n}" for n in range(1, 31)], {}, "30 columns .* are no day: narrow value.day_columns"),
        (HOURS, {"interval_minutes": 15}, "60 minutes apart, and time.interval_minutes is 15"),
        ([f"{hour % 24}:00" for hour in range(1, 25)], {}, "the last column, 0:00: write time.stamp end"),
        ([f"V{n}" for n in range(1, 97)], {"interval_minutes": 30}, "96 columns of 30 minutes"),
    ],
)
def test_columns_that_are_no_day_are_told(header: list[str], time: dict[str, Any], sentence: str) -> None:
    with pytest.raises(FileFault, match=f"file_layout: .*{sentence}"):
        parse(header, ["2024-09-01", "a", *[1] * len(header)], time=time)


@settings(max_examples=30, deadline=None)
@given(st.dates(datetime(2023, 1, 1).date(), datetime(2026, 12, 31).date()), st.sampled_from([15, 30, 60]))  # noqa: DTZ001
def test_a_day_of_any_length_fills_it_without_gaps(day: Any, minutes: int) -> None:
    """Columns for 25 hours: the readings of one day end where those of the next begin."""
    header = [f"n{n}" for n in range(1, 25 * 60 // minutes + 1)]
    source_days = [day, datetime.fromordinal(day.toordinal() + 1).date()]
    parsed = parse(header, *[[one, "a", *[1] * len(header)] for one in source_days], time={"zone": "Europe/Rome"})
    starts = sorted(row["interval_start_utc"] for row in parsed if row["rule_id"] is None)
    steps = {(after - before).total_seconds() / 60 for before, after in pairwise(starts)}
    assert steps == {minutes}
    assert len(starts) * minutes in (47 * 60, 48 * 60, 49 * 60)
