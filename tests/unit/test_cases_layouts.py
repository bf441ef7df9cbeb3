"""Files of the layouts that people have, with the YAML that reads them, against answers worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from landed_rows import read

from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.sources.loading import load_source

CASES = Path(__file__).parents[1] / "cases"
LANDED = datetime(2024, 10, 1, tzinfo=UTC)


def test_every_case_has_a_test() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in CASES.parent.glob("*/test_cases_*.py"))
    assert [case.name for case in CASES.iterdir() if f'"{case.name}"' not in tests] == []


def rows(case: str, file: str = "f.csv") -> list[dict[str, Any]]:
    source = load_source(CASES / case / f"{case}.yaml")
    tables = parse_readings(Content.at(str(CASES / case / file), f"{case}/{file}"), source, LANDED)
    return [row for table in tables for row in table.to_pylist()]


def test_a_day_per_row_is_96_readings_of_one_meter() -> None:
    parsed = read(rows("enel"))
    # Rome is two hours ahead of UTC in September.
    assert parsed[0] == ("IT001E00000001", "2024-08-31 22:00", 15, 0.1)
    assert parsed[95] == ("IT001E00000001", "2024-09-01 21:45", 15, 0.1)
    assert parsed[96][1] == "2024-09-01 22:00"
    assert len(parsed) == len(set(parsed)) == 192


def test_rows_of_import_and_export_are_two_registers_and_tariffs_one() -> None:
    parsed = rows("fluvius")
    point = "541440000000000012"
    assert read(parsed) == [
        (point, "2024-06-02 10:00", 15, 0.25),
        (f"{point}_export", "2024-06-02 10:00", 15, 0.7),
        (point, "2024-06-02 10:15", 15, 0.125),
        (f"{point}_export", "2024-06-02 10:15", 15, 0.9),
        (point, "2024-06-02 20:00", 15, 0.5),
        (f"{point}_export", "2024-06-02 20:00", 15, 0.0),
    ]
    assert [row["flow"] for row in parsed] == ["import", "export"] * 3


@pytest.mark.parametrize(("home", "first_kwh"), [("home-a", 3000.0), ("home-b", 16000.0)])
def test_tariff_registers_in_columns_are_summed(home: str, first_kwh: float) -> None:
    parsed = rows("homewizard", f"P1e-{home}.csv")
    taken = [(row["meter_id"], row["register_kwh"]) for row in parsed if row["flow"] == "import"]
    # 0.1 kWh each quarter of an hour.
    assert [meter for meter, _ in taken] == [home] * 5
    assert [kwh for _, kwh in taken] == pytest.approx([first_kwh + step / 10 for step in range(5)])
    given = {(row["meter_id"], row["register_kwh"]) for row in parsed if row["flow"] == "export"}
    assert given == {(f"{home}_export", 0.0)}
    assert parsed[2]["raw_value"] == ("1000.100 + 2000.000" if home == "home-a" else "7000.100 + 9000.000")


def test_a_net_meter_keeps_its_sign() -> None:
    parsed = rows("net_meter")
    assert {(row["meter_id"], row["flow"], row["rule_id"]) for row in parsed} == {("pv_net", "net", None)}
    noon = [row["energy_kwh"] for row in parsed if row["raw_timestamp"].endswith(" 12:00")]
    assert noon[-1] == -2.0
    assert sorted({row["energy_kwh"] for row in parsed}) == [-2.0, 0.5]


def test_a_net_meter_below_a_preamble_by_twelve_hour_clock() -> None:
    parsed = rows("sdge")
    assert all(row["rule_id"] is None for row in parsed)
    by_stamp = {row["raw_timestamp"]: row for row in parsed}
    # San Diego is seven hours behind UTC in September.
    midnight = by_stamp["09/04/2024 12:00:00 AM"]
    assert (midnight["meter_id"], midnight["energy_kwh"]) == ("0000042_net", 0.34)
    assert midnight["interval_start_utc"] == datetime(2024, 9, 4, 7, tzinfo=UTC)
    assert by_stamp["09/04/2024 10:00:00 AM"]["energy_kwh"] == -1.783
    assert by_stamp["09/04/2024 12:00:00 PM"]["interval_start_utc"] == datetime(2024, 9, 4, 19, tzinfo=UTC)
