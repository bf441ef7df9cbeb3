"""The utility's buildings and meters: use, size, and the parameters of their demand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from energy_lib.vocabulary import Flow, Fuel

ZONE = "Europe/London"
COUNTRY, SUBDIVISION = "GB", "ENG"
# Of the grid's intensity and of emission factors.
REGION = "GB"
DOMESTIC, BUSINESS = "sim_domestic", "sim_business"
# Schools and hospitals buy electricity that is certified to be renewable.
GREEN_CONTRACT, GREEN_USES = "sim_green", ("school", "hospital")
SITES = (("site_north", "weather_north", 53.80, -1.55), ("site_south", "weather_south", 51.45, -0.97))
# Uses of twenty buildings, repeated for ever: mostly dwellings, and every use among the first eight.
USE_PATTERN = (
    *("dwelling", "office", "dwelling", "shop", "dwelling", "school", "dwelling", "hospital", "dwelling", "shop"),
    *("dwelling", "dwelling", "office", "dwelling", "dwelling", "school", "dwelling", "shop", "dwelling", "office"),
)
# Dwellings of the twenty that have panels, and registers of export and generation beside that of import.
SOLAR_HOMES = (2, 13)
SOLAR_FLOWS = (Flow.EXPORT, Flow.GENERATION)
# A solar home's own use, as a virtual meter: flow of the register → sign.
OWN_USE = {Flow.IMPORT: 1, Flow.EXPORT: -1, Flow.GENERATION: 1}
HALF_HOURLY_EVERY = 8
REGION_AREA = "sim-region"
WARDS_OF_A_TOWN = 4


@dataclass(frozen=True, slots=True)
class Use:
    """Parameters of one use of building: ranges of size, and loads per m2 of floor (heat and cooling also per K)."""

    floor_m2: tuple[float, float]
    floors: tuple[int, int]
    base_w_m2: float
    occupied_w_m2: float
    lighting_w_m2: float
    cooling_w_m2_k: float
    heat_loss_w_m2_k: float
    hot_water_w_m2: float
    noise: float


USES: dict[str, Use] = {
    "dwelling": Use((55, 160), (1, 3), 1.3, 4.0, 1.5, 0.0, 1.6, 2.5, 0.30),
    "office": Use((800, 9000), (2, 8), 4.0, 14.0, 6.0, 0.9, 1.3, 0.6, 0.08),
    "school": Use((1500, 8000), (1, 3), 2.0, 9.0, 7.0, 0.1, 1.8, 1.0, 0.10),
    "shop": Use((120, 2500), (1, 2), 8.0, 18.0, 12.0, 1.0, 0.9, 0.3, 0.10),
    "hospital": Use((9000, 30000), (3, 10), 14.0, 12.0, 6.0, 0.8, 2.2, 4.0, 0.05),
}


@dataclass(frozen=True, slots=True)
class Registry:
    """`buildings` and `meters` with the columns of silver; `habits` has one row of demand parameters for each meter.

    `points` names, for each meter, the one of import at its point of delivery, by which files name all its registers.
    """

    buildings: pd.DataFrame
    meters: pd.DataFrame
    habits: pd.DataFrame
    points: tuple[str, ...]

    def find(self, fuel: Fuel, use: str, place: int) -> int | None:
        """The row of the `place`-th meter of import (from 0) of a fuel and use; None if there are not so many.

        Homes with panels are left out.
        """
        is_one = (self.meters["fuel"] == fuel) & (self.meters["use"] == use) & (self.meters["flow"] == Flow.IMPORT)
        found = np.flatnonzero(is_one & ~self.habits["is_solar_home"])
        return int(found[place]) if place < len(found) else None

    def virtual_meters(self) -> pd.DataFrame:
        """`virtual_meter_id, meter_id, sign`: the own use of each solar home."""
        solar = self.meters.assign(point=self.points)
        solar = solar[solar["point"].isin(solar.loc[solar["flow"] == Flow.EXPORT, "point"])]
        return pd.DataFrame(
            {
                "virtual_meter_id": solar["point"] + "_use",
                "meter_id": solar["meter_id"],
                "sign": solar["flow"].map(OWN_USE).astype(int),
            }
        ).sort_values(["virtual_meter_id", "meter_id"], ignore_index=True)


def registry(meters: int, seed: int) -> Registry:
    """The utility's first `meters` meters and their buildings. A larger utility has the same first meters.

    After them come the registers of export and generation of those that are homes with panels.
    """
    buildings: list[dict[str, object]] = []
    rows: list[dict[str, object]] = []
    habits: list[dict[str, object]] = []
    while len(rows) < meters:
        number = len(buildings)
        rng = np.random.default_rng([seed, 1, number])
        building = _building(number, rng)
        buildings.append(building)
        fuels = [Fuel.ELECTRICITY, Fuel.GAS] if rng.random() < 0.75 else [Fuel.ELECTRICITY]
        is_solar_home = number % len(USE_PATTERN) in SOLAR_HOMES
        for fuel in fuels[: meters - len(rows)]:
            rows.append(_meter(len(rows), fuel, building))
            habit = _habits(len(rows) - 1, rng, electric_heat=len(fuels) == 1)
            habits.append({**habit, "is_solar_home": is_solar_home and fuel is Fuel.ELECTRICITY})
    points = [row["meter_id"] for row in rows]
    for row, habit in zip(rows[:meters], habits[:meters], strict=True):
        if habit["is_solar_home"]:
            for flow in SOLAR_FLOWS:
                rows.append({**row, "meter_id": f"{row['meter_id']}_{flow}", "flow": flow.value})
                habits.append(habit)
                points.append(row["meter_id"])
    return Registry(pd.DataFrame(buildings), pd.DataFrame(rows), pd.DataFrame(habits), tuple(map(str, points)))


def _building(number: int, rng: np.random.Generator) -> dict[str, object]:
    use = USE_PATTERN[number % len(USE_PATTERN)]
    parameters = USES[use]
    site, _, latitude, longitude = SITES[number % len(SITES)]
    floor = round(float(np.exp(rng.uniform(*np.log(parameters.floor_m2)))), 1)
    floors = int(rng.integers(parameters.floors[0], parameters.floors[1] + 1))
    return {
        "building_id": f"sim-b{number:04d}",
        "site_id": site,
        "floor_area_m2": floor,
        "roof_area_m2": round(floor / floors * 1.05, 1),
        "floors": floors,
        "use": use,
        "latitude": round(latitude + float(rng.normal(0, 0.02)), 5),
        "longitude": round(longitude + float(rng.normal(0, 0.03)), 5),
        "area_id": f"{town_of(site)}-{number // len(SITES) % WARDS_OF_A_TOWN + 1}",
    }


def town_of(site: str) -> str:
    """The area of a site's town, in which its wards lie."""
    return site.replace("site_", "sim-")


