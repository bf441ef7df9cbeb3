"""Energy at the same local hour on earlier days: of the same weekday, of the same day type, of recent days."""

from __future__ import annotations

from dataclasses import dataclass

import bottleneck as bn
import numpy as np

from energy_lib.features.arrays import Floats, Hours
from energy_lib.features.calendar import WALL_DAYS
from energy_lib.features.feature import Feature
from energy_lib.features.known_history import KnownHistory

# Days in which the weight of a day in the mean of RecentDays falls to 1/e.
RECENT_DAYS = 5
# Hours before the origin for which that mean is computed too: the residuals are the distances from it.
RESIDUAL_HOURS = 168
DAY_HOURS, WEEK_HOURS = 24, 168
# Weight of a day of the other type (weekend against working day) where the newest days count most.
OTHER_TYPE = 0.05
DAY_TYPE_STATISTICS = {"std": bn.nanstd, "min": bn.nanmin, "max": bn.nanmax, "median": bn.nanmedian}


def day_weights(memory_days: float, same_weekday: float = 1.0) -> Floats:
    """Weights (WALL_DAYS,) of the days before: exp(-days / memory_days), times `same_weekday` on the same weekday."""
    day = np.arange(1, WALL_DAYS + 1)
    weights: Floats = np.exp(-day / memory_days) * np.where(day % 7 == 0, same_weekday, 1.0)
    return weights


def weighted_mean(values: Floats, weights: Floats) -> Floats:
    """Mean over the last axis. Values of weight 0 may be NaN; where all weights are 0 the mean is NaN."""
    total = np.einsum("...d,...d->...", weights, np.where(weights > 0, values, 0.0))
    weight = weights.sum(axis=-1)
    return np.divide(total, weight, out=np.full(weight.shape, np.nan), where=weight > 0)


def wall_clock_hours(history: KnownHistory) -> Hours:
    """The hours at the interval's wall-clock time 1 … 28 local days before it: (n, horizon, WALL_DAYS)."""
    days = range(1, WALL_DAYS + 1)
    return np.stack([history.calendar.days_before(history.intervals, day) for day in days], axis=2)


def wall_clock_energy(history: KnownHistory) -> Floats:
    """Energy in kWh in the hours of `wall_clock_hours`: (n, horizon, WALL_DAYS)."""
    return history.energy_at(history.once(wall_clock_hours))


def same_type_energy(history: KnownHistory) -> Floats:
    """`wall_clock_energy` on days of the interval's own type, NaN on others: (n, horizon, WALL_DAYS)."""
    energy, hours = history.once(wall_clock_energy), history.once(wall_clock_hours)
    day_off = history.calendar.field("is_day_off", history.intervals)[:, :, None]
    return np.where(history.calendar.field("is_day_off", hours) == day_off, energy, np.nan)


def recent_days_mean(history: KnownHistory) -> Floats:
    """Mean energy in kWh at the same wall-clock hour on recent days of the same type: (n, RESIDUAL_HOURS + horizon).

    The first column is the hour RESIDUAL_HOURS before the origin. Each mean is over the WALL_DAYS local days before
    its hour that are of the same type (working day, or weekend and holiday), weighted by exp(-days / RECENT_DAYS) and
    three times as much on the same weekday.
    """
    hours = history.origins[:, None] + np.arange(-RESIDUAL_HOURS, history.horizon_hours)
    day_off = history.calendar.field("is_day_off", hours)
    total, weight = np.zeros(hours.shape), np.zeros(hours.shape)
    for day, day_weight in enumerate(day_weights(RECENT_DAYS, same_weekday=3), start=1):
        before = history.calendar.days_before(hours, day)
        energy = history.energy_at(before)
        counted = (history.calendar.field("is_day_off", before) == day_off) & ~np.isnan(energy)
        weights = day_weight * counted
        total += weights * np.where(counted, energy, 0.0)
        weight += weights
    return np.divide(total, weight, out=np.full(hours.shape, np.nan), where=weight > 0)


