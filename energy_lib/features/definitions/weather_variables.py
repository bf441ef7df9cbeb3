"""The weather of the interval and of the hours before the origin, and the need for heating and cooling it makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bottleneck as bn
import numpy as np

from energy_lib.features.arrays import Floats
from energy_lib.features.feature import UNITLESS, Feature
from energy_lib.features.known_history import KnownHistory
from energy_lib.features.weather import WEATHER_REACH_HOURS, WeatherBlock

# Base temperatures of heating and cooling need in degrees Celsius: 15.5 is the UK's (CIBSE TM41), 18 Eurostat's
# and, rounded, the 65 F of ASHRAE.
HEATING_BASE_C, COOLING_BASE_C = 15.5, 18.0


@dataclass(frozen=True)
class Variable:
    """How a weather variable follows from a location's weather: values of shape (n, horizon) or (n,)."""

    value: Callable[[WeatherBlock], Floats]
    unit: str
    comment: str


def _heating_degrees(temperature_c: Floats) -> Floats:
    return np.asarray(np.maximum(HEATING_BASE_C - temperature_c, 0))


def _cooling_degrees(temperature_c: Floats) -> Floats:
    return np.asarray(np.maximum(temperature_c - COOLING_BASE_C, 0))


def _mean_of_last(hours: int) -> Callable[[WeatherBlock], Floats]:
    return lambda weather: np.asarray(bn.nanmean(weather.temperature_past[:, -hours:], axis=1))


VARIABLES: dict[str, Variable] = {
    "temperature_c": Variable(
        lambda weather: weather.composite["temperature_c"],
        "degree Celsius",
        "Air temperature of the interval, degrees Celsius: forecast known at the origin, else persistence",
    ),
    "temperature_lag_24h": Variable(
        lambda weather: weather.temperature_lag,
        "degree Celsius",
        "Observed air temperature 24 h (or the freshest whole days) before, degrees Celsius",
    ),
    "temperature_mean_24h": Variable(
        _mean_of_last(24),
        "degree Celsius",
        "Mean observed air temperature of the 24 h before the origin, degrees Celsius",
    ),
    "temperature_mean_168h": Variable(
        _mean_of_last(168),
        "degree Celsius",
        "Mean observed air temperature of the 168 h before the origin, degrees Celsius",
    ),
    "heating_degree_hours": Variable(
        lambda weather: _heating_degrees(weather.composite["temperature_c"]),
        "degree Celsius",
        "Degrees below 15.5 C in the interval, by temperature_c",
    ),
    "cooling_degree_hours": Variable(
        lambda weather: _cooling_degrees(weather.composite["temperature_c"]),
        "degree Celsius",
        "Degrees above 18 C in the interval, by temperature_c",
    ),
    "heating_degree_mean_24h": Variable(
        lambda weather: np.asarray(bn.nanmean(_heating_degrees(weather.temperature_past[:, -24:]), axis=1)),
        "degree Celsius",
        "Mean degrees below 15.5 C over the observed 24 h before the origin",
    ),
    "humidity_pct": Variable(
        lambda weather: weather.composite["humidity_pct"],
        "percent",
        "Relative humidity of the interval, percent, known as temperature_c is",
    ),
    "irradiance_w_m2": Variable(
        lambda weather: weather.composite["irradiance_w_m2"],
        "W/m2",
        "Global irradiance of the interval, W/m2, known as temperature_c is",
    ),
    "weather_is_forecast": Variable(
        lambda weather: weather.is_forecast,
        UNITLESS,
        "1: temperature_c is a forecast, 0: the past of the same hour (persistence)",
    ),
}


@dataclass(frozen=True)
class Weather(Feature):
    """A weather variable as known at the origin (a key of VARIABLES); NaN where the location has no weather."""

    variable: str
    reach: int
    text: str

    @property
    def name(self) -> str:
        return self.variable

    @property
    def unit(self) -> str:
        return VARIABLES[self.variable].unit

    @property
    def comment(self) -> str:
        return self.text

    @property
    def reach_hours(self) -> int:
        return self.reach

    def compute(self, history: KnownHistory) -> Floats:
        if history.weather is None:
            return np.full(len(history.origins), np.nan)
        return VARIABLES[self.variable].value(history.weather)


WEATHER_VARIABLES = tuple(Weather(name, WEATHER_REACH_HOURS, variable.comment) for name, variable in VARIABLES.items())
