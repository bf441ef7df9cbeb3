"""What the latest days of the same type say about an hour, and how far the last hours lay from it."""

from __future__ import annotations

from dataclasses import dataclass

import bottleneck as bn
import numpy as np

from energy_lib.features.declarations import Feature
from energy_lib.features.known_history import (
    RECENT_DAYS,
    RESIDUAL_HOURS,
    WALL_DAYS,
    Floats,
    Known,
    fading,
    weighted_mean,
)

DAY_HOURS = 24
# Reach of the residuals: a week of hours, each held against the days before it, an hour of clock change on top.
RESIDUAL_REACH_HOURS = RESIDUAL_HOURS + WALL_DAYS * DAY_HOURS + 1
# What a weekend may say about a working day, and the other way round, where the newest days count most.
OTHER_TYPE = 0.05


@dataclass(frozen=True)
class RecentDays(Feature):
    """Mean at the same wall-clock hour over the latest days of the same type, the newer the heavier."""

    @property
    def name(self) -> str:
        return f"energy_same_day_type_hour_ewm_{RECENT_DAYS}d"

    @property
    def comment(self) -> str:
        return (
            f"Energy at the same local hour on the {WALL_DAYS} days before that are of the same type, weighed by "
            f"exp(-days / {RECENT_DAYS}), thrice on the same weekday, kWh"
        )

    @property
    def reach_hours(self) -> int:
        return WALL_DAYS * DAY_HOURS + 1

    def compute(self, known: Known) -> Floats:
        return known.recent[:, RESIDUAL_HOURS:]


@dataclass(frozen=True)
class FreshDays(Feature):
    """As RecentDays with a shorter memory of `days`; days of the other type count too, by OTHER_TYPE."""

    days: int

    @property
    def name(self) -> str:
        return f"energy_same_day_type_hour_ewm_{self.days}d"

    @property
    def comment(self) -> str:
        return (
            f"Energy at the same local hour on the {WALL_DAYS} days before, weighed by exp(-days / {self.days}), "
            f"thrice on the same weekday, {OTHER_TYPE:.0%} on days of the other type, kWh"
        )

    @property
    def reach_hours(self) -> int:
        return WALL_DAYS * DAY_HOURS + 1

    def compute(self, known: Known) -> Floats:
        energy, _ = known.wall_days
        of_type = np.where(np.isnan(known.same_type_days), OTHER_TYPE, 1.0)
        return weighted_mean(energy, fading(self.days, same_weekday=3) * of_type * ~np.isnan(energy))


@dataclass(frozen=True)
class ResidualMean(Feature):
    """Mean over the last hours of what was read minus what the days before had said."""

    hours: int
    absolute: bool = False

    @property
    def name(self) -> str:
        return f"energy_residual_{'abs_' if self.absolute else ''}mean_{self.hours}h"

    @property
    def comment(self) -> str:
        size = "size of the " if self.absolute else ""
        return f"Mean {size}residual of the {self.hours} h before the origin against the days before them, kWh"

    @property
    def reach_hours(self) -> int:
        return RESIDUAL_REACH_HOURS

    def compute(self, known: Known) -> Floats:
        residual = known.residual[:, RESIDUAL_HOURS - self.hours :]
        return np.asarray(bn.nanmean(np.abs(residual) if self.absolute else residual, axis=1))


@dataclass(frozen=True)
class ResidualWallLag(Feature):
    """Residual at the same wall-clock time `days` local days before; if not known yet, the next known day."""

    days: int

    @property
    def name(self) -> str:
        return f"energy_residual_wall_lag_{self.days}d"

    @property
    def comment(self) -> str:
        return f"Residual {self.days} local days (or the freshest known day) before, kWh; null beyond a week"

    @property
    def reach_hours(self) -> int:
        return RESIDUAL_REACH_HOURS

    def compute(self, known: Known) -> Floats:
        lead_days = np.arange(known.horizon_hours) // DAY_HOURS
        hours = known.intervals.copy()
        for day in np.unique(lead_days):
            columns = lead_days == day
            hours[:, columns] = known.calendar.days_before(known.intervals[:, columns], max(self.days, int(day) + 1))
        return known.looked_up(known.residual, hours)


@dataclass(frozen=True)
class LastHour(Feature):
    """Energy of one of the last hours before the origin."""

    hours: int

    @property
    def name(self) -> str:
        return f"energy_before_origin_{self.hours}h"

    @property
    def comment(self) -> str:
        return f"Energy of the hour that begins {self.hours} h before the origin, kWh"

    @property
    def reach_hours(self) -> int:
        return self.hours

    def compute(self, known: Known) -> Floats:
        return np.asarray(known.last(self.hours)[:, 0])


@dataclass(frozen=True)
class DayMean(Feature):
    """Mean of the 24 hours that end `days - 1` days before the origin."""

    days: int

    @property
    def name(self) -> str:
        return f"energy_day_mean_{self.days}d"

    @property
    def comment(self) -> str:
        return f"Mean energy of the {self.days}. day of 24 h before the origin, kWh"

    @property
    def reach_hours(self) -> int:
        return self.days * DAY_HOURS

    def compute(self, known: Known) -> Floats:
        return np.asarray(bn.nanmean(known.last(self.days * DAY_HOURS)[:, :DAY_HOURS], axis=1))


DAY_TYPE_STATISTICS = {"std": bn.nanstd, "min": bn.nanmin, "max": bn.nanmax, "median": bn.nanmedian}


@dataclass(frozen=True)
class DayTypeSpread(Feature):
    """A statistic (a key of DAY_TYPE_STATISTICS) over the same wall-clock hour on days of the same type."""

    statistic: str

    @property
    def name(self) -> str:
        return f"energy_same_day_type_hour_{self.statistic}_{WALL_DAYS}d"

    @property
    def comment(self) -> str:
        return f"{self.statistic} of the energy at the same local hour on days of the same type, {WALL_DAYS} days, kWh"

    @property
    def reach_hours(self) -> int:
        return WALL_DAYS * DAY_HOURS + 1

    def compute(self, known: Known) -> Floats:
        return np.asarray(DAY_TYPE_STATISTICS[self.statistic](known.same_type_days, axis=2))
