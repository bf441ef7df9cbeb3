"""Means by the hour of a series whose intervals have any length, and change it mid-file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from energy_lib.insights.accounts.amounts import Bools, Floats, Ints

DIGITS = 9
HOUR = 60
DAYS_OF_MEAN = 28
NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True)
class HourMeans:
    """Values of consecutive hours from `first` (hours since the epoch); NaN where no interval lies in the hour.

    `covered`: share of the hour that intervals cover, over which the mean is taken. `estimated`: taken from other days.
    `available`: microseconds since the epoch at which the newest interval of the hour became known.
    """

    first: int
    value: Floats
    covered: Floats
    estimated: Bools
    available: Ints

    def at(self, hours: Ints) -> HourMeans:
        """The same for these hours, in their order."""
        place = hours - self.first
        inside = (place >= 0) & (place < len(self.value))
        place = np.where(inside, place, 0)
        if not len(self.value):
            return _nothing(len(hours))
        return HourMeans(
            int(hours[0]) if len(hours) else 0,
            np.where(inside, self.value[place], np.nan),
            np.where(inside, self.covered[place], 0.0),
            inside & self.estimated[place],
            np.where(inside, self.available[place], NEVER),
        )


def _nothing(hours: int) -> HourMeans:
    return HourMeans(0, np.full(hours, np.nan), np.zeros(hours), np.zeros(hours, bool), np.full(hours, NEVER))


NOTHING = _nothing(0)


def hour_means(start: Ints, minutes: Ints, value: Floats, available: Ints) -> HourMeans:
    """The time-weighted mean of each hour. `start`: minutes since the epoch; `available`: microseconds.

    An interval ends where the next one starts, so that a longer one that was replaced in parts counts for what is left.
    Readings are known by the hour, so nothing finer can weigh them by energy.
    """
    order = np.argsort(start, kind="stable")[np.isfinite(value[np.argsort(start, kind="stable")])]
    start, minutes, value, available = start[order], minutes[order], value[order], available[order]
    end = start + minutes
    end[:-1] = np.minimum(end[:-1], start[1:])
    kept = end > start
    start, end, value, available = start[kept], end[kept], value[kept], available[kept]
    if not len(start):
        return NOTHING
    first_hour = start // HOUR
    pieces = (end - 1) // HOUR - first_hour + 1
    of = np.repeat(np.arange(len(start)), pieces)
    hour = first_hour[of] + np.arange(len(of)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    length = np.minimum(end[of], (hour + 1) * HOUR) - np.maximum(start[of], hour * HOUR)
    place = hour - hour[0]
    covered = np.bincount(place, length)
    weighted = np.bincount(place, length * value[of])
    known = np.full(len(covered), NEVER)
    # Hours come in their order, so that each is one stretch.
    begins = np.flatnonzero(np.diff(place, prepend=-1))
    known[place[begins]] = np.maximum.reduceat(available[of], begins)
    mean = np.divide(weighted, covered, out=np.full(len(covered), np.nan), where=covered > 0)
    return HourMeans(int(hour[0]), np.round(mean, DIGITS), covered / HOUR, np.zeros(len(covered), bool), known)


def with_means_of_past_days(means: HourMeans, origin_hour: int, hours: int) -> HourMeans:
    """The series from 28 days before the origin to `hours` after it; what it lacks after the origin is estimated.

    An estimate is the mean of the same UTC hour over the 28 days before the origin, as far as they are known.
    """
    past = DAYS_OF_MEAN * 24
    whole = means.at(np.arange(origin_hour - past, origin_hour + hours))
    before = whole.value[:past].reshape(DAYS_OF_MEAN, 24)
    known = np.isfinite(before)
    sums, counts = np.where(known, before, 0.0).sum(axis=0), known.sum(axis=0)
    of_day = np.round(np.divide(sums, counts, out=np.full(24, np.nan), where=counts > 0), DIGITS)
    estimate = np.concatenate([np.full(past, np.nan), of_day[np.arange(hours) % 24]])
    taken = (whole.covered < 1) & np.isfinite(estimate)
    return HourMeans(
        origin_hour - past,
        np.where(taken, estimate, whole.value),
        np.where(taken, 1.0, whole.covered),
        taken,
        whole.available,
    )
