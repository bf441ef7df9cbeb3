"""Areas of the utility, homes that are short of energy with what is truly so, prepaid supply, and outages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.simulation.events import SLOTS_A_DAY
from energy_lib.simulation.market import CURRENCY
from energy_lib.simulation.portfolio import REGION_AREA, SITES, WARDS_OF_A_TOWN, Registry, town_of
from energy_lib.vocabulary import Flow, Fuel

# Homes with meters over all homes of an area.
METERED_SHARE = 0.8
LOWEST_INCOME, INCOME_BY_RANK = 17_000, 16_000
# Shares of homes: short ones prepay more often than others; some others use little because they are well insulated.
PREPAY_IN_NEED, PREPAY_ELSE, THRIFTY = 0.6, 0.12, 0.08
# What a home uses over what it would: heat of those that heat too little, their lights, and heat of thrifty ones.
COLD_HEAT, COLD_POWER, THRIFTY_HEAT = (0.25, 0.5), (0.6, 0.9), (0.5, 0.85)
# Those that ration never use more heat on a day than on this share of their days.
RATION_AT = 0.5
# Interruptions for want of credit: days between them, and their half-hours.
DAYS_BETWEEN, DAYS_BETWEEN_ELSE = 12.0, 150.0
DISCONNECTED_SLOTS = (9, 40)
OUTAGE_EVERY_DAYS, OUTAGE_SLOTS = 60.0, (2, 14)


def areas(utility: Registry) -> pd.DataFrame:
    """A region, its towns and their wards; the first ward of a town is its poorest. Columns as silver.areas."""
    homes = utility.buildings[utility.buildings["use"] == "dwelling"]
    floors = (homes.groupby("area_id")["floor_area_m2"].sum() / METERED_SHARE).round().to_dict()
    households = (homes.groupby("area_id").size() / METERED_SHARE).round().astype(int).to_dict()
    rows: list[dict[str, object]] = []
    for number, (site, *_) in enumerate(SITES):
        town = town_of(site)
        for ward in range(1, WARDS_OF_A_TOWN + 1):
            area = f"{town}-{ward}"
            rows.append({"area_id": area, "parent_area_id": town, "households": households.get(area, 0)})
            rows[-1] |= {"floor_area_m2": floors.get(area, 0.0)}
            rows[-1] |= {"deprivation_rank": rank(area), "climate_zone": f"GB-{number + 1}"}
            rows[-1] |= {"income_per_year": LOWEST_INCOME + INCOME_BY_RANK * rank(area), "currency": CURRENCY}
        rows.append({"area_id": town, "parent_area_id": REGION_AREA, "climate_zone": f"GB-{number + 1}"})
    rows.append({"area_id": REGION_AREA})
    table = pd.DataFrame(rows).astype({"households": "Int64"})
    return table.assign(name=table["area_id"].str.removeprefix("sim-").str.capitalize())


def rank(area: str) -> float:
    """Rank of a ward in the index of deprivation, 0 the most deprived."""
    return round((int(area.rsplit("-", 1)[1]) - 0.5) / WARDS_OF_A_TOWN, 3)


def with_homes(utility: Registry, need_share: float, seed: int) -> tuple[Registry, pd.DataFrame]:
    """The registry with the payment of each meter, and the truth of each home without registers of panels.

    `building_id, area_id, in_need, heats_too_little, rations, payment, heat_share, power_share`: what is truly so, and
    what it uses over what it would. `need_share` 0: no home is in need, prepays or is thrifty.
    """
    solar = set(utility.meters.loc[utility.meters["flow"] == Flow.EXPORT, "building_id"])
    homes = utility.buildings[(utility.buildings["use"] == "dwelling") & ~utility.buildings["building_id"].isin(solar)]
    rows = [_home(str(home.building_id), str(home.area_id), need_share, seed) for home in homes.itertuples()]
    table = pd.DataFrame(rows, columns=HOME_COLUMNS)
    payment = table.set_index("building_id")["payment"]
    meters = utility.meters.assign(payment=utility.meters["building_id"].map(payment).fillna("credit"))
    return replace(utility, meters=meters), table


HOME_COLUMNS = [
    *("building_id", "area_id", "in_need", "heats_too_little", "rations", "payment", "heat_share", "power_share"),
]


def _home(building: str, area: str, need_share: float, seed: int) -> tuple[object, ...]:
    rng = np.random.default_rng([seed, 11, int(building.removeprefix("sim-b"))])
    chance = need_share * (1.6 - 1.2 * rank(area))
    is_in_need, way, prepays, is_thrifty = rng.random(4)
    if need_share == 0:
        return building, area, False, False, False, "credit", 1.0, 1.0
    if is_in_need >= chance:
        payment = "prepay" if prepays < PREPAY_ELSE else "credit"
        heat = float(rng.uniform(*THRIFTY_HEAT)) if is_thrifty < THRIFTY else 1.0
        return building, area, False, False, False, payment, heat, 1.0
    payment = "prepay" if prepays < PREPAY_IN_NEED else "credit"
    is_cold = way < 0.7
    shares = (float(rng.uniform(*COLD_HEAT)), float(rng.uniform(*COLD_POWER))) if is_cold else (1.0, 1.0)
    return building, area, True, is_cold, way >= 0.5, payment, *shares


def with_need(utility: Registry, homes: pd.DataFrame, kwh: NDArray[Any]) -> NDArray[Any]:
    """What homes use that heat too little or ration; `kwh` by meter and half-hour, whole days.

    Heat is gas, or electricity where there is no gas.
    """
    kwh, of_home = kwh.copy(), homes.set_index("building_id")
    heated_by = heat_meters(utility)
    for place, meter in enumerate(utility.meters.to_dict("records")):
        if meter["building_id"] not in of_home.index:
            continue
        home = of_home.loc[meter["building_id"]]
        is_heat = heated_by[meter["building_id"]] == meter["meter_id"]
        kwh[place] *= home["heat_share"] if is_heat else home["power_share"]
        if is_heat and home["rations"]:
            by_day = kwh[place].reshape(-1, SLOTS_A_DAY)
            days = by_day.sum(axis=1)
            by_day *= np.minimum(1.0, np.quantile(days, RATION_AT) / np.maximum(days, 1e-9))[:, None]
    return kwh


def heat_meters(utility: Registry) -> dict[str, str]:
    """The meter that heats each building: that of gas, or else that of electricity it imports."""
    imports = utility.meters[utility.meters["flow"] == Flow.IMPORT].sort_values("fuel", ascending=False)
    gas_first = imports.assign(order=imports["fuel"].ne(Fuel.GAS)).sort_values("order", kind="stable")
    return dict(gas_first.groupby("building_id")["meter_id"].first())


@dataclass(frozen=True, slots=True)
class Interrupted:
    """`kwh` after them; `outages`: columns as silver.events; `disconnections`: meter_id, start_utc, end_utc."""

    kwh: NDArray[Any]
    outages: pd.DataFrame
    disconnections: pd.DataFrame


def with_interruptions(
    utility: Registry, homes: pd.DataFrame, kwh: NDArray[Any], slots: pd.DatetimeIndex, seed: int
) -> Interrupted:
    """No electricity where the credit is used up, and in areas whose grid failed. Without prepaid homes: neither."""
    kwh, cut, failed = kwh.copy(), [], []
    prepaid = homes[homes["payment"] == "prepay"].set_index("building_id")
    power = utility.meters[(utility.meters["fuel"] == Fuel.ELECTRICITY) & (utility.meters["flow"] == Flow.IMPORT)]
    for place, meter in zip(power.index, power.to_dict("records"), strict=True):
        if meter["building_id"] in prepaid.index:
            needs = prepaid.at[meter["building_id"], "in_need"]
            rng = np.random.default_rng([seed, 12, int(place)])
            for first, end in _spans(rng, len(slots), DAYS_BETWEEN if needs else DAYS_BETWEEN_ELSE, DISCONNECTED_SLOTS):
                kwh[place, first:end] = 0
                cut.append((meter["meter_id"], slots[first], slots[end - 1] + (slots[1] - slots[0])))
    for number, (area, members) in enumerate(power.groupby("area_id")) if len(prepaid) else ():
        rng = np.random.default_rng([seed, 13, number])
        for first, end in _spans(rng, len(slots), OUTAGE_EVERY_DAYS, OUTAGE_SLOTS):
            kwh[members.index, first:end] = 0
            failed.append(("outage", str(area), slots[first], slots[end - 1] + (slots[1] - slots[0])))
    outages = pd.DataFrame(failed, columns=["kind", "area_id", "start_utc", "end_utc"])
    outages.insert(0, "event_id", [f"sim-o{place:03d}" for place in range(len(outages))])
    outages = outages.assign(meter_id=None, building_id=None, site_id=None, description="The grid failed in the ward")
    return Interrupted(kwh, outages, pd.DataFrame(cut, columns=["meter_id", "start_utc", "end_utc"]))


def _spans(rng: np.random.Generator, slots: int, days_between: float, length: tuple[int, int]) -> list[tuple[int, int]]:
    """First half-hours, and those after the last, of interruptions that come at random, one after the other."""
    spans, at = [], 0
    while (at := at + 1 + int(rng.exponential(days_between) * SLOTS_A_DAY)) + length[1] < slots:
        spans.append((at, at := at + int(rng.integers(*length))))
    return spans
