"""Which virtual meters count, by which rule others do not, and what a virtual meter is known by."""

from __future__ import annotations

from typing import Any

import pytest

from energy_lib.cleaning.virtual_meters import VirtualMeter, judged, meter_row
from energy_lib.tables import silver


def meter(meter_id: str, fuel: str = "electricity", **facts: Any) -> dict[str, Any]:
    plain = dict.fromkeys(silver.METERS.column_names)
    return plain | {"meter_id": meter_id, "fuel": fuel, "zone": "Europe/London", "registered_by": "registry"} | facts


def terms(virtual: str, *signed: str, flow: str | None = None) -> list[dict[str, Any]]:
    """`+in`, `-out` …"""
    return [
        {
            "virtual_meter_id": virtual, "meter_id": text[1:], "sign": 1.0 if text[0] == "+" else -1.0, "flow": flow,
            "valid_from_utc": None, "valid_to_utc": None,
        }
        for text in signed
    ]  # fmt: skip


METERS = [meter("in"), meter("out", flow="export"), meter("pv", flow="generation"), meter("boiler", "gas")]


def test_a_sum_of_known_registers_counts() -> None:
    [home], refused = judged(terms("home", "+pv", "+in", "-out"), METERS)
    assert refused == []
    assert (home.meter_id, home.fuel, home.flow) == ("home", "electricity", "import")
    assert [(term.meter_id, term.sign) for term in home.terms] == [("in", 1.0), ("out", -1.0), ("pv", 1.0)]
    [net], _ = judged(terms("balance", "+in", "-out", flow="net"), METERS)
    assert net.flow == "net"


@pytest.mark.parametrize(
    ("declared", "rule", "reason"),
    [
        (terms("in", "+out"), "meter_id_taken", "in is a register in silver.meters: give the virtual meter another id"),
        (terms("v", "+in", "+new"), "unknown_register", "new is not in silver.meters"),
        (terms("v", "+in", "+v"), "virtual_of_virtual", "v is a virtual meter: write its registers as terms of v"),
        (terms("v", "+in", "+boiler"), "mixed_fuels", "boiler measures gas and in electricity: a sum has one fuel"),
    ],
)
def test_each_rule_costs_the_sum_and_no_other(declared: list[dict[str, Any]], rule: str, reason: str) -> None:
    counted, refused = judged([*declared, *terms("good", "+in", "-out")], METERS)
    assert [each.meter_id for each in counted] == ["good"]
    assert [(each.row, each.rule.id, each.reason) for each in refused] == [
        (row, rule, reason) for row in sorted(declared, key=lambda row: row["meter_id"])
    ]


def test_a_sum_of_a_sum_is_refused_whether_the_inner_one_counts_or_not() -> None:
    declared = [*terms("home", "+in"), *terms("street", "+home", "+pv"), *terms("town", "+street")]
    counted, refused = judged(declared, [*METERS, meter("home", registered_by=silver.VIRTUAL)])
    assert [each.meter_id for each in counted] == ["home"]
    assert {each.row["virtual_meter_id"]: each.rule.id for each in refused} == {
        "street": "virtual_of_virtual",
        "town": "virtual_of_virtual",
    }


def test_its_facts_are_those_that_its_registers_share() -> None:
    registers = {
        "in": meter("in", country="GB", subdivision="ENG", building_id="b1", site_id="s1", floor_area_m2=80.0),
        "out": meter("out", country="GB", subdivision="SCT", building_id="b1", capacity_kw=9.0),
    }
    [home], _ = judged(terms("home", "+in", "-out"), registers.values())
    row = meter_row(home, registers)
    known = {name: value for name, value in row.items() if value is not None}
    assert known == {
        "meter_id": "home", "fuel": "electricity", "flow": "import", "zone": "Europe/London", "country": "GB",
        "building_id": "b1", "site_id": "s1", "floor_area_m2": 80.0, "registered_by": "virtual_meters",
    }  # fmt: skip
    registers["out"] |= {"country": "NO", "subdivision": None, "zone": "Europe/Oslo"}
    row = meter_row(VirtualMeter("home", "electricity", "import", home.terms), registers)
    assert (row["country"], row["subdivision"], row["zone"]) == (None, None, "Europe/London")
