"""Which flow a register measures, by a column, by an OBIS code or by the YAML alone."""

from __future__ import annotations

import pytest
from long_csv import parse, starts

FLOWS = """meter,stamp,way,v
m,2024-01-01 00:00,Afname,0.25
m,2024-01-01 00:00,Injectie,0.7
m,2024-01-01 01:00,generation,0.5
m,2024-01-01 02:00,sideways,0.5
m,2024-01-01 03:00,,0.5
"""


def test_each_flow_of_a_point_is_a_meter_of_its_own() -> None:
    mapping = {"Afname": "import", "Injectie": "export"}
    rows = parse(FLOWS, flow={"column": "way", "mapping": mapping})
    assert [(row["meter_id"], row["flow"], row["energy_kwh"]) for row in rows[:3]] == [
        ("m", "import", 0.25),
        ("m_export", "export", 0.7),
        ("m_generation", "generation", 0.5),
    ]
    assert [(row["rule_id"], row["reason"]) for row in rows[3:]] == [
        ("unknown_flow", "'sideways' is no flow"),
        ("unknown_flow", "'' is no flow"),
    ]
    apart = parse(FLOWS, flow={"column": "way", "mapping": mapping, "meter_names_register": True})
    assert [(row["meter_id"], row["flow"]) for row in apart[:2]] == [("m", "import"), ("m", "export")]


@pytest.mark.parametrize(
    ("code", "fuel", "meter", "flow"),
    [
        ("1-0:1.8.0", "electricity", "m", "import"),
        ("1-0:2.8.1*255", "electricity", "m_export", "export"),
        ("1-1:16.8.0", "electricity", "m_net", "net"),
        ("6-0:1.0.0", "heat", "m", "import"),
        ("7-0:3.0.0", "gas", "m", "import"),
    ],
)
def test_an_obis_code_says_fuel_and_flow(code: str, fuel: str, meter: str, flow: str) -> None:
    [row] = parse(f"meter,stamp,obis,v\nm,2024-01-01,{code},1\n", fuel={"column": "obis"}, flow={"column": "obis"})
    assert (row["fuel"], row["meter_id"], row["flow"]) == (fuel, meter, flow)


@pytest.mark.parametrize(
    ("code", "rule"), [("1-0:3.8.0", "unknown_flow"), ("8-0:1.0.0", "unknown_flow"), ("1.8", None)]
)
def test_an_obis_code_of_reactive_energy_or_water_is_no_flow(code: str, rule: str | None) -> None:
    [row] = parse(f"meter,stamp,obis,v\nm,2024-01-01,{code},1\n", flow={"column": "obis"})
    assert row["rule_id"] == rule


def test_flow_is_import_unless_it_is_said() -> None:
    text = "meter,stamp,v\nm,2024-01-01,-2\n"
    ids = {flow: [(r["meter_id"], r["flow"]) for r in parse(text, flow=flow)] for flow in (None, "import", "net")}
    assert ids == {None: [("m", "import")], "import": [("m", "import")], "net": [("m_net", "net")]}
    [named] = parse(text, flow={"constant": "net", "meter_names_register": True})
    assert (named["meter_id"], named["flow"], named["energy_kwh"]) == ("m", "net", -2.0)


def test_registers_of_one_point_do_not_share_the_doubled_hour() -> None:
    """Import and export bear the same stamps: the second of them is no second passage of the hour."""
    lines = [f"m,2024-10-27 {hour}:00,{way},1" for hour in ("01", "02", "02", "03") for way in ("import", "export")]
    rows = parse(
        "meter,stamp,way,v\n" + "\n".join(lines) + "\n",
        flow={"column": "way"},
        time={"zone": "Europe/Vienna", "doubled_hour": "order"},
    )
    for meter in ("m", "m_export"):
        own = starts([row for row in rows if row["meter_id"] == meter])
        assert own == ["10-26 23:00", "10-27 00:00", "10-27 01:00", "10-27 02:00"]
