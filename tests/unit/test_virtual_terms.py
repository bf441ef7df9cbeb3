"""Declarations of virtual meters in a file: what is wrong with one row costs its virtual meter, and no other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import yaml

from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.declarations import of_newest_files
from energy_lib.landing.parsing.reference_data import parse_reference
from energy_lib.landing.sources.source import Source

LANDED = datetime(2024, 6, 1, 20, 30, tzinfo=UTC)
SOURCE = """
kind: virtual_meters
format: csv
columns: {virtual_meter_id: sum, meter_id: register, sign: sign, flow: flow, valid_from_utc: since}
"""
HEADER = "sum,register,sign,flow,since"


def parse(*lines: str) -> list[dict[str, Any]]:
    source = Source(name="s", **yaml.safe_load(SOURCE))
    content = Content.of("\n".join([HEADER, *lines, ""]).encode(), "s/f.csv")
    return [row for table in parse_reference(content, source, LANDED) for row in table.to_pylist()]


def rules(*lines: str) -> list[str | None]:
    return [row["rule_id"] for row in parse(*lines)]


def test_a_row_a_term() -> None:
    rows = parse("home,in,1,,", "home,pv,+1,,2023-04-01T00:00Z", "home,out,-1,,")
    assert [row["rule_id"] for row in rows] == [None] * 3
    assert [(row["virtual_meter_id"], row["meter_id"], row["sign"]) for row in rows] == [
        ("home", "in", 1.0),
        ("home", "pv", 1.0),
        ("home", "out", -1.0),
    ]
    assert [row["valid_from_utc"] for row in rows] == [None, datetime(2023, 4, 1, tzinfo=UTC), None]
    assert [row["row_number"] for row in rows] == [1, 2, 3]


def test_a_sign_is_one_or_minus_one_and_a_wrong_one_costs_the_sum() -> None:
    rows = parse("a,in,1,,", "a,out,0.5,,", "b,in,1,,", "c,in,1,,", "c,out,2,,", "d,in,1,,", "d,out,,,")
    assert [row["rule_id"] for row in rows] == [
        *("broken_declaration", "implausible_value", None),
        *("broken_declaration", "implausible_value", "broken_declaration", "missing_value"),
    ]
    assert rows[1]["reason"] == "sign: 0.5 is neither 1 nor -1"
    assert rows[0]["reason"] == "row 2 breaks a rule, and without it a may be another"
    assert [row["raw_row"] for row in rows[:3]] == ["a,in,1,,", "a,out,0.5,,", None]


def test_a_register_twice_or_two_flows_break_the_sum() -> None:
    assert rules("a,in,1,,", "a,in,1,,", "a,out,-1,,", "b,in,1,net,") == [
        *("repeated_term", "repeated_term", "broken_declaration", None)
    ]
    [first, second] = parse("a,in,1,import,", "a,out,1,net,")
    assert (first["rule_id"], second["rule_id"]) == ("implausible_value", "implausible_value")
    assert first["reason"] == "flow: the rows of a say import and net"
    assert rules("a,in,1,,", "a,out,1,import,") == [None, None], "no flow is import"


def test_a_row_of_nobody_costs_the_file() -> None:
    assert rules("a,in,1,,", ",out,-1,,", "b,in,1,,") == ["broken_declaration", "missing_value", "broken_declaration"]
    assert rules("a,in,1,,", "a,out", "b,in,1,,") == ["broken_declaration", "broken_declaration", "ragged_row"]


def said(day: int, *terms: str) -> list[dict[str, Any]]:
    return [
        {
            "virtual_meter_id": t[0],
            "meter_id": t[1],
            "landed_at_utc": datetime(2024, 1, day, tzinfo=UTC),
            "file_id": f"f{day}",
        }
        for t in terms
    ]


def test_a_newer_file_declares_a_sum_anew_in_any_order() -> None:
    first, second = said(1, "ax", "ay", "bx"), said(2, "ax", "az")
    for rows in ([*first, *second], [*second, *first]):
        kept = {
            (row["virtual_meter_id"], row["meter_id"], row["file_id"])
            for row in of_newest_files(rows, "virtual_meter_id")
        }
        assert kept == {("a", "x", "f2"), ("a", "z", "f2"), ("b", "x", "f1")}
