"""What is wrong with a file or a row is told by a rule and a reason; the rest of the file goes on."""

from __future__ import annotations

import gzip
import io
import re
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from energy_lib.landing.files.content import Content
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.sources.allowed_values import SELF_DESCRIBING
from energy_lib.landing.sources.source import Source

LANDED = datetime(2024, 6, 1, 20, 30, tzinfo=UTC)
LONG: dict[str, Any] = {
    "name": "test",
    "format": "csv",
    "meter": {"column": "meter"},
    "time": {"column": "stamp", "zone": "Europe/London", "interval_minutes": 60},
    "value": {"column": "kwh", "unit": "kWh"},
    "fuel": "electricity",
}
HEADER = b"meter,stamp,kwh\n"
ROW = b"m1,2024-01-01 00:00,1.5\n"


def source(**changes: Any) -> Source:
    given = LONG | changes
    if given["format"] in SELF_DESCRIBING:
        given = {key: value for key, value in given.items() if key in ("name", "format") or key in changes}
    return Source.model_validate(given)


def parse(data: bytes, given: Source | None = None) -> list[dict[str, Any]]:
    tables = parse_readings(Content.of(data, "test/file"), given or source(), LANDED)
    return [row for table in tables for row in table.to_pylist()]


def parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    return buffer.getvalue()


PARQUET = source(format="parquet")
WHOLE_PARQUET = parquet(pd.DataFrame({"meter": ["m1"], "stamp": ["2024-01-01"], "kwh": [1.0]}))


