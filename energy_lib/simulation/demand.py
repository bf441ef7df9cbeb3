"""Energy of every meter and half-hour, from occupancy, weather and noise."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.simulation.climate import Climate
from energy_lib.simulation.noise import autocorrelated
from energy_lib.simulation.occupancy import LocalCalendar, local_calendar, occupancy
from energy_lib.simulation.portfolio import USES, Registry, Use
from energy_lib.vocabulary import Flow, Fuel

HEATING_BASE_C = 15.5
COOLING_BASE_C = 18.0
BOILER_EFFICIENCY = 0.88
# Heat per electricity of an air-source heat pump: 3 at 7 °C outdoors, a fifteenth more for each degree above.
COP_AT_7_C, COP_PER_C, COP_RANGE = 3.0, 0.2 / 3, (1.6, 4.6)
PV_W_PER_ROOF_M2 = 60.0
SLOT_HOURS = 0.5
CLOSED_DAYS = (5, 15)


@dataclass(frozen=True, slots=True)
class Energy:
    """`kwh` of each meter (rows) in each half-hour (columns); `own_use` likewise of solar homes, by their point.

    `closures`: first half-hour, and the one after the last, of those that close for a week or two, by meter. They are
    counted from the end of the history that `demand` was given.
    """

    kwh: NDArray[Any]
    own_use: dict[str, NDArray[Any]]
    closures: dict[str, tuple[int, int]]

    def split(self, history: int) -> tuple[Energy, Energy]:
        """The energy of the first `history` half-hours, in which nothing closes, and of those after them."""
        return (
            Energy(self.kwh[:, :history], {point: kwh[:history] for point, kwh in self.own_use.items()}, {}),
            Energy(self.kwh[:, history:], {point: kwh[history:] for point, kwh in self.own_use.items()}, self.closures),
        )


def demand(
    registry: Registry, climate: dict[str, Climate], slots: pd.DatetimeIndex, seed: int, history: int = 0
) -> Energy:
    """Energy of the meters in each half-hour of `slots` (UTC starts, without a zone).

    `climate` has the weather by location, hourly from the first of `slots` on. A solar home's registers balance in each
    half-hour: import − export = own use − generation, and one of import and export is 0. Nothing closes in the first
    `history` half-hours.
    """
    calendar = local_calendar(slots)
    occupied_by_use = occupancy(calendar)
    roofs = registry.buildings.set_index("building_id")["roof_area_m2"].to_dict()
    energy = Energy(np.empty((len(registry.meters), len(slots))), {}, {})
    place = {
        (point, flow): i for i, (point, flow) in enumerate(zip(registry.points, registry.meters["flow"], strict=True))
    }
    pairs = zip(registry.meters.to_dict("records"), registry.habits.to_dict("records"), strict=True)
    for number, (meter, habit) in enumerate(pairs):
        if meter["flow"] != Flow.IMPORT:
            continue
        rng = np.random.default_rng([seed, 5, number])
        weather, roof_m2 = climate[meter["weather_location_id"]], roofs[meter["building_id"]]
        occupied = np.roll(occupied_by_use[meter["use"]], habit["shift_half_hours"])
        first, end = _closure(rng, len(slots) - history)
        if habit["closed"]:
            energy.closures[meter["meter_id"]] = (first, min(end, len(slots) - history))
            occupied[history + first : history + end] *= 0.08
        kilowatts = _use(meter, habit, weather, calendar, occupied, rng)
        if not habit["is_solar_home"]:
            energy.kwh[number] = _behind_panels(kilowatts, meter, habit, weather, roof_m2) * SLOT_HOURS
            continue
        own_use = kilowatts * SLOT_HOURS
        generation = _generation(weather, roof_m2, rng, len(slots)) * SLOT_HOURS
        energy.own_use[meter["meter_id"]] = own_use
        energy.kwh[number] = np.maximum(own_use - generation, 0)
        energy.kwh[place[meter["meter_id"], Flow.EXPORT]] = np.maximum(generation - own_use, 0)
        energy.kwh[place[meter["meter_id"], Flow.GENERATION]] = generation
    return energy


def _use(
    meter: Mapping[Hashable, Any],
    habit: Mapping[Hashable, Any],
    weather: Climate,
    calendar: LocalCalendar,
    occupied: NDArray[Any],
    rng: np.random.Generator,
) -> NDArray[Any]:
    """kW that the place uses of the meter's fuel."""
    use = USES[meter["use"]]
    if meter["fuel"] == Fuel.GAS:
        watts = _gas(use, occupied, weather, calendar)
    else:
        watts = _electricity(use, occupied, weather, calendar, has_heat_pump=habit["electric_heat"])
    factors = _noise_and_growth(use, habit, rng, len(occupied))
    return np.asarray(watts * meter["floor_area_m2"] / 1000 * habit["level"] * factors)


