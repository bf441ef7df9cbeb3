"""Files of meters' own formats that went wrong once, with the YAML that a user would write, and the right answers."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from energy_lib.landing.files.content import Content
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.sources.source import Source

CASES = Path(__file__).parents[1] / "cases"
LANDED = datetime(2024, 6, 1, tzinfo=UTC)
Row = dict[str, Any]


def case(name: str, **changes: Any) -> list[Row]:
    """The rows of a case's file by its YAML, or by that with other keys."""
    [file] = (path for path in (CASES / name).iterdir() if path.suffix != ".yaml")
    written = yaml.safe_load((CASES / name / f"{name}.yaml").read_text())
    source = Source.model_validate({"name": name, **written, **changes})
    tables = parse_readings(Content.of(file.read_bytes(), f"{name}/{file.name}"), source, LANDED)
    return [row for table in tables for row in table.to_pylist()]


def told(rows: list[Row]) -> list[tuple[str, str, str, str, int, float]]:
    """(meter, fuel, flow, start in UTC, minutes, kWh) of the rows that broke no rule."""
    return [
        (
            *(row[name] for name in ("meter_id", "fuel", "flow")),
            f"{row['interval_start_utc']:%m-%d %H:%M}",
            row["interval_minutes"],
            round(row["energy_kwh"], 4),
        )
        for row in rows
        if row["rule_id"] is None
    ]


def rules(rows: list[Row]) -> Counter[str]:
    return Counter(row["rule_id"] for row in rows if row["rule_id"] is not None)


READ_WHOLE = {
    "gb_net": [
        ("N1_net", "electricity", "net", f"01-01 {h:02}:00", 60, v) for h, v in ((8, 0.8), (9, -0.5), (10, 0.3))
    ],
    "gb_flows": [
        (meter, "electricity", flow, f"01-01 {8 + i:02}:00", 60, base + i / 1000)
        for meter, flow, base in (("S1", "import", 1.0), ("S1_export", "export", 2.0))
        for i in range(3)
    ],
    # A therm is 100,000 BTU, 29.3071 kWh.
    "gb_therms": [
        ("G1", "gas", "import", f"01-01 {8 + i:02}:00", 60, kwh) for i, kwh in enumerate((14.6536, 14.6829, 14.7122))
    ],
    # 300 and 280 m³ × 38.3 MJ/m³ / 3.6.
    "gb_monthly_gas": [
        ("ENB", "gas", "import", "01-01 08:00", 30 * 1440, 3191.6667),
        ("ENB", "gas", "import", "01-31 08:00", 28 * 1440, 2978.8889),
    ],
}


@pytest.mark.parametrize("name", READ_WHOLE)
def test_read_whole(name: str) -> None:
    rows = case(name)
    assert told(rows) == READ_WHOLE[name]
    assert not rules(rows)


def test_of_an_hourly_and_a_daily_reading_the_hours_stand() -> None:
    rows = case("gb_daily_and_hourly")
    assert told(rows) == [
        ("D1", "electricity", "import", f"01-0{1 + (8 + i) // 24} {(8 + i) % 24:02}:00", 60, 1.0) for i in range(24)
    ]
    [day] = (row for row in rows if row["rule_id"] is not None)
    assert (day["rule_id"], day["raw_value"], day["interval_minutes"]) == ("coarser_interval", "24000", 1440)


def test_demand_beside_energy_is_no_second_register() -> None:
    rows = case("gb_demand")
    assert told(rows) == [("K1", "electricity", "import", f"01-01 08:{15 * i:02}", 15, 0.25) for i in range(4)]
    assert rules(rows) == {"other_channel": 4}
    assert {row["reason"] for row in rows if row["rule_id"]} == {
        "demand (W), and the feed has the energy of its usage point"
    }


def test_a_counter_is_read_at_the_end_of_its_interval() -> None:
    """Cleaning differences the reads: 0.7 kWh from 09:00 to 10:00, and so on."""
    rows = case("gb_cumulative")
    assert not rules(rows)
    assert [(f"{r['interval_start_utc']:%H:%M}", round(r["register_kwh"], 9), r["energy_kwh"]) for r in rows] == [
        ("09:00", 5000.0, None),
        ("10:00", 5000.7, None),
        ("11:00", 5001.4, None),
        ("12:00", 5002.1, None),
    ]


def day(meter: str, first: str, minutes: int, kwh: tuple[float, ...]) -> list[tuple[str, str, str, str, int, float]]:
    """A day that starts at 14:00 UTC, midnight of Eastern Standard Time; its values go round."""
    start = datetime.fromisoformat(f"2024-{first} 14:00")
    stamps = [start + timedelta(minutes=minutes * i) for i in range(1440 // minutes)]
    values = itertools.cycle(kwh)
    return [(meter, "electricity", "import", f"{at:%m-%d %H:%M}", minutes, next(values)) for at in stamps]


TENTHS, HALVES = (0.1, 0.11, 0.12, 0.13), (0.5, 0.51, 0.52, 0.53)


def test_a_nem12_file_without_its_100_record_is_read_where_the_yaml_says_so() -> None:
    rows = case("nem_no100")
    assert told(rows) == day("6123456789_E1", "12-31", 30, TENTHS)
    with pytest.raises(FileFault, match=r"the first record is not 100,NEM12; .* \{needs_100: false\}"):
        case("nem_no100", nem12={})


def test_nem12_files_one_after_the_other_and_short_records_are_read() -> None:
    ends = case("nem_multi900")
    assert told(ends) == [*day("6123456780_E1", "12-31", 30, TENTHS), *day("6123456780_E2", "12-31", 30, HALVES)]
    short = case("nem_short")
    # The second day holds 192 values, where one of 15 minutes has 96.
    assert told(short) == day("6123456781_E1", "12-31", 15, TENTHS)
    assert (rules(ends), rules(short)) == (Counter(), Counter(ragged_row=1))


def test_nem12_units_qualities_and_channels() -> None:
    rows = case("nem_units")
    assert told(rows) == [*day("6123456783_E1", "02-28", 30, (0.25,))[:-1], *day("6123456784_E1", "02-28", 5, (1.0,))]
    assert [row["quality"] for row in rows[:48]] == ["measured"] * 20 + ["estimated"] * 27 + ["measured"]
    assert rules(rows) == {"missing_value": 1, "other_channel": 96}
    # Without `channels` the B channel is the site's export, and the Q channel no active energy.
    everything = case("nem_units", channels=["*"])
    exported = [row for row in everything if row["meter_id"] == "6123456783_B1"]
    assert {(row["flow"], row["energy_kwh"], row["rule_id"]) for row in exported} == {("export", 0.5, None)}
    assert {(row["meter_id"], row["reason"]) for row in everything if row["rule_id"] == "other_channel"} == {
        ("6123456783_Q1", "channel Q1 in KVARH is reactive or apparent energy")
    }
