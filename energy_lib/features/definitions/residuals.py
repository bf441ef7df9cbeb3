"""Residuals: how far the energy of the last hours lay from the mean of the recent days before them."""

from __future__ import annotations

from dataclasses import dataclass

import bottleneck as bn
import numpy as np

from energy_lib.features.arrays import Floats
from energy_lib.features.calendar import WALL_DAYS
from energy_lib.features.definitions.same_hour import DAY_HOURS, RESIDUAL_HOURS, recent_days_mean
from energy_lib.features.feature import Feature
from energy_lib.features.known_history import KnownHistory

# A residual looks RESIDUAL_HOURS back, from there at the days before, and an hour more for a clock change.
RESIDUAL_REACH_HOURS = RESIDUAL_HOURS + WALL_DAYS * DAY_HOURS + 1


def residuals(history: KnownHistory) -> Floats:
    """Energy of the last RESIDUAL_HOURS minus `recent_days_mean` of the same hours, kWh: (n, RESIDUAL_HOURS)."""
    return np.asarray(history.last_hours(RESIDUAL_HOURS) - history.once(recent_days_mean)[:, :RESIDUAL_HOURS])


@dataclass(frozen=True)
class ResidualMean(Feature):
    """Mean residual of the last `hours`, or with `absolute` the mean of its size."""

    hours: int
    absolute: bool = False

    unit = "kWh"
    scaled_by_level = True

    @property
    def name(self) -> str:
        return f"energy_residual_{'abs_' if self.absolute else ''}mean_{self.hours}h"

    @property
    def comment(self) -> str:
        size = "size of the " if self.absolute else ""
        return f"Mean {size}residual of the {self.hours} h before the origin against the days before them, {self.unit}"

    @property
    def reach_hours(self) -> int:
        return RESIDUAL_REACH_HOURS

    def compute(self, history: KnownHistory) -> Floats:
        last = history.once(residuals)[:, RESIDUAL_HOURS - self.hours :]
        return np.asarray(bn.nanmean(np.abs(last) if self.absolute else last, axis=1))


@dataclass(frozen=True)
class ResidualWallLag(Feature):
    """Residual at the same wall-clock time `days` local days before; if not known yet, the next known day."""

    days: int

    unit = "kWh"
    scaled_by_level = True

    @property
    def name(self) -> str:
        return f"energy_residual_wall_lag_{self.days}d"

    @property
    def comment(self) -> str:
        return f"Residual {self.days} local days (or the freshest known day) before, {self.unit}; null beyond a week"

    @property
    def reach_hours(self) -> int:
        return RESIDUAL_REACH_HOURS

    def compute(self, history: KnownHistory) -> Floats:
        lead_days = np.arange(history.horizon_hours) // DAY_HOURS
        hours = history.intervals.copy()
        for day in np.unique(lead_days):
            columns = lead_days == day
            hours[:, columns] = history.calendar.days_before(
                history.intervals[:, columns], max(self.days, int(day) + 1)
            )
        return history.values_at(history.once(residuals), hours)


RESIDUALS = (
    *(ResidualMean(hours) for hours in (1, 3, 6, 12, 24, 48, 168)),
    ResidualMean(168, absolute=True),
    *(ResidualWallLag(days) for days in (1, 2, 3, 7)),
)
