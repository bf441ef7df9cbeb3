"""Energy at the same time on earlier days, by elapsed time and by the wall clock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from energy_lib.features.arrays import Floats
from energy_lib.features.feature import Feature
from energy_lib.features.known_history import KnownHistory

DAY_HOURS = 24
HISTORY_DAYS = 14


@dataclass(frozen=True)
class Lag(Feature):
    """Energy `hours` (whole days) of elapsed time before the interval.

    With `freshest`, an interval that lies further ahead takes the shortest longer lag in whole days that is known, so
    that the first `hours` intervals have exactly the lag their name says.
    """

    hours: int
    freshest: bool = False

    unit = "kWh"
    scaled_by_level = True

    @property
    def name(self) -> str:
        return f"energy_lag_{self.hours}h"

    @property
    def comment(self) -> str:
        more = "; beyond that horizon the freshest whole-day lag" if self.freshest else ""
        return f"Energy {self.hours} h before the interval, {self.unit}{more}"

    @property
    def reach_hours(self) -> int:
        return self.hours

    @property
    def minimal_lag_hours(self) -> int | None:
        return None if self.freshest else self.hours

    def compute(self, history: KnownHistory) -> Floats:
        lead = np.arange(history.horizon_hours)
        lag = np.maximum(self.hours, DAY_HOURS * (lead // DAY_HOURS + 1)) if self.freshest else self.hours
        columns = history.reach_hours + lead - lag
        values: Floats = history.window.energy[:, columns]
        return values


@dataclass(frozen=True)
class WallLag(Feature):
    """Energy at the interval's wall-clock time `days` local days before; if not known yet, twice, thrice … as many."""

    days: int

    unit = "kWh"
    scaled_by_level = True

    @property
    def name(self) -> str:
        return f"energy_wall_lag_{self.days}d"

    @property
    def comment(self) -> str:
        days = f"{self.days} local days (or the next known multiple)"
        return f"Energy at the same wall-clock time {days} before, {self.unit}"

    @property
    def reach_hours(self) -> int:
        # An hour of clock change, and the step to the next multiple that it may force.
        return 2 * DAY_HOURS * self.days + 1

    def compute(self, history: KnownHistory) -> Floats:
        hours = history.calendar.days_before(history.intervals, self.days)
        days = self.days
        while (ahead := hours >= history.origins[:, None]).any():
            days += self.days
            hours = np.where(ahead, history.calendar.days_before(history.intervals, days), hours)
        return history.energy_at(hours)


LAGS = (
    *(Lag(DAY_HOURS * day, freshest=True) for day in range(1, HISTORY_DAYS + 1)),
    WallLag(1),
    WallLag(7),
)
