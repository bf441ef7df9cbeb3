"""Energy of every meter and half-hour: habits, weather and chance."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.simulation.climate import Climate
from energy_lib.simulation.noise import autocorrelated
from energy_lib.simulation.occupancy import LocalCalendar, local_calendar, occupancy
from energy_lib.simulation.portfolio import USES, Registry, Use
from energy_lib.vocabulary import Fuel

HEATING_BASE_C = 15.5
COOLING_BASE_C = 18.0
BOILER_EFFICIENCY = 0.88
HEAT_PUMP_COP = 3.0
PV_W_PER_ROOF_M2 = 60.0
SLOT_HOURS = 0.5
CLOSED_DAYS = (5, 15)


def demand(registry: Registry, climate: dict[str, Climate], slots: pd.DatetimeIndex, seed: int) -> NDArray[Any]:
    """kWh of each meter (rows) in each half-hour (columns) of `slots`."""
    calendar = local_calendar(slots)
    present = occupancy(calendar)
    out = np.empty((len(registry.meters), len(slots)))
    roofs = registry.buildings.set_index("building_id")["roof_area_m2"].to_dict()
    pairs = zip(registry.meters.to_dict("records"), registry.habits.to_dict("records"), strict=True)
    for number, (meter, habit) in enumerate(pairs):
        rng = np.random.default_rng([seed, 5, number])
        weather = climate[meter["weather_location_id"]]
        busy = np.roll(present[meter["use"]], habit["shift_half_hours"])
        busy = _closure(busy, rng, habit["closed"])
        kind = USES[meter["use"]]
        if meter["fuel"] == Fuel.GAS:
            watts = _gas(kind, busy, weather, calendar)
        else:
            watts = _electricity(kind, busy, weather, calendar, heats=habit["electric_heat"])
        kilowatts = watts * meter["floor_area_m2"] / 1000 * habit["level"] * _chance(kind, habit, rng, len(slots))
        if habit["has_pv"] and meter["fuel"] == Fuel.ELECTRICITY:
            # Own use of the sun: what is exported has a register of its own, so this one never turns back.
            sun = _half_hourly(weather.irradiance_w_m2, len(slots)) / 1000
            kilowatts = np.maximum(
                kilowatts - sun * PV_W_PER_ROOF_M2 * roofs[meter["building_id"]] / 1000, 0.05 * kilowatts
            )
        out[number] = kilowatts * SLOT_HOURS
    return out


def _electricity(
    kind: Use, busy: NDArray[Any], weather: Climate, calendar: LocalCalendar, *, heats: bool
) -> NDArray[Any]:
    """W/m2: what always runs, what people switch on, light in the dark, cooling, and heat pumps for want of gas."""
    dark = np.exp(-_half_hourly(weather.irradiance_w_m2, len(busy)) / 120)
    outside = _half_hourly(weather.temperature_c, len(busy))
    watts = kind.base_w_m2 + kind.occupied_w_m2 * busy + kind.lighting_w_m2 * busy * dark
    watts = watts + kind.cooling_w_m2_k * np.clip(outside - COOLING_BASE_C, 0, None) * (0.2 + 0.8 * busy)
    if heats:
        watts = watts + _heat(kind, busy, outside, calendar) / HEAT_PUMP_COP
    return np.asarray(watts)


def _gas(kind: Use, busy: NDArray[Any], weather: Climate, calendar: LocalCalendar) -> NDArray[Any]:
    """W/m2 of gas: space heat, hot water, and a pilot that never rests."""
    outside = _half_hourly(weather.temperature_c, len(busy))
    heat = _heat(kind, busy, outside, calendar) + kind.hot_water_w_m2 * busy
    return np.asarray(heat / BOILER_EFFICIENCY + 0.05 * kind.hot_water_w_m2)


def _heat(kind: Use, busy: NDArray[Any], outside: NDArray[Any], calendar: LocalCalendar) -> NDArray[Any]:
    # Walls remember about half a day; the boiler comes on ahead of the people and is set back, not off, at night.
    felt = pd.Series(outside).ewm(halflife=16).mean().to_numpy()
    warm_up = np.where((calendar.hour > 5) & (calendar.hour < 8), 0.35, 0.0) * (calendar.works | (busy > 0.1))
    schedule = 0.35 + 0.65 * np.maximum(busy, warm_up)
    return np.asarray(kind.heat_loss_w_m2_k * np.clip(HEATING_BASE_C - felt, 0, None) * schedule)


def _chance(kind: Use, habit: Mapping[Hashable, Any], rng: np.random.Generator, length: int) -> NDArray[Any]:
    slow = autocorrelated(rng, length, 0.995) * 0.05
    quick = autocorrelated(rng, length, 0.6) * kind.noise
    years = np.arange(length) * SLOT_HOURS / 8766
    return np.asarray(np.exp(slow + quick) * (1 + habit["growth_per_year"]) ** years)


def _closure(busy: NDArray[Any], rng: np.random.Generator, closed: bool) -> NDArray[Any]:
    """A week or two in which nobody comes."""
    days = int(rng.integers(*CLOSED_DAYS))
    first = int(rng.integers(0, max(1, len(busy) // 48 - days))) * 48
    if not closed:
        return busy
    busy = busy.copy()
    busy[first : first + days * 48] *= 0.08
    return busy


def _half_hourly(hourly: NDArray[Any], length: int) -> NDArray[Any]:
    return np.repeat(hourly, 2)[:length]
