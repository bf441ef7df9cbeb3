"""Exports that ship: the rows of each, in UTC and kWh, worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
from exported_samples import EXPORTS
from landed_rows import LANDED, SOURCES, read, refused, rows

from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.reference_data import parse_reference

# Hours that a place's clock is ahead of UTC on the sample's day are in the comments.
READ: dict[str, list[tuple[str, str, int, float]]] = {
    # +2
    "fluvius": [
        ("541440000000000012", "2024-06-02 10:00", 15, 0.25),
        ("541440000000000012_export", "2024-06-02 10:00", 15, 0.7),
        ("541440000000000012", "2024-06-02 20:15", 15, 0.125),
    ],
    # +2; an hour is named by its end
    "datadis": [
        ("ES0031000000000001AA", "2024-04-30 22:00", 60, 0.123),
        ("ES0031000000000001AA", "2024-05-01 21:00", 60, 0.5),
    ],
    # +2
    "eloverblik": [
        ("571313100000000001", "2024-04-30 22:00", 60, 0.25),
        ("571313100000000001", "2024-04-30 23:00", 60, 0.5),
    ],
    "octopus": [("1200000000001", "2024-10-27 01:00", 30, 0.5), ("1200000000001", "2024-10-27 00:00", 30, 0.2)],
    # -7
    "sdge": [("0000042_net", "2024-09-04 07:00", 60, 0.34), ("0000042_net", "2024-09-04 20:00", 60, -1.5)],
    # -8
    "pge": [("5550000017", "2024-01-01 08:00", 60, 0.5), ("5550000017", "2024-01-01 09:00", 60, 0.25)],
    # -6
    "smart_meter_texas": [
        ("10443720000000001", "2024-01-02 06:00", 15, 0.127),
        ("10443720000000001_export", "2024-01-02 18:00", 15, 0.5),
    ],
    # The stamps end their half hours; the doubled hour comes by its offsets. 1,200 W for half an hour are 0.6 kWh.
    "enedis": [
        ("19100000000011", "2024-10-27 00:00", 30, 0.6),
        ("19100000000011", "2024-10-27 00:30", 30, 0.4),
        ("19100000000011", "2024-10-27 01:00", 30, 0.3),
        ("19100000000011", "2024-10-27 01:30", 30, 0.25),
        ("19100000000011", "2024-10-27 02:00", 30, 0.2),
    ],
    "n3rgy": [("1200000000002", "2024-01-01 00:00", 30, 0.064), ("1200000000002", "2024-01-01 00:30", 30, 0.088)],
    # +2, and +1 from the second 02:00 on
    "elhub": [
        ("707057500000000017", "2024-10-26 23:00", 60, 1.25),
        ("707057500000000017", "2024-10-27 00:00", 60, 1.5),
        ("707057500000000017", "2024-10-27 01:00", 60, 1.75),
        ("707057500000000017", "2024-10-27 02:00", 60, 2.0),
    ],
    "fingrid": [
        ("643000000000000017", "2023-12-31 21:00", 60, 0.735),
        ("643000000000000017", "2023-12-31 22:00", 15, 0.144),
        ("643000000000000017", "2023-12-31 22:15", 15, 0.245),
    ],
    "home_assistant": [
        ("sensor.p1_import", "2024-05-01 10:00", 60, 0.5),
        ("sensor.p1_import", "2024-05-01 11:00", 60, 0.25),
        ("sensor.p1_export", "2024-05-01 10:00", 60, 0.0),
        ("sensor.p1_export", "2024-05-01 11:00", 60, 1.5),
        ("sensor.pv", "2024-05-01 10:00", 60, 0.9),
        ("sensor.pv", "2024-05-01 11:00", 60, 2.0),
    ],
    # -5 all year: hour 24 of the first of July ends at its midnight
    "ieso_demand": [
        ("Ontario", "2024-07-02 03:00", 60, 14_500_000.0),
        ("Ontario", "2024-07-02 04:00", 60, 14_000_000.0),
        ("Ontario", "2024-07-02 05:00", 60, 13_500_000.0),
    ],
    "eia930_demand": [("PJM", "2024-01-01 05:00", 60, 87_500_000.0), ("PJM", "2024-01-01 06:00", 60, 85_000_000.0)],
    # 44,000 MW for a quarter of an hour are 11,000 MWh. 02:45 (CEST) - 02:00 (CET) is a quarter of an hour.
    "entsoe_load": [
        ("BZN|DE-LU", "2024-10-27 00:30", 15, 11_000_000.0),
        ("BZN|DE-LU", "2024-10-27 00:45", 15, 10_900_000.0),
        ("BZN|DE-LU", "2024-10-27 01:00", 15, 10_800_000.0),
        ("BZN|DE-LU", "2024-10-27 02:00", 15, 10_700_000.0),
    ],
    "entsoe_load_archive": [
        ("Actual Total Load [MW] - BZN|FR", "2024-10-26 23:00", 60, 40_000_000.0),
        ("Actual Total Load [MW] - BZN|FR", "2024-10-27 00:00", 60, 39_500_000.0),
        ("Actual Total Load [MW] - BZN|FR", "2024-10-27 01:00", 60, 39_000_000.0),
        ("Actual Total Load [MW] - BZN|FR", "2024-10-27 02:00", 60, 38_600_000.0),
    ],
    # +10; 7,200 MW for five minutes are 600 MWh
    "aemo_demand": [("NSW1", "2023-12-31 14:00", 5, 600_000.0), ("NSW1", "2023-12-31 14:05", 5, 610_000.0)],
}


def parsed(name: str) -> list[dict[str, Any]]:
    file, text = EXPORTS[name]
    return rows(name, text, file)


@pytest.mark.parametrize("name", sorted(READ))
def test_exports_of_intervals(name: str) -> None:
    rows_ = parsed(name)
    assert read(rows_) == READ[name]
    # What is no reading has another rule in no sample.
    assert {rule for _, rule in refused(rows_)} <= {"ignored_row"}


def test_exports_say_what_is_estimated() -> None:
    names = ("fluvius", "datadis", "eloverblik", "elhub", "fingrid")
    qualities = {name: [row["quality"] for row in parsed(name)] for name in names}
    assert qualities == {
        "elhub": ["measured", "measured", "estimated", "measured"],
        "fingrid": ["measured", "measured", "estimated"],
        "fluvius": ["measured", "estimated", "measured"],
        "datadis": ["measured", "estimated"],
        "eloverblik": ["measured", "estimated"],
    }


def test_the_day_of_e_distribuzione_has_96_quarters() -> None:
    quarters = read(parsed("e_distribuzione"))
    assert quarters[0] == ("IT001E1", "2024-08-31 22:00", 15, 0.1)
    assert quarters[-1] == ("IT001E1", "2024-09-01 21:45", 15, 0.2)
    assert len(quarters) == 96


def test_the_registers_of_a_p1_port() -> None:
    found = [
        (row["meter_id"], f"{row['interval_start_utc']:%H:%M}", row["register_kwh"]) for row in parsed("homewizard_p1")
    ]
    # Amsterdam is an hour ahead of UTC in March.
    assert found == [
        ("home", "07:00", 3000.0),
        ("home_export", "07:00", 11.0),
        ("home", "07:15", 3000.1),
        ("home_export", "07:15", 11.25),
    ]


def registers(name: str) -> list[tuple[str, str, float]]:
    return [
        (row["meter_id"], f"{row['interval_start_utc']:%m-%d %H:%M}", row["register_kwh"])
        for row in parsed(name)
        if row["rule_id"] is None
    ]


def test_the_day_reads_of_liander_are_summed_over_tariffs_and_gas_is_a_source_of_its_own() -> None:
    # Amsterdam is two hours ahead of UTC in June.
    assert registers("liander") == [
        ("871600000000000012", "06-04 22:00", 33398.0),
        ("871600000000000012_export", "06-04 22:00", 30.0),
        ("871600000000000012", "06-05 22:00", 33410.0),
        ("871600000000000012_export", "06-05 22:00", 33.0),
        ("871600000000000012", "06-06 22:00", 33420.0),
        ("871600000000000012_export", "06-06 22:00", 34.0),
    ]
    # 36 m3 at 35.17 MJ are 351.7 kWh.
    [(meter, _, before), (_, _, after)] = registers("liander_gas")
    assert meter == "871600000000000029"
    assert after - before == pytest.approx(351.7)
    assert {row["fuel"] for row in parsed("liander_gas")} == {"gas"}


def test_the_sums_of_home_assistant_are_those_of_the_ends_of_their_hours() -> None:
    # 1714557600 is 10:00 UTC.
    assert registers("home_assistant_statistics") == [
        ("sensor.heat_pump", "05-01 11:00", 1000.5),
        ("sensor.heat_pump", "05-01 12:00", 1000.75),
        ("sensor.heat_pump", "05-01 13:00", 1001.0),
    ]


def test_the_energy_dashboard_says_flow_and_fuel_and_its_sums_and_costs_are_no_readings() -> None:
    rows_ = parsed("home_assistant")
    flows = {row["meter_id"]: (row["flow"], row["fuel"]) for row in rows_ if row["rule_id"] is None}
    assert flows == {
        "sensor.p1_import": ("import", "electricity"),
        "sensor.p1_export": ("export", "electricity"),
        "sensor.pv": ("generation", "electricity"),
    }
    assert len(refused(rows_)) == 4
    gas = "entity_id,type,unit,2024-05-01T10:00:00.000Z,2024-05-01T11:00:00.000Z\nsensor.gas,gas_consumption,m3,1,2\n"
    assert [row["reason"] for row in rows("home_assistant", gas, "energy.csv")] == [
        "unit m3 needs value.calorific_value_mj_per_m3 in the source's YAML"
    ] * 2


def prices(name: str) -> list[tuple[str, str, int, float, str]]:
    file, text = EXPORTS[name]
    tables = parse_reference(Content.of(text.encode(), f"{name}/{file}"), SOURCES[name], LANDED)
    found = [row for table in tables for row in table.to_pylist()]
    assert {row["rule_id"] for row in found} == {None}
    return [
        (
            row["tariff_id"],
            f"{row['interval_start_utc']:%Y-%m-%d %H:%M}",
            row["interval_minutes"],
            pytest.approx(row["price_per_kwh"]),
            row["currency"],
        )
        for row in found
    ]


def test_prices_of_bidding_zones_by_hours_and_by_quarter_hours() -> None:
    # +2 on both days; in spring the hour from 02:00 is left out.
    assert prices("entsoe_prices") == [
        ("BZN|DE-LU", "2025-09-30 21:00", 60, 0.1015, "EUR"),
        ("BZN|DE-LU", "2025-09-30 22:00", 15, 0.095, "EUR"),
        ("BZN|DE-LU", "2025-09-30 22:15", 15, -0.005, "EUR"),
    ]
    assert prices("entsoe_prices_archive") == [
        ("day-ahead", "2024-03-31 00:00", 60, 0.05, "EUR"),
        ("day-ahead", "2024-03-31 01:00", 60, 0.0475, "EUR"),
    ]


OF_THEIR_OWN = {"e_distribuzione", "homewizard_p1", "liander", "liander_gas", "home_assistant_statistics"}


def test_every_export_is_checked() -> None:
    assert set(EXPORTS) == {*READ, *OF_THEIR_OWN, "entsoe_prices", "entsoe_prices_archive"}