def _meter(number: int, fuel: Fuel, building: dict[str, object]) -> dict[str, object]:
    is_green = fuel is Fuel.ELECTRICITY and building["use"] in GREEN_USES
    return {
        "meter_id": f"sim-m{number:04d}",
        "fuel": fuel.value,
        "flow": Flow.IMPORT.value,
        "zone": ZONE,
        "country": COUNTRY,
        "subdivision": SUBDIVISION,
        "building_id": building["building_id"],
        "site_id": building["site_id"],
        "weather_location_id": next(site[1] for site in SITES if site[0] == building["site_id"]),
        "floor_area_m2": building["floor_area_m2"],
        "latitude": building["latitude"],
        "longitude": building["longitude"],
        "use": building["use"],
        "tariff_id": DOMESTIC if building["use"] == "dwelling" else BUSINESS,
        "carbon_region": REGION,
        "supply_contract_id": GREEN_CONTRACT if is_green else None,
        "area_id": building["area_id"],
        "payment": "credit",
    }


def _habits(number: int, rng: np.random.Generator, *, electric_heat: bool) -> dict[str, object]:
    return {
        "interval_minutes": 30 if number % HALF_HOURLY_EVERY == HALF_HOURLY_EVERY - 1 else 60,
        "level": float(np.exp(rng.normal(0, 0.25))),
        "shift_half_hours": int(rng.integers(-2, 3)),
        "growth_per_year": float(rng.normal(0.01, 0.03)),
        "electric_heat": electric_heat,
        "has_pv": bool(rng.random() < 0.15),
        "closed": bool(rng.random() < 0.08),
    }
