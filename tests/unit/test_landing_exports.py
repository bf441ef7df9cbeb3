"""Exports that ship: the rows of each, in UTC and kWh, worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
from exported_samples import EXPORTS
from landed_rows import read, rows

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
    "pge": [("pge_electric", "2024-01-01 08:00", 60, 0.5), ("pge_electric", "2024-01-01 09:00", 60, 0.25)],
    # -6
    "smart_meter_texas": [
        ("10443720000000001", "2024-01-02 06:00", 15, 0.127),
        ("10443720000000001_export", "2024-01-02 18:00", 15, 0.5),
    ],
    # +10; 7,200 MW for five minutes are 600 MWh
    "aemo_demand": [("NSW1", "2023-12-31 14:00", 5, 600_000.0), ("NSW1", "2023-12-31 14:05", 5, 610_000.0)],
}


def parsed(name: str) -> list[dict[str, Any]]:
    file, text = EXPORTS[name]
    return rows(name, text, file)


@pytest.mark.parametrize("name", sorted(READ))
def test_exports_of_intervals(name: str) -> None:
    assert read(parsed(name)) == READ[name]
    assert len(parsed(name)) == len(READ[name])


def test_exports_say_what_is_estimated() -> None:
    qualities = {name: [row["quality"] for row in parsed(name)] for name in ("fluvius", "datadis", "eloverblik")}
    assert qualities == {
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


def test_every_export_is_checked() -> None:
    assert set(EXPORTS) == {*READ, "e_distribuzione", "homewizard_p1"}
