"""Weather of a temperate coast (seasons, days, fronts, clouds), and forecasts whose error grows with the lead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.simulation.noise import autocorrelated
from energy_lib.simulation.portfolio import SITES

FORECAST_HOURS = 48
SOLAR_NOON_W_M2 = 1000.0


@dataclass(frozen=True, slots=True)
class Climate:
    """Hourly weather of one location: `hours` are UTC starts; each array has a value for every hour."""

    location_id: str
    hours: pd.DatetimeIndex
    temperature_c: NDArray[Any]
    humidity_pct: NDArray[Any]
    irradiance_w_m2: NDArray[Any]
    wind_speed_m_s: NDArray[Any]

    def frame(self) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "location_id": self.location_id,
                "interval_start": self.hours,
                "temperature_c": self.temperature_c.round(2),
                "humidity_pct": self.humidity_pct.round(1),
                "irradiance_w_m2": self.irradiance_w_m2.round(1),
                "wind_speed_m_s": self.wind_speed_m_s.round(2),
            }
        )


def climates(hours: pd.DatetimeIndex, seed: int) -> dict[str, Climate]:
    """The weather of every location over `hours`. The locations share the fronts; each has its own clouds."""
    fronts = autocorrelated(np.random.default_rng([seed, 2]), len(hours), 0.985)
    return {
        location: _climate(location, latitude, hours, fronts, np.random.default_rng([seed, 3, place]))
        for place, (_, location, latitude, _) in enumerate(SITES)
    }


def _climate(
    location: str, latitude: float, hours: pd.DatetimeIndex, fronts: NDArray[Any], rng: np.random.Generator
) -> Climate:
    day, hour = hours.dayofyear.to_numpy(), hours.hour.to_numpy() + 0.5
    cloud = 1 / (1 + np.exp(-(0.3 + 1.2 * autocorrelated(rng, len(hours), 0.95))))
    elevation = _sine_of_elevation(latitude, day, hour)
    irradiance = SOLAR_NOON_W_M2 * np.clip(elevation, 0, None) ** 1.15 * (1 - 0.75 * cloud)
    season = 11.5 - (latitude - 52) * 0.6 - 6.8 * np.cos(2 * np.pi * (day - 20) / 365.25)
    diurnal = (1.2 + 3.0 * (1 - cloud)) * np.sin(2 * np.pi * (hour - 9) / 24)
    temperature = season + diurnal + 3.2 * fronts + autocorrelated(rng, len(hours), 0.9) * 0.6
    humidity = np.clip(82 - 1.8 * (temperature - season) + 10 * (cloud - 0.5), 25, 100)
    wind = 4.2 * np.exp(0.45 * autocorrelated(rng, len(hours), 0.95) + 0.15 * fronts)
    return Climate(location, hours, temperature, humidity, irradiance, wind)


def _sine_of_elevation(latitude: float, day: NDArray[Any], hour: NDArray[Any]) -> NDArray[Any]:
    declination = np.radians(-23.44) * np.cos(2 * np.pi * (day + 10) / 365.25)
    angle = np.radians(15 * (hour - 12))
    phi = np.radians(latitude)
    return np.asarray(np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(angle))


def forecasts(climate: Climate, issues: pd.DatetimeIndex, seed: int) -> pd.DataFrame:
    """Forecasts issued at each of `issues` for the 48 h after it, one row for each hour.

    The error is autocorrelated within a forecast, and its spread grows with the lead.
    """
    place = [location for _, location, _, _ in SITES].index(climate.location_id)
    rng = np.random.default_rng([seed, 4, place])
    first = climate.hours.get_indexer(issues)
    index = (first[:, None] + np.arange(FORECAST_HOURS)).ravel()
    lead = np.tile(np.arange(FORECAST_HOURS), len(issues))
    drift = [np.concatenate([autocorrelated(rng, FORECAST_HOURS, 0.9) for _ in issues]) for _ in range(3)]
    error_scale = 0.4 + 0.035 * lead
    irradiance = climate.irradiance_w_m2[index] * (1 + 0.15 * error_scale * drift[2])
    return pd.DataFrame(
        {
            "issued_at": np.repeat(issues, FORECAST_HOURS),
            "location_id": climate.location_id,
            "interval_start": climate.hours[index],
            "temperature_c": (climate.temperature_c[index] + error_scale * drift[0]).round(2),
            "humidity_pct": np.clip(climate.humidity_pct[index] + 4 * error_scale * drift[1], 15, 100).round(1),
            "irradiance_w_m2": np.clip(irradiance, 0, 1200).round(1),
            "wind_speed_m_s": np.clip(climate.wind_speed_m_s[index] + 0.6 * error_scale * drift[1], 0, None).round(2),
        }
    )