@dataclass(frozen=True)
class SameHourOfWeek(Feature):
    """Mean over the same wall-clock hour and weekday in the last `weeks` weeks."""

    weeks: int

    unit = "kWh"
    scaled_by_level = True

    @property
    def name(self) -> str:
        return f"energy_same_hour_of_week_mean_{self.weeks}w"

    @property
    def comment(self) -> str:
        return f"Mean energy at the same local hour and weekday in the {self.weeks} weeks before, {self.unit}"

    @property
    def reach_hours(self) -> int:
        return self.weeks * WEEK_HOURS + 1

    def compute(self, history: KnownHistory) -> Floats:
        energy = history.once(wall_clock_energy)
        return np.asarray(bn.nanmean(energy[:, :, 6 : 7 * self.weeks : 7], axis=2))


@dataclass(frozen=True)
class SameDayType(Feature):
    """Mean over the same wall-clock hour on days of the same type (working day, or weekend and holiday)."""

    days: int = WALL_DAYS

    unit = "kWh"
    scaled_by_level = True

    @property
    def name(self) -> str:
        return f"energy_same_day_type_hour_mean_{self.days}d"

    @property
    def comment(self) -> str:
        return f"Mean energy at the same local hour on days of the same type, {self.days} days before, {self.unit}"

    @property
    def reach_hours(self) -> int:
        return self.days * DAY_HOURS + 1

    def compute(self, history: KnownHistory) -> Floats:
        return np.asarray(bn.nanmean(history.once(same_type_energy)[:, :, : self.days], axis=2))


@dataclass(frozen=True)
class DayTypeSpread(Feature):
    """A statistic (a key of DAY_TYPE_STATISTICS) over the same wall-clock hour on days of the same type."""

    statistic: str

    unit = "kWh"
    scaled_by_level = True

    @property
    def name(self) -> str:
        return f"energy_same_day_type_hour_{self.statistic}_{WALL_DAYS}d"

    @property
    def comment(self) -> str:
        days = f"days of the same type, {WALL_DAYS} days"
        return f"{self.statistic} of the energy at the same local hour on {days}, {self.unit}"

    @property
    def reach_hours(self) -> int:
        return WALL_DAYS * DAY_HOURS + 1

    def compute(self, history: KnownHistory) -> Floats:
        return np.asarray(DAY_TYPE_STATISTICS[self.statistic](history.once(same_type_energy), axis=2))


@dataclass(frozen=True)
class RecentDays(Feature):
    """Mean at the same wall-clock hour over the latest days of the same type, the newer the heavier."""

    unit = "kWh"
    scaled_by_level = True

    @property
    def name(self) -> str:
        return f"energy_same_day_type_hour_ewm_{RECENT_DAYS}d"

    @property
    def comment(self) -> str:
        return (
            f"Energy at the same local hour on the {WALL_DAYS} days before that are of the same type, weighed by "
            f"exp(-days / {RECENT_DAYS}), thrice on the same weekday, {self.unit}"
        )

    @property
    def reach_hours(self) -> int:
        return WALL_DAYS * DAY_HOURS + 1

    def compute(self, history: KnownHistory) -> Floats:
        return history.once(recent_days_mean)[:, RESIDUAL_HOURS:]


@dataclass(frozen=True)
class FreshDays(Feature):
    """As RecentDays with a shorter memory of `days`; days of the other type count too, by OTHER_TYPE."""

    days: int

    unit = "kWh"
    scaled_by_level = True

    @property
    def name(self) -> str:
        return f"energy_same_day_type_hour_ewm_{self.days}d"

    @property
    def comment(self) -> str:
        return (
            f"Energy at the same local hour on the {WALL_DAYS} days before, weighed by exp(-days / {self.days}), "
            f"thrice on the same weekday, {OTHER_TYPE:.0%} on days of the other type, {self.unit}"
        )

    @property
    def reach_hours(self) -> int:
        return WALL_DAYS * DAY_HOURS + 1

    def compute(self, history: KnownHistory) -> Floats:
        energy = history.once(wall_clock_energy)
        type_weights = np.where(np.isnan(history.once(same_type_energy)), OTHER_TYPE, 1.0)
        return weighted_mean(energy, day_weights(self.days, same_weekday=3) * type_weights * ~np.isnan(energy))


SAME_HOUR = (
    SameHourOfWeek(4),
    SameDayType(28),
    *(DayTypeSpread(statistic) for statistic in DAY_TYPE_STATISTICS),
    RecentDays(),
    FreshDays(2),
)
