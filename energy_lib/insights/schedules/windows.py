"""The windows of an asset on its site's local clock, as stretches of UTC hours: days of 23 and 25 hours are days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

Hours = NDArray[np.int64]
Days = NDArray[np.datetime64]
Flags = NDArray[np.bool_]
DAY_HOURS = 24


@dataclass(frozen=True, slots=True)
class LocalHours:
    """Consecutive UTC hours: `origin` is the place of the plan's first one. Their local days and hours of the day."""

    origin: int
    day: Days
    hour_of_day: Hours

    def __len__(self) -> int:
        return len(self.day)


@dataclass(frozen=True, slots=True)
class Window:
    """Hours `first` … `end` − 1, counted from the plan's first hour: below zero lies what is past."""

    first: int
    end: int


def windows(
    local: LocalHours, from_hour: int | None, to_hour: int | None, valid_from: date, valid_to: date | None
) -> list[Window]:
    """The windows that begin on a valid local day and lie whole within the hours.

    `to_hour` at or before `from_hour` is on the next day; without them a window is a day.
    """
    first, last = from_hour or 0, DAY_HOURS if to_hour is None else to_hour
    inside = in_window(local.hour_of_day, first, last)
    # Hours after midnight belong to the window that began the day before.
    begun = np.where((last <= first) & (local.hour_of_day < last), local.day - np.timedelta64(1, "D"), local.day)
    found = []
    days = np.unique(begun[inside])
    for day in days[valid(days, valid_from, valid_to)]:
        places = np.flatnonzero(inside & (begun == day))
        cut = places[0] == 0 or places[-1] == len(local) - 1
        if not cut:
            found.append(Window(int(places[0]) - local.origin, int(places[-1]) + 1 - local.origin))
    return found


def in_window(hour_of_day: Hours, first: int, last: int) -> Flags:
    """Hours of the day from `first` to `last`, around midnight if `last` is not after `first`."""
    after, before = hour_of_day >= first, hour_of_day < last
    return np.asarray((after & before) if last > first else (after | before))


def valid(days: Days, valid_from: date, valid_to: date | None) -> Flags:
    """Whether local days lie in a validity, whose end is the first day that it does not hold."""
    begun = days >= np.datetime64(valid_from, "D")
    return np.asarray(begun if valid_to is None else begun & (days < np.datetime64(valid_to, "D")))
