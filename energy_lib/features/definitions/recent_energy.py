"""The last hours and days as they were: single hours, means of days, ramps, and the ratio to the peak."""

from __future__ import annotations

from dataclasses import dataclass

import bottleneck as bn
import numpy as np

from energy_lib.features.arrays import Floats
from energy_lib.features.feature import UNITLESS, Feature
from energy_lib.features.known_history import KnownHistory

DAY_HOURS = 24


@dataclass(frozen=True)
class LastHour(Feature):
    """Energy of one of the last hours before the origin."""

    hours: int

    unit = "kWh"
    scaled_by_level = True

    @property
    def name(self) -> str:
        return f"energy_before_origin_{self.hours}h"

    @property
    def comment(self) -> str:
        return f"Energy of the hour that begins {self.hours} h before the origin, {self.unit}"

    @property
    def reach_hours(self) -> int:
        return self.hours

    def compute(self, history: KnownHistory) -> Floats:
        return np.asarray(history.last_hours(self.hours)[:, 0])


@dataclass(frozen=True)
class DayMean(Feature):
    """Mean of the 24 hours that end `days - 1` days before the origin."""

    days: int

    unit = "kWh"
    scaled_by_level = True

    @property
    def name(self) -> str:
        return f"energy_day_mean_{self.days}d"

    @property
    def comment(self) -> str:
        return f"Mean energy of the {self.days}. day of 24 h before the origin, {self.unit}"

    @property
    def reach_hours(self) -> int:
        return self.days * DAY_HOURS

    def compute(self, history: KnownHistory) -> Floats:
        return np.asarray(bn.nanmean(history.last_hours(self.days * DAY_HOURS)[:, :DAY_HOURS], axis=1))


@dataclass(frozen=True)
class Ramp(Feature):
    """Mean of the last `hours` minus the mean of as many hours before them."""

    hours: int

    unit = "kWh"
    scaled_by_level = True

    @property
    def name(self) -> str:
        return f"energy_ramp_{self.hours}h"

    @property
    def comment(self) -> str:
        return f"Mean energy of the last {self.hours} h minus that of the {self.hours} h before, {self.unit}"

    @property
    def reach_hours(self) -> int:
        return 2 * self.hours

    def compute(self, history: KnownHistory) -> Floats:
        both = history.last_hours(2 * self.hours)
        return np.asarray(bn.nanmean(both[:, self.hours :], axis=1) - bn.nanmean(both[:, : self.hours], axis=1))


@dataclass(frozen=True)
class PeakRatio(Feature):
    """Mean of the last `hours` over the peak of the last `peak_hours`."""

    hours: int
    peak_hours: int

    unit = UNITLESS

    @property
    def name(self) -> str:
        return f"energy_ratio_{self.hours}h_to_peak_{self.peak_hours}h"

    @property
    def comment(self) -> str:
        return f"Mean energy of the last {self.hours} h over the peak hour of the last {self.peak_hours} h, 0 to 1"

    @property
    def reach_hours(self) -> int:
        return max(self.hours, self.peak_hours)

    def compute(self, history: KnownHistory) -> Floats:
        mean = bn.nanmean(history.last_hours(self.hours), axis=1)
        peak = bn.nanmax(history.last_hours(self.peak_hours), axis=1)
        return np.divide(mean, peak, out=np.full(len(mean), np.nan), where=peak > 0)


RECENT_ENERGY = (
    *(LastHour(hours) for hours in range(1, 7)),
    *(DayMean(days) for days in range(1, 8)),
    Ramp(6),
    Ramp(24),
    Ramp(168),
    PeakRatio(24, 672),
)
