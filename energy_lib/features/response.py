"""How a meter answered to the air temperature at an hour of the day, and what that makes of the one to come.

A locally weighted linear regression around the anchor: the mean of recent days and a slope a meter, hour and day type.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from energy_lib.features.declarations import Feature
from energy_lib.features.known_history import RECENT_DAYS, SLOPE_DAYS, WALL_DAYS, Floats, Known
from energy_lib.features.weather import WEATHER_REACH_HOURS


class Response(Feature):
    """What needs the weather before the origin; unknown where the meter's location has none."""

    @property
    def reach_hours(self) -> int:
        return WEATHER_REACH_HOURS

    def compute(self, known: Known) -> Floats:
        return self.respond(known) if known.weather else np.full(len(known.origins), np.nan)

    @abstractmethod
    def respond(self, known: Known) -> Floats:
        """Values of shape (origins, horizon)."""


@dataclass(frozen=True)
class WarmerThanRecent(Response):
    """Temperature of the interval less that of the days RecentDays is a mean of."""

    @property
    def name(self) -> str:
        return f"temperature_less_recent_{RECENT_DAYS}d"

    @property
    def comment(self) -> str:
        return f"temperature_c less its mean over the days of energy_same_day_type_hour_ewm_{RECENT_DAYS}d, by weight"

    def respond(self, known: Known) -> Floats:
        return known.warmer_than_recent


@dataclass(frozen=True)
class TemperatureSlope(Response):
    """Energy a degree over the same wall-clock hour on days of the same type."""

    @property
    def name(self) -> str:
        return f"energy_temperature_slope_{WALL_DAYS}d"

    @property
    def comment(self) -> str:
        return (
            f"Energy a degree of air temperature at the same local hour on days of the same type, {WALL_DAYS} days "
            f"weighed by exp(-days / {SLOPE_DAYS}), kWh per degree Celsius"
        )

    def respond(self, known: Known) -> Floats:
        return known.temperature_slope


@dataclass(frozen=True)
class TemperatureEffect(Response):
    """What the temperature is expected to add to the recent days: the slope times the difference."""

    @property
    def name(self) -> str:
        return f"energy_temperature_effect_{WALL_DAYS}d"

    @property
    def comment(self) -> str:
        return f"energy_temperature_slope_{WALL_DAYS}d times temperature_less_recent_{RECENT_DAYS}d, kWh"

    def respond(self, known: Known) -> Floats:
        return known.temperature_slope * known.warmer_than_recent
