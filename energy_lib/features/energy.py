"""Features of the meter's own energy: lags, rolling statistics, seasonal means, ramps, level, imputation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bottleneck as bn
import numpy as np
from numpy.typing import NDArray

from energy_lib.features.declarations import Feature
from energy_lib.features.known_history import WALL_DAYS, Floats, Known

DAY_HOURS, WEEK_HOURS = 24, 168
Reduce = Callable[[Known, int], Floats]


def _zero_share(known: Known, hours: int) -> Floats:
    window = known.last(hours)
    count = (~np.isnan(window)).sum(axis=1)
    zeros = (window == 0).sum(axis=1)
    share: Floats = np.divide(zeros, count, out=np.full(len(count), np.nan), where=count > 0)
    return share


def _quantile(level: float) -> Reduce:
    def reduce(known: Known, hours: int) -> Floats:
        return sorted_quantile(known.sorted_last(hours), level)

    return reduce


def sorted_quantile(ordered: NDArray[np.float32], level: float) -> Floats:
    """Linear-interpolation quantile (NumPy's default) of rows sorted with NaN last; NaN for a row of NaN."""
    count = (~np.isnan(ordered)).sum(axis=1)
    place = level * np.maximum(count - 1, 0)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(count - 1, 0))
    rows = np.arange(len(ordered))
    below, above = ordered[rows, low].astype(np.float64), ordered[rows, high].astype(np.float64)
    between: Floats = below + (above - below) * (place - low)
    return between


STATISTICS: dict[str, Reduce] = {
    "mean": lambda known, hours: bn.nanmean(known.last(hours), axis=1),
    "std": lambda known, hours: bn.nanstd(known.last(hours), axis=1),
    "min": lambda known, hours: bn.nanmin(known.last(hours), axis=1),
    "max": lambda known, hours: bn.nanmax(known.last(hours), axis=1),
    "q10": _quantile(0.1),
    "q50": _quantile(0.5),
    "q90": _quantile(0.9),
    "zero_share": _zero_share,
}


@dataclass(frozen=True)
class Lag(Feature):
    """Energy `hours` (whole days) of elapsed time before the interval.

    With `freshest`, an interval that lies further ahead takes the shortest longer lag in whole days that is known, so
    that the first `hours` intervals have exactly the lag their name says.
    """

    hours: int
    freshest: bool = False

    @property
    def name(self) -> str:
        return f"energy_lag_{self.hours}h"

    @property
    def comment(self) -> str:
        more = "; beyond that horizon the freshest whole-day lag" if self.freshest else ""
        return f"Energy {self.hours} h before the interval, kWh{more}"

    @property
    def reach_hours(self) -> int:
        return self.hours

    @property
    def minimal_lag_hours(self) -> int | None:
        return None if self.freshest else self.hours

    def compute(self, known: Known) -> Floats:
        lead = np.arange(known.horizon_hours)
        lag = np.maximum(self.hours, DAY_HOURS * (lead // DAY_HOURS + 1)) if self.freshest else self.hours
        columns = known.reach_hours + lead - lag
        values: Floats = known.window.energy[:, columns]
        return values


@dataclass(frozen=True)
class WallLag(Feature):
    """Energy at the interval's wall-clock time `days` local days before; if not known yet, twice, thrice … as many."""

    days: int

    @property
    def name(self) -> str:
        return f"energy_wall_lag_{self.days}d"

    @property
    def comment(self) -> str:
        return f"Energy at the same wall-clock time {self.days} local days (or the next known multiple) before, kWh"

    @property
    def reach_hours(self) -> int:
        # An hour of clock change, and the step to the next multiple that it may force.
        return 2 * DAY_HOURS * self.days + 1

    def compute(self, known: Known) -> Floats:
        hours = known.calendar.days_before(known.intervals, self.days)
        days = self.days
        while (ahead := hours >= known.origins[:, None]).any():
            days += self.days
            hours = np.where(ahead, known.calendar.days_before(known.intervals, days), hours)
        return known.energy_at(hours)


@dataclass(frozen=True)
class Window(Feature):
    """A statistic (a key of STATISTICS) of the known hours in the window that ends at the origin."""

    statistic: str
    hours: int

    @property
    def name(self) -> str:
        return f"energy_{self.statistic}_{self.hours}h"

    @property
    def comment(self) -> str:
        unit = "share 0 to 1" if self.statistic == "zero_share" else "kWh"
        return f"{self.statistic} of hourly energy over the {self.hours} h before the origin, {unit}"

    @property
    def reach_hours(self) -> int:
        return self.hours

    def compute(self, known: Known) -> Floats:
        return STATISTICS[self.statistic](known, self.hours)


@dataclass(frozen=True)
class SameHourOfWeek(Feature):
    """Mean over the same wall-clock hour and weekday in the last `weeks` weeks."""

    weeks: int

    @property
    def name(self) -> str:
        return f"energy_same_hour_of_week_mean_{self.weeks}w"

    @property
    def comment(self) -> str:
        return f"Mean energy at the same local hour and weekday in the {self.weeks} weeks before, kWh"

    @property
    def reach_hours(self) -> int:
        return self.weeks * WEEK_HOURS + 1

    def compute(self, known: Known) -> Floats:
        values, _ = known.wall_days
        return np.asarray(bn.nanmean(values[:, :, 6 : 7 * self.weeks : 7], axis=2))


@dataclass(frozen=True)
class SameDayType(Feature):
    """Mean over the same wall-clock hour on days of the same type (working day, or weekend and holiday)."""

    days: int = WALL_DAYS

    @property
    def name(self) -> str:
        return f"energy_same_day_type_hour_mean_{self.days}d"

    @property
    def comment(self) -> str:
        return f"Mean energy at the same local hour on days of the same type, {self.days} days before, kWh"

    @property
    def reach_hours(self) -> int:
        return self.days * DAY_HOURS + 1

    def compute(self, known: Known) -> Floats:
        return np.asarray(bn.nanmean(known.same_type_days[:, :, : self.days], axis=2))


@dataclass(frozen=True)
class Ramp(Feature):
    """Mean of the last `hours` minus the mean of as many hours before them."""

    hours: int

    @property
    def name(self) -> str:
        return f"energy_ramp_{self.hours}h"

    @property
    def comment(self) -> str:
        return f"Mean energy of the last {self.hours} h minus that of the {self.hours} h before, kWh"

    @property
    def reach_hours(self) -> int:
        return 2 * self.hours

    def compute(self, known: Known) -> Floats:
        both = known.last(2 * self.hours)
        return np.asarray(bn.nanmean(both[:, self.hours :], axis=1) - bn.nanmean(both[:, : self.hours], axis=1))


@dataclass(frozen=True)
class PeakRatio(Feature):
    """Mean of the last `hours` over the peak of the last `peak_hours`."""

    hours: int
    peak_hours: int

    @property
    def name(self) -> str:
        return f"energy_ratio_{self.hours}h_to_peak_{self.peak_hours}h"

    @property
    def comment(self) -> str:
        return f"Mean energy of the last {self.hours} h over the peak hour of the last {self.peak_hours} h, 0 to 1"

    @property
    def reach_hours(self) -> int:
        return max(self.hours, self.peak_hours)

    def compute(self, known: Known) -> Floats:
        mean = bn.nanmean(known.last(self.hours), axis=1)
        peak = bn.nanmax(known.last(self.peak_hours), axis=1)
        return np.divide(mean, peak, out=np.full(len(mean), np.nan), where=peak > 0)
