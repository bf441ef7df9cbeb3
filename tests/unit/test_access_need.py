"""Signs of need: by hand for a few homes, and beside the truth of a simulated town."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from energy_lib.insights.access.degree_days import MonthWeather, month_weather
from energy_lib.insights.access.homes import KnownOfHomes, homes_of
from energy_lib.insights.access.meter_month import MonthHours, Register, month_hours_of
from energy_lib.insights.access.need import Flags, Home, Thresholds, cold_spell, flags_of
from energy_lib.insights.access.privacy import AreaTree
from energy_lib.simulation.areas import areas, with_homes, with_interruptions, with_need
from energy_lib.simulation.climate import climates
from energy_lib.simulation.demand import demand
from energy_lib.simulation.portfolio import ZONE, Registry, registry

HALF = Thresholds(0.5, 0.5)
# A month with one cold spell, of nine days.
COLD = np.array([8.0] * 12 + [16.0] * 9 + [8.0] * 9)
WEATHER = MonthWeather(COLD, float(COLD.sum()))
USUAL = Home("h", "ward", None, "gas", 3200.0, 10 * COLD, 100.0, WEATHER, None, 100.0, 24_000.0)


def flagged(*homes: Home) -> Flags:
    """Beside thirty usual homes."""
    usual = [replace(USUAL, home_id=f"u{i}") for i in range(30)]
    found = flags_of([*usual, *homes], HALF)
    return {name: {home: flag for home, flag in flags.items() if home[0] != "u"} for name, flags in found.items()}


def test_a_home_with_less_than_half_the_heat_of_like_homes_is_colder_fed() -> None:
    small = replace(USUAL, home_id="small", heat_kwh=1600.0, floor_area_m2=50.0)
    cold = replace(USUAL, home_id="cold", heat_kwh=1599.0)
    unknown = replace(USUAL, home_id="unknown", floor_area_m2=None)
    alone = replace(USUAL, home_id="alone", heated_by="oil", heat_kwh=1.0)
    found = flagged(small, cold, unknown, alone)
    assert found["colder_fed"] == {"small": 0.0, "cold": 1.0}
    # A zone of two homes is compared with all zones; one that is large has its own median.
    north = [replace(USUAL, home_id=f"n{i}", climate_zone="north", heat_kwh=9000.0) for i in range(20)]
    found = flagged(*north, replace(USUAL, home_id="fine", climate_zone="north", heat_kwh=3200.0))
    assert found["colder_fed"]["fine"] == 1
    assert flagged(replace(USUAL, home_id="x", climate_zone="far"))["colder_fed"] == {"x": 0.0}


def test_a_warm_month_judges_no_ones_heat() -> None:
    warm = MonthWeather(COLD / 4, float(COLD.sum() / 4))
    homes = [replace(USUAL, home_id=f"h{i}", weather=warm) for i in range(30)]
    assert flags_of(homes, HALF)["colder_fed"] == {}
    assert flags_of(homes, HALF)["self_rationing"] == {}


def test_a_home_whose_heat_does_not_follow_the_cold_rations() -> None:
    # Like homes use twice as much in the spell: those of half that rise, or less, ration.
    follows = replace(USUAL, home_id="follows", daily_heat_kwh=np.where(COLD > 10, 151.0, 100.0))
    rations = replace(USUAL, home_id="rations", daily_heat_kwh=np.where(COLD > 10, 149.0, 100.0))
    assert flagged(follows, rations)["self_rationing"] == {"follows": 0.0, "rations": 1.0}


def test_a_home_that_was_not_read_is_not_judged_in_a_month_of_thirty_days() -> None:
    area = {"income_per_year": None, "currency": None, "climate_zone": None}
    known = KnownOfHomes(AreaTree({"ward": None}), {"ward": area}, {}, {}, {}, {("w", "UTC"): WEATHER})
    meter = {
        "meter_id": "silent", "building_id": None, "area_id": "ward", "fuel": "gas", "flow": "import", "payment": None,
        "zone": "UTC", "weather_location_id": "w", "floor_area_m2": 100.0,
    }  # fmt: skip
    [silent] = homes_of([meter], known)
    assert silent.daily_heat_kwh is None
    assert flagged(silent)["self_rationing"] == {}


def test_a_spell_has_three_days_that_are_cold_for_the_month_and_cold_at_all() -> None:
    spell = cold_spell(COLD)
    assert spell is not None
    assert np.flatnonzero(spell).tolist() == list(range(12, 21))
    assert cold_spell(np.where(np.arange(30) % 9 < 2, 16.0, 3.0)) is None
    assert cold_spell(COLD / 4) is None


def test_bills_and_incomes_are_held_against_the_median_of_all() -> None:
    low = replace(USUAL, home_id="low", cost=49.0)
    dear = replace(USUAL, home_id="dear", cost=201.0)
    poor = replace(USUAL, home_id="poor", income_per_year=11_900.0)
    unknown = replace(USUAL, home_id="unknown", cost=None)
    found = flagged(low, dear, poor, unknown)
    assert found["low_expenditure"] == {"low": 1.0, "dear": 0.0, "poor": 0.0}
    assert found["high_share"] == {"low": 0.0, "dear": 1.0, "poor": 1.0}


def test_only_prepaid_homes_can_run_out_of_credit() -> None:
    homes = [replace(USUAL, home_id=name, disconnections=n) for name, n in (("on", 0), ("off", 2))]
    found = flagged(*homes, replace(USUAL, home_id="credit"))
    assert found["self_disconnected"] == {"on": 0.0, "off": 1.0}
    assert found["short_of_energy"] == {"on": 0.0, "off": 1.0, "credit": 0.0}


SEED, JANUARY = 7, date(2024, 1, 1)


@pytest.fixture(scope="module")
def town() -> tuple[pd.DataFrame, Flags]:
    """The truth of some two hundred homes, and what January's meters say of them."""
    slots = pd.date_range(JANUARY, periods=31 * 48, freq="30min")
    climate = climates(pd.date_range(JANUARY, periods=31 * 24, freq="h"), SEED)
    utility, truth = with_homes(registry(600, SEED), 0.25, SEED)
    used = with_need(utility, truth, demand(utility, climate, slots, SEED).kwh)
    kwh = with_interruptions(utility, truth, used, slots, SEED).kwh
    meters = utility.meters.assign(registered_by="registry").query("use == 'dwelling'")
    months = _months(utility, meters, kwh)
    rows = {row["area_id"]: row for row in areas(utility).astype(object).to_dict("records")}
    rows = {area: {k: None if pd.isna(v) else v for k, v in row.items()} for area, row in rows.items()}
    weather = {
        (place, ZONE): month_weather(
            pd.Series(c.temperature_c[: 31 * 24], pd.date_range(JANUARY, periods=31 * 24, freq="h", tz="UTC")),
            ZONE, JANUARY, 15.5,
        )
        for place, c in climate.items()
    }  # fmt: skip
    tree = AreaTree({area: row["parent_area_id"] for area, row in rows.items()})
    price = {"gas": 0.07, "electricity": 0.27}
    fuel = dict(zip(meters["meter_id"], meters["fuel"], strict=True))
    costs = {m: (month.energy_kwh * price[fuel[m]], "GBP") for m, month in months.meters.items()}
    known = KnownOfHomes(tree, rows, {}, months.meters, costs, weather)
    return truth.set_index("building_id"), flags_of(homes_of(meters.to_dict("records"), known), HALF)


