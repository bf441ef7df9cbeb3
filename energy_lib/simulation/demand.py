"""Energy of every meter and half-hour, from occupancy, weather and noise."""

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
    """kWh of each meter (rows) in each half-hour (columns) of `slots` (UTC starts, without a zone).

    `climate` has the weather by location, hourly from the first of `slots` on.
    """
    calendar = local_calendar(slots)
    occupied_by_use = occupancy(calendar)
    energy_kwh = np.empty((len(registry.meters), len(slots)))
    roofs = registry.buildings.set_index("building_id")["roof_area_m2"].to_dict()
    pairs = zip(registry.meters.to_dict("records"), registry.habits.to_dict("records"), strict=True)
    for number, (meter, habit) in enumerate(pairs):
        rng = np.random.default_rng([seed, 5, number])
        weather = climate[meter["weather_location_id"]]
        occupied = np.roll(occupied_by_use[meter["use"]], habit["shift_half_hours"])
        occupied = _with_closure(occupied, rng, habit["closed"])
        use = USES[meter["use"]]
        if meter["fuel"] == Fuel.GAS:
            watts = _gas(use, occupied, weather, calendar)
        else:
            watts = _electricity(use, occupied, weather, calendar, has_heat_pump=habit["electric_heat"])
        factors = _noise_and_growth(use, habit, rng, len(slots))
        kilowatts = watts * meter["floor_area_m2"] / 1000 * habit["level"] * factors
        if habit["has_pv"] and meter["fuel"] == Fuel.ELECTRICITY:
            # PV lowers the import to 5 % at the least: export has a register of its own.
            irradiance_kw_m2 = _half_hourly(weather.irradiance_w_m2, len(slots)) / 1000
            kilowatts = np.maximum(
                kilowatts - irradiance_kw_m2 * PV_W_PER_ROOF_M2 * roofs[meter["building_id"]] / 1000, 0.05 * kilowatts
            )
        energy_kwh[number] = kilowatts * SLOT_HOURS
    return energy_kwh


def _electricity(
    use: Use, occupied: NDArray[Any], weather: Climate, calendar: LocalCalendar, *, has_heat_pump: bool
) -> NDArray[Any]:
    """W/m2: base load, occupants' load, lighting in the dark, cooling, and a heat pump where there is no gas."""
    darkness = np.exp(-_half_hourly(weather.irradiance_w_m2, len(occupied)) / 120)
    outdoor_c = _half_hourly(weather.temperature_c, len(occupied))
    watts = use.base_w_m2 + use.occupied_w_m2 * occupied + use.lighting_w_m2 * occupied * darkness
    watts = watts + use.cooling_w_m2_k * np.clip(outdoor_c - COOLING_BASE_C, 0, None) * (0.2 + 0.8 * occupied)
    if has_heat_pump:
        watts = watts + _heat(use, occupied, outdoor_c, calendar) / HEAT_PUMP_COP
    return np.asarray(watts)


def _gas(use: Use, occupied: NDArray[Any], weather: Climate, calendar: LocalCalendar) -> NDArray[Any]:
    """W/m2 of gas: space heat, hot water, and a pilot flame that is always lit."""
    outdoor_c = _half_hourly(weather.temperature_c, len(occupied))
    heat = _heat(use, occupied, outdoor_c, calendar) + use.hot_water_w_m2 * occupied
    return np.asarray(heat / BOILER_EFFICIENCY + 0.05 * use.hot_water_w_m2)


def _heat(use: Use, occupied: NDArray[Any], outdoor_c: NDArray[Any], calendar: LocalCalendar) -> NDArray[Any]:
    # Walls smooth the outdoor temperature (half-life 8 h). The boiler starts before people come; at night it is set
    # back, not off.
    smoothed_c = pd.Series(outdoor_c).ewm(halflife=16).mean().to_numpy()
    warm_up = np.where((calendar.hour > 5) & (calendar.hour < 8), 0.35, 0.0) * (calendar.is_workday | (occupied > 0.1))
    schedule = 0.35 + 0.65 * np.maximum(occupied, warm_up)
    return np.asarray(use.heat_loss_w_m2_k * np.clip(HEATING_BASE_C - smoothed_c, 0, None) * schedule)


def _noise_and_growth(use: Use, habit: Mapping[Hashable, Any], rng: np.random.Generator, length: int) -> NDArray[Any]:
    slow_noise = autocorrelated(rng, length, 0.995) * 0.05
    quick_noise = autocorrelated(rng, length, 0.6) * use.noise
    years = np.arange(length) * SLOT_HOURS / 8766
    return np.asarray(np.exp(slow_noise + quick_noise) * (1 + habit["growth_per_year"]) ** years)


def _with_closure(occupied: NDArray[Any], rng: np.random.Generator, closed: bool) -> NDArray[Any]:
    """`occupied`; if `closed`, nearly empty for a week or two."""
    days = int(rng.integers(*CLOSED_DAYS))
    first = int(rng.integers(0, max(1, len(occupied) // 48 - days))) * 48
    if not closed:
        return occupied
    occupied = occupied.copy()
    occupied[first : first + days * 48] *= 0.08
    return occupied


def _half_hourly(hourly: NDArray[Any], length: int) -> NDArray[Any]:
    return np.repeat(hourly, 2)[:length]
