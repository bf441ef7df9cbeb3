"""Whatever a text file holds, each of its lines ends in a row or in a broken row: nothing is lost without a word."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.sources.source import Source

LANDED = datetime(2024, 6, 1, tzinfo=UTC)
GIVEN: dict[str, Any] = {
    "name": "town",
    "meter": {"column": "m"},
    "time": {"column": "t", "interval_minutes": 30},
    "value": {"column": "v", "unit": "kWh"},
    "fuel": "electricity",
}
CSV = Source.model_validate(GIVEN | {"format": "csv"})
JSON = Source.model_validate(GIVEN | {"format": "json_lines"})
pieces = st.lists(st.sampled_from([",", '"', '""', '","', "x", " ", "\r", "2024-05-01", '"\n"', "\n"]), max_size=8)
ends = st.sampled_from(["\n", "\r\n", "\r", "\n\n"])


def texts_of(data: str, source: Source, block_bytes: int) -> str:
    """All texts that the rows of a file keep."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("energy_lib.landing.formats.delimited.BLOCK_BYTES", block_bytes)
        tables = list(parse_readings(Content.of(data.encode()), source, LANDED))
    rows = [row for table in tables for row in table.to_pylist()]
    assert [row["row_number"] for row in rows] == list(range(1, len(rows) + 1))
    for row in rows:
        assert (row["rule_id"] is None) == (row["energy_kwh"] is not None)
    kept = ("raw_meter_id", "raw_timestamp", "raw_value", "raw_row")
    return "\n".join(str(row[name]) for row in rows for name in kept if row[name] is not None)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(pieces, pieces, ends), min_size=1, max_size=8), st.booleans(), st.sampled_from([16, 64, 10**6])
)
def test_no_line_of_delimited_text_is_lost(
    lines: list[tuple[list[str], list[str], str]], cut: bool, block_bytes: int
) -> None:
    body = "".join(
        f"{''.join(before)}token{number}end{''.join(after)}{end}" for number, (before, after, end) in enumerate(lines)
    )
    text = texts_of("m,t,v\n" + (body.rstrip("\r\n") if cut else body), CSV, block_bytes)
    assert [number for number in range(len(lines)) if f"token{number}end" not in text] == []


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(['{"m": "', '"}', "[", "]", "\\ud800", "null", ":", "1", " "]), max_size=8))
def test_no_line_of_json_is_lost(parts: list[str]) -> None:
    good = '{"m": "first", "t": "2024-05-01", "v": 1}\n'
    text = texts_of(f"{good}{''.join(parts)}token\n{good.replace('first', 'last')}", JSON, 10**6)
    assert all(word in text for word in ("first", "token", "last"))


NEM12 = Source.model_validate({"name": "au", "format": "nem12", "nem12": {"needs_100": False, "needs_900": False}})
whole_days = st.sampled_from([f"300,20240{month}01,{','.join(['1'] * 2)},A,,,," for month in (1, 2)])
odd_records = st.sampled_from(["300,20240301,1,A,,,,", "300,2024,1,1,A", "400,1,9,A,,", "7", "200,61,E1", "x,y", "300"])
streams = st.sampled_from(["200,6123456789,E1,,E1,N1,1,kWh,720,", "200,6123456780,Q1,,Q1,N1,1,kVArh,720,"])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(whole_days, odd_records, streams), min_size=1, max_size=12))
def test_no_day_of_nem12_is_lost(lines: list[str]) -> None:
    """A day in a stream gives its two readings; any other line but a 200 record gives itself, with its rule."""
    text = "\n".join(["200,6123456789,E1,,E1,N1,1,kWh,720,", *lines]) + "\n"
    tables = list(parse_readings(Content.of(text.encode()), NEM12, LANDED))
    rows = [row for table in tables for row in table.to_pylist()]
    in_stream, expected, broken = True, 0, []
    for line in lines:
        if line.startswith("200"):
            in_stream = line.count(",") == 9
            broken += [] if in_stream else [line]
        elif line.startswith("300,20240") and line.count(",1") == 2 and in_stream:
            expected += 2
        else:
            broken.append(line)
    assert len([row for row in rows if row["raw_row"] is None]) == expected
    assert sorted(row["raw_row"] for row in rows if row["raw_row"] is not None) == sorted(broken)