def _months(utility: Registry, meters: pd.DataFrame, kwh: np.ndarray) -> MonthHours:
    first = int(pd.Timestamp(JANUARY, tz="UTC").timestamp()) // 3600
    hourly = kwh.reshape(len(kwh), -1, 2).sum(axis=2)
    rows = pd.DataFrame(
        {
            "meter_id": np.repeat(meters["meter_id"].to_numpy(dtype=object), hourly.shape[1]),
            "hour": np.tile(first + np.arange(hourly.shape[1]), len(meters)),
            "energy_kwh": hourly[meters.index].ravel(),
            "imputed_share": 0.0,
        }
    )
    registers = {
        row["meter_id"]: Register(ZONE, row["area_id"], ("homes", row["fuel"], row["flow"]))
        for row in meters.to_dict("records")
    }
    return month_hours_of(rows, registers, JANUARY, 3)


def scores(truth: pd.Series, flags: dict[str, float]) -> tuple[float, float]:
    """Precision and recall over the homes that were judged and whose truth is known."""
    homes = [home for home in flags if home in truth.index]
    said, is_so = np.array([flags[h] > 0 for h in homes]), truth[homes].to_numpy(dtype=bool)
    return float((said & is_so).sum() / said.sum()), float((said & is_so).sum() / is_so.sum())


def test_what_meters_say_of_need_beside_the_truth(town: tuple[pd.DataFrame, Flags]) -> None:
    truth, flags = town
    so = {
        "colder_fed": truth["heats_too_little"],
        "self_rationing": truth["rations"],
        "self_disconnected": truth["in_need"],
        "low_expenditure": truth["in_need"],
        "high_share": truth["in_need"],
        "short_of_energy": truth["in_need"],
    }
    found = {name: scores(so[name], flags[name]) for name in so}
    for name, (precision, recall) in found.items():
        print(f"{name}: precision {precision:.2f}, recall {recall:.2f}, of {len(flags[name])} homes judged")
    assert min(found["short_of_energy"]) > 0.5
