"""Over which hours the energy of an event is measured: those that its statistic looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from energy_lib.insights.anomalies.expectation import expected_from
from energy_lib.insights.anomalies.meter_days import HOURS, WORKDAY, Bools, Floats, MeterDays
from energy_lib.insights.anomalies.naming import BEGAN_BEFORE, family_of
from energy_lib.insights.anomalies.start_up import NOON
from energy_lib.insights.anomalies.statistics import quiet_hours

# family -> whether its statistic tells of too much (1) or too little (-1) energy. Of the others either may be.
SIGNS = {"quiet": 1, "weekend": 1, "base": 1, "startup": 1, "multiplied": 1, "divided": -1}

LEAK = "leak"

# Energy below it is what rounding leaves of a difference of sums, and is no sign.
ROUNDING_KWH = 1e-6


@dataclass(frozen=True, slots=True)
class Measured:
    """What was read and what was expected of days, (days, 24) kWh; NaN in hours that do not count or are unknown."""

    observed: Floats
    expected: Floats

    @property
    def excess(self) -> Floats:
        return self.observed - self.expected


def measured(days: MeterDays, first: int, should: Floats, name: str, kind: str | None = None) -> Measured:
    """The days from `first` on against what they should have used, (n, 24) kWh of so many days.

    `name` is the statistic, `kind` the event's type where it has one. Out of hours the ten quietest hours count, of
    weekends and holidays the days off, of start-ups the hours before noon of workdays. A base load, and a leak, is the
    mean of the ten quietest hours, taken for all hours of the day. Of all others every hour counts.
    """
    end = first + len(should)
    observed = days.energy[first:end]
    both = np.isfinite(observed) & np.isfinite(should)
    family = family_of(name)
    if family == "base" or kind == LEAK:
        return Measured(*(_level(values, both & quiet_hours(should)) for values in (observed, should)))
    free = (days.kind[first:end] != WORKDAY)[:, None]
    if family == "quiet":
        both &= quiet_hours(should)
    elif family == "weekend":
        both &= free
    elif family == "startup":
        both &= ~free & (np.arange(HOURS) < NOON)
    return Measured(*(np.where(both, values, np.nan) for values in (observed, should)))


def shown(days: MeterDays) -> Callable[[str, int], bool]:
    """Whether the energy of the days that a statistic looks at on a day is above, or below, expectation as it says."""

    def shows(name: str, day: int) -> bool:
        sign = SIGNS.get(family_of(name))
        if sign is None:
            return True
        first = max(0, day - BEGAN_BEFORE.get(name, 0))
        should = expected_from(days, first, day + 1)
        # What quiet hours tell may yet be called a leak, which is measured otherwise.
        kinds = (None, LEAK) if family_of(name) == "quiet" else (None,)
        return all(sign * np.nansum(measured(days, first, should, name, kind).excess) > ROUNDING_KWH for kind in kinds)

    return shows


def last_shown(excess: Floats, name: str, named: int) -> int:
    """The last of the days (days, 24) up to which the energy says what the statistic says; `named` or later."""
    sign = SIGNS.get(family_of(name))
    if sign is None:
        return len(excess) - 1
    agrees = np.flatnonzero(sign * np.cumsum(np.nansum(excess, axis=1)) > ROUNDING_KWH)
    return max(int(agrees[-1]), named) if len(agrees) else named


def _level(values: Floats, counts: Bools) -> Floats:
    """(days, 24): the mean of each day's hours that count, at every hour; NaN where none does."""
    number = counts.sum(axis=1, keepdims=True)
    total = np.where(counts, values, 0.0).sum(axis=1, keepdims=True)
    level = np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)
    return np.asarray(np.broadcast_to(level, values.shape))