def _behind_panels(
    kilowatts: NDArray[Any],
    meter: Mapping[Hashable, Any],
    habit: Mapping[Hashable, Any],
    weather: Climate,
    roof_m2: float,
) -> NDArray[Any]:
    """Import in kW: panels without registers of their own lower it to 5 % of the use at the least."""
    if not habit["has_pv"] or meter["fuel"] != Fuel.ELECTRICITY:
        return kilowatts
    irradiance_kw_m2 = _half_hourly(weather.irradiance_w_m2, len(kilowatts)) / 1000
    return np.maximum(kilowatts - irradiance_kw_m2 * PV_W_PER_ROOF_M2 * roof_m2 / 1000, 0.05 * kilowatts)


def _generation(weather: Climate, roof_m2: float, rng: np.random.Generator, length: int) -> NDArray[Any]:
    """kW of a roof's panels: they follow the place's irradiance, but for clouds of their own."""
    irradiance_kw_m2 = _half_hourly(weather.irradiance_w_m2, length) / 1000
    own_clouds = np.exp(0.1 * autocorrelated(rng, length, 0.8))
    return np.asarray(irradiance_kw_m2 * PV_W_PER_ROOF_M2 * roof_m2 / 1000 * own_clouds)


def _electricity(
    use: Use, occupied: NDArray[Any], weather: Climate, calendar: LocalCalendar, *, has_heat_pump: bool
) -> NDArray[Any]:
    """W/m2: base load, occupants' load, lighting in the dark, cooling, and a heat pump where there is no gas."""
    darkness = np.exp(-_half_hourly(weather.irradiance_w_m2, len(occupied)) / 120)
    outdoor_c = _half_hourly(weather.temperature_c, len(occupied))
    watts = use.base_w_m2 + use.occupied_w_m2 * occupied + use.lighting_w_m2 * occupied * darkness
    watts = watts + use.cooling_w_m2_k * np.clip(outdoor_c - COOLING_BASE_C, 0, None) * (0.2 + 0.8 * occupied)
    if has_heat_pump:
        watts = watts + _heat(use, occupied, outdoor_c, calendar) / heat_per_electricity(outdoor_c)
    return np.asarray(watts)


def heat_per_electricity(outdoor_c: NDArray[Any]) -> NDArray[Any]:
    """Coefficient of performance of an air-source heat pump: the colder the air, the more electricity heat takes."""
    return np.asarray(np.clip(COP_AT_7_C + COP_PER_C * (outdoor_c - 7), *COP_RANGE))


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


def _closure(rng: np.random.Generator, length: int) -> tuple[int, int]:
    """First half-hour, and the one after the last, of a closure of a week or two."""
    days = int(rng.integers(*CLOSED_DAYS))
    first = int(rng.integers(0, max(1, length // 48 - days))) * 48
    return first, first + days * 48


def _half_hourly(hourly: NDArray[Any], length: int) -> NDArray[Any]:
    return np.repeat(hourly, 2)[:length]
