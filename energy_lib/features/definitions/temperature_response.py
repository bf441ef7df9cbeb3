"""How a meter's energy answered to the air temperature at an hour of the day, and what that makes of the next days.

A locally weighted linear regression: a mean of recent days, and a slope for each meter, hour and day type.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from energy_lib.features.arrays import Floats
from energy_lib.features.calendar import WALL_DAYS
from energy_lib.features.definitions.same_hour import (
    RECENT_DAYS,
    day_weights,
    same_type_energy,
    wall_clock_hours,
    weighted_mean,
)
from energy_lib.features.feature import Feature
from energy_lib.features.known_history import KnownHistory
from energy_lib.features.weather import WEATHER_REACH_HOURS, WeatherBlock

# Days in which the weight of a day in the regression falls to 1/e.
SLOPE_DAYS = 14
# Ridge of the regression: keeps the slope small where the temperature hardly moved. A spread of one degree halves it.
SLOPE_RIDGE_C2 = 1.0


def wall_clock_temperature(history: KnownHistory, weather: WeatherBlock) -> Floats:
    """Observed air temperature in degrees Celsius in the hours of `wall_clock_hours`: (n, horizon, WALL_DAYS)."""
    return history.values_at(weather.temperature_past, history.once(wall_clock_hours))


def warmer_than_recent(history: KnownHistory, weather: WeatherBlock) -> Floats:
    """Temperature of the interval less the weighted mean of the days of RecentDays, degrees Celsius: (n, horizon)."""
    before = history.once(wall_clock_temperature, weather)
    unknown = np.isnan(history.once(same_type_energy) + before)
    weights = np.where(unknown, 0.0, day_weights(RECENT_DAYS, same_weekday=3))
    return np.asarray(weather.composite["temperature_c"] - weighted_mean(before, weights))


def temperature_slope(history: KnownHistory, weather: WeatherBlock) -> Floats:
    """Ridge regression of `same_type_energy` on temperature, newer days heavier, kWh per degree: (n, horizon)."""
    energy, temperature = history.once(same_type_energy), history.once(wall_clock_temperature, weather)
    weights = np.where(np.isnan(energy + temperature), 0.0, day_weights(SLOPE_DAYS))
    more: Floats = energy - weighted_mean(energy, weights)[:, :, None]
    warmer: Floats = temperature - weighted_mean(temperature, weights)[:, :, None]
    covariance, variance = weighted_mean(more * warmer, weights), weighted_mean(warmer * warmer, weights)
    return np.asarray(covariance / (variance + SLOPE_RIDGE_C2))


class Response(Feature):
    """A feature of the weather before the origin; unknown where the meter's location has none."""

    @property
    def reach_hours(self) -> int:
        return WEATHER_REACH_HOURS

    def compute(self, history: KnownHistory) -> Floats:
        if history.weather is None:
            return np.full(len(history.origins), np.nan)
        return self.respond(history, history.weather)

    @abstractmethod
    def respond(self, history: KnownHistory, weather: WeatherBlock) -> Floats:
        """Values of shape (origins, horizon)."""


@dataclass(frozen=True)
class WarmerThanRecent(Response):
    """Temperature of the interval less that of the days RecentDays is a mean of."""

    unit = "degree Celsius"

    @property
    def name(self) -> str:
        return f"temperature_less_recent_{RECENT_DAYS}d"

    @property
    def comment(self) -> str:
        return f"temperature_c less its mean over the days of energy_same_day_type_hour_ewm_{RECENT_DAYS}d, by weight"

    def respond(self, history: KnownHistory, weather: WeatherBlock) -> Floats:
        return history.once(warmer_than_recent, weather)


@dataclass(frozen=True)
class TemperatureSlope(Response):
    """Energy per degree over the same wall-clock hour on days of the same type."""

    unit = "kWh per degree Celsius"
    scaled_by_level = True

    @property
    def name(self) -> str:
        return f"energy_temperature_slope_{WALL_DAYS}d"

    @property
    def comment(self) -> str:
        return (
            f"Energy a degree of air temperature at the same local hour on days of the same type, {WALL_DAYS} days "
            f"weighed by exp(-days / {SLOPE_DAYS}), {self.unit}"
        )

    def respond(self, history: KnownHistory, weather: WeatherBlock) -> Floats:
        return history.once(temperature_slope, weather)


@dataclass(frozen=True)
class TemperatureEffect(Response):
    """What the temperature is expected to add to the mean of the recent days: the slope times the difference."""

    unit = "kWh"
    scaled_by_level = True

    @property
    def name(self) -> str:
        return f"energy_temperature_effect_{WALL_DAYS}d"

    @property
    def comment(self) -> str:
        return f"energy_temperature_slope_{WALL_DAYS}d times temperature_less_recent_{RECENT_DAYS}d, {self.unit}"

    def respond(self, history: KnownHistory, weather: WeatherBlock) -> Floats:
        return history.once(temperature_slope, weather) * history.once(warmer_than_recent, weather)


TEMPERATURE_RESPONSE = (WarmerThanRecent(), TemperatureSlope(), TemperatureEffect())
