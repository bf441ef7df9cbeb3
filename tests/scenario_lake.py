"""A small lake of homes and offices made by hand, without Spark: forty days of hours, weather, a tariff, areas."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from account_rows import at, charge, factor, meter
from plain_rows import full_rows, put

from energy_lib.tables import references, silver

DAY = date(2024, 3, 1)
FIRST, DAYS = "2024-01-01 00:00", 60
HOMES, OFFICES = 24, 4
WARDS = ("north", "south")
GAS = {"fuel": "gas", "scope": "scope_1", "region": "GB"}


def series(number: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Temperature, electricity and gas of a home, hourly: power peaks at 18 o'clock, gas rises below 15 °C."""
    hour = np.arange(24 * DAYS)
    daily_c = 10 + 8 * np.sin(hour // 24 * 0.7)
    size = 1 + number / HOMES
    power = size * np.where(hour % 24 == 18, 1.0, 0.2)
    gas = size * (0.2 + 0.1 * np.maximum(15 - daily_c, 0))
    return daily_c, power, gas


def fill(root: Path) -> None:
    """Homes h00 … h23, half of them in each ward; offices o0 … o3 without an area. Half of the homes have gas."""
    rows, hours = [], []
    for number in range(HOMES + OFFICES):
        is_home = number < HOMES
        name = f"h{number:02d}" if is_home else f"o{number - HOMES}"
        common = {"building_id": name, "use": "dwelling" if is_home else "office", "weather_location_id": "here"}
        common |= {"area_id": WARDS[number % 2] if is_home else None, "country": "GBR"}
        _, power, gas = series(number)
        for fuel, kwh in (("electricity", power), ("gas", gas)):
            if fuel == "electricity" or (is_home and number % 4 < 2):
                rows.append(meter(f"{name}_{fuel}", fuel=fuel, **common))
                hours += _hours(f"{name}_{fuel}", fuel, kwh)
    put(root, silver.METERS, *rows)
    put(root, silver.HOURLY, *hours)
    _references(root)


def _hours(meter_id: str, fuel: str, kwh: np.ndarray[Any, Any]) -> list[dict[str, Any]]:
    begin = at(FIRST)
    found = []
    for place, energy in enumerate(kwh.tolist()):
        start = begin + timedelta(hours=place)
        row = {"meter_id": meter_id, "fuel": fuel, "flow": "import", "interval_start_utc": start, "energy_kwh": energy}
        row |= {"measured_kwh": energy, "quality": "measured", "imputed_share": 0.0, "flags": []}
        row |= {"available_at_utc": start + timedelta(hours=1), "interval_month": start.date().replace(day=1)}
        found.append(row)
    return found


def _references(root: Path) -> None:
    put(
        root,
        references.AREAS,
        *({"area_id": ward, "parent_area_id": "town", "households": 40, "climate_zone": "z"} for ward in WARDS),
        {"area_id": "town"},
        {"area_id": "hill", "parent_area_id": "town", "households": 100, "climate_zone": "z"},
    )
    gas = {"fuel": "gas", "vat_share": 0.05}
    put(
        root,
        references.TARIFFS,
        charge("unit_rate", 0.30, vat_share=0.05),
        charge("standing_per_day", 0.50, vat_share=0.05),
        charge("unit_rate", 0.06, **gas),
        charge("standing_per_day", 0.25, **gas),
    )
    put(root, references.EMISSION_FACTORS, factor(0.2), factor(0.18, **GAS, calorific_basis="gross"))
    temperature, _, _ = series(0)
    begin = at(FIRST)
    weather = [
        {
            "location_id": "here", "interval_start_utc": begin + timedelta(hours=place), "kind": "observed",
            "issued_at_utc": begin, "temperature_c": celsius,
            "irradiance_w_m2": 500.0 if 10 <= place % 24 < 14 else 0.0, "available_at_utc": begin,
        }
        for place, celsius in enumerate(temperature.tolist())
    ]  # fmt: skip
    put(root, silver.WEATHER, *full_rows(silver.WEATHER, *weather))