@pytest.mark.parametrize(
    ("data", "given", "rule_id", "reason"),
    [
        (b"", source(), "file_empty", "no bytes"),
        (b"\n\n", source(), "file_empty", "no text"),
        (HEADER, source(), "file_empty", "header and no rows"),
        (gzip.compress(HEADER + ROW * 5000)[:-20], source(), "file_truncated", "end marker"),
        (b"\x1f\x8b" + b"no gzip at all", source(), "file_corrupt", "damaged"),
        (HEADER + b"m1,\x00\x01,2\n", source(), "file_binary", "byte 19"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", source(), "file_binary", "NUL"),
        (HEADER + "mé,2024-01-01 00:00,1\n".encode("latin-1"), source(), "file_encoding", "byte 17"),
        (HEADER + "mé\n".encode("latin-1"), source(encoding="ascii"), "file_encoding", "ascii"),
        (b"meter,time,kwh\n" + ROW, source(), "file_missing_column", "'stamp'; the file has meter, time, kwh"),
        (WHOLE_PARQUET[:-30], PARQUET, "file_unreadable", "whole Parquet"),
        (ROW, PARQUET, "file_unreadable", "whole Parquet"),
        (parquet(pd.DataFrame({"meter": ["m1"], "kwh": [1.0]})), PARQUET, "file_missing_column", "'stamp'"),
        (parquet(pd.DataFrame({"meter": [], "stamp": [], "kwh": []})), PARQUET, "file_empty", "no rows"),
        (b'{"meter": "m1", "kwh": 1}\n', source(format="json_lines"), "file_missing_column", "'stamp'"),
        (b"200,6123456789\n900\n", source(format="nem12"), "file_unreadable", "100,NEM12"),
        (b"100,NEM12,1,A,B\n", source(format="nem12"), "file_truncated", "900 record"),
        (b"<feed><entry>", source(format="green_button"), "file_truncated", "whole XML"),
        (
            b"stamp,m1\n2024-01-01 00:00,1\n",
            source(
                format="wide_csv", meter=None, time={"column": "stamp", "interval_minutes": 60, "offset_column": "utc"}
            ),
            "file_missing_column",
            "no column 'utc'; the file has stamp, m1",
        ),
        (
            b"<!DOCTYPE feed [<!ENTITY a 'b'>]><feed/>",
            source(format="green_button"),
            "file_unreadable",
            "document type",
        ),
        (
            "<!DOCTYPE feed [<!ENTITY a 'b'>]><feed>&a;</feed>".encode("utf-16"),
            source(format="green_button"),
            "file_unreadable",
            "document type",
        ),
        (
            b"<?xml version='1.0'?>" + b" " * (65536 - 25) + b"<!DOCTYPE feed SYSTEM 'file:///etc/passwd'><feed/>",
            source(format="green_button"),
            "file_unreadable",
            "document type",
        ),
    ],
)
def test_a_faulty_file_is_refused_whole(data: bytes, given: Source, rule_id: str, reason: str) -> None:
    with pytest.raises(FileFault) as caught:
        parse(data, given)
    assert caught.value.rule_id == rule_id
    assert reason in caught.value.reason


def test_the_name_of_a_file_must_hold_the_meter_where_the_yaml_says_so() -> None:
    with pytest.raises(FileFault, match="file_name"):
        parse(HEADER + ROW, source(meter={"file_name": "^(.+)_hourly"}))


def test_each_bad_row_has_its_rule_and_the_others_go_on() -> None:
    parsed = parse(
        HEADER
        + b"m1,2024-01-01 00:00,1.5\n"
        + b"m1,yesterday,1.5\n"
        + b"m1,2024-01-01 02:00,\n"
        + b"m1,2024-01-01 03:00,1;5\n"
        + b"m1,2024-01-01 04:00,inf\n"
        + b",2024-01-01 05:00,1.5\n"
        + b"m1,2024-03-31 01:30,1.5\n"
        + b"m1,2024-10-27 01:30,1.5\n"
        + b"m1,2024-01-01 06:00\n"
        + b"m1,2024-01-01 07:00,1.5,9\n"
        + b"m1,2024-01-01 24:00,2.5\n"
    )
    assert [(r["row_number"], r["rule_id"]) for r in parsed] == [
        (1, None),
        (2, "unparseable_timestamp"),
        (3, "missing_value"),
        (4, "unparseable_value"),
        (5, "unparseable_value"),
        (6, "missing_meter"),
        (7, "nonexistent_local_time"),
        (8, "ambiguous_local_time"),
        (9, None),
        (10, "ragged_row"),
        (11, "ragged_row"),
    ]
    assert parsed[8]["interval_start_utc"] == datetime(2024, 1, 2, tzinfo=UTC)
    assert parsed[3]["reason"] == "'1;5' is not a number"
    assert parsed[3]["raw_value"] == "1;5"
    assert parsed[3]["energy_kwh"] is None
    assert parsed[9]["raw_row"] == "m1,2024-01-01 06:00"
    assert parsed[9]["reason"] == "line 10 has 2 fields, the header 3"


def test_bad_json_lines_are_rows_of_their_own() -> None:
    parsed = parse(
        b'{"meter": "m1", "stamp": "2024-01-01 00:00", "kwh": 1.5}\n'
        b'{"meter": "m1", "stamp": \n'
        b"[1]\n"
        b'{"meter": "m2", "stamp": "2024-01-01T01:00:00+01:00", "kwh": null}\n',
        source(format="json_lines"),
    )
    assert sorted((r["rule_id"] or "", r["raw_row"] or "") for r in parsed) == [
        ("", ""),
        ("missing_value", ""),
        ("unparseable_row", "[1]"),
        ("unparseable_row", '{"meter": "m1", "stamp": '),
    ]


def test_json_lines_whose_values_are_all_null_are_rows_without_a_value() -> None:
    given = source(format="json_lines", value={"column": "read.kwh", "unit": "kWh"})
    row = b'{"meter": "m1", "stamp": "2024-01-01 00:00", "read": {"kwh": null}}\n'
    assert [r["rule_id"] for r in parse(row * 2, given)] == ["missing_value"] * 2
    with pytest.raises(FileFault, match=r"no line has the field 'read\.kwh'"):
        parse(row.replace(b'{"kwh": null}', b"null"), given)


def test_one_field_of_json_lines_may_fill_two_columns() -> None:
    same = source(format="json_lines", building="meter", available={"column": "stamp"})
    [row] = parse(b'{"meter": "m1", "stamp": "2024-01-01 00:00", "kwh": 1.5}\n', same)
    assert (row["meter_id"], row["building_id"], row["energy_kwh"]) == ("m1", "m1", 1.5)


@pytest.mark.parametrize(
    ("lines", "kwh", "aside"),
    [
        # One stray quote, then to the end of the file.
        (['m1,"00:00,1', "m1,01:00,2", "m1,02:00,3"], [2.0, 3.0], ["line 2"]),
        # Two: between them the rows would become one value.
        (
            ["m1,00:00,1", 'm1,"01:00,2', "m1,02:00,3", 'm1,"03:00,4', "m1,04:00,5"],
            [1.0, 3.0, 5.0],
            ["line 3", "line 5"],
        ),
        # Two on lines that follow each other, and a ragged row after them.
        (['m1,00:00,"1', 'm1,01:00,"2', "m1,02:00,3", "m1,03:00"], [3.0], ["line 2", "line 3", "line 5"]),
        # The last quote of a file that quotes all is missing.
        (['"m1","00:00","1', '"m1","01:00","2"', '"m1","02:00","3"'], [2.0, 3.0], ["line 2"]),
        # Line breaks that are meant.
        (["m1,00:00,1", '"m\n1",01:00,2', 'm1,01:00,"\n3"', "m1,02:00,4"], [1.0, 2.0, 3.0, 4.0], []),
    ],
)
def test_a_stray_quote_costs_its_own_line_only(lines: list[str], kwh: list[float], aside: list[str]) -> None:
    parsed = parse(HEADER + re.sub(r"(\d\d:\d\d)", r"2024-01-01 \1", "\n".join(lines)).encode() + b"\n")
    assert [row["energy_kwh"] for row in parsed if row["rule_id"] is None] == kwh
    refused = [row for row in parsed if row["rule_id"] is not None]
    assert {row["rule_id"] for row in refused} <= {"ragged_row"}
    assert [row["reason"].partition(" opens")[0].partition(" has")[0] for row in refused] == aside


def test_nem12_records_out_of_place_are_quarantined_with_their_text() -> None:
    day = "300,20240407," + ",".join(["1"] * 48) + ",A,,,,"
    parsed = parse(
        "\n".join(
            [
                "100,NEM12,1,A,B",
                day,
                "200,6123456789,E1,,E1,N1,1,kWh,7,",
                "200,6123456789,E1,,E1,N1,1,kWh,30,",
                "300,20240407,1,2,A",
                "400,1,99,A,,",
                day,
                "900",
                "",
            ]
        ).encode(),
        source(format="nem12", value={"unit_column": "unit"}),
    )
    assert [r["rule_id"] for r in parsed].count("unparseable_row") == 3
    assert [r["raw_row"] for r in parsed if r["rule_id"] == "ragged_row"] == ["300,20240407,1,2,A"]
    assert [r["rule_id"] for r in parsed].count(None) == 48
