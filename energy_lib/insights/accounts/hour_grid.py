"""The hours of a local month: days of 23 and 25 hours are days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from energy_lib.features.calendar import LocalCalendar, Place
from energy_lib.insights.accounts.amounts import Bools, Ints


@dataclass(frozen=True)
class HourGrid:
    """Consecutive UTC hours (since the epoch) from `first` on, with their local day, hour of day and kind of day.

    An hour belongs to the local day, and month, in which it starts. `day_off`: weekend or holiday.
    """

    first: int
    hours: Ints
    day: npt.NDArray[np.datetime64]
    hour_of_day: Ints
    day_off: Bools

    @property
    def last(self) -> int:
        return self.first + len(self.hours) - 1


def next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def month_hours(zone: str, month: date) -> tuple[int, int]:
    """First hour of the local month, and first hour after it."""
    first, last = (_first_hour(zone, day) for day in (month, next_month(month)))
    return first, last


def _first_hour(zone: str, day: date) -> int:
    midnight = pd.Timestamp(day).tz_localize(zone, nonexistent="shift_forward", ambiguous=True)
    return int(-(-midnight.timestamp() // 3600))


@lru_cache(maxsize=1 << 16)
def local_month(zone: str, hour: int) -> date:
    """The local month of an hour since the epoch."""
    local = pd.Timestamp(hour * 3600, unit="s", tz="UTC").tz_convert(zone)
    return date(local.year, local.month, 1)


@lru_cache(maxsize=512)
def month_grid(zone: str, country: str | None, subdivision: str | None, month: date) -> HourGrid:
    """Every hour of the local month. Raises BadConfig where a country's holidays are not known."""
    return grid_of(zone, country, subdivision, *month_hours(zone, month))


def grid_of(zone: str, country: str | None, subdivision: str | None, first: int, end: int) -> HourGrid:
    """The hours `first` … `end` - 1."""
    hours = np.arange(first, end)
    local = pd.DatetimeIndex(hours.astype("datetime64[h]").astype("datetime64[ns]")).tz_localize("UTC").tz_convert(zone)
    wall = local.tz_localize(None)
    day_off = LocalCalendar(Place(zone, country, subdivision), first, end).field("is_day_off", hours)
    return HourGrid(
        first,
        hours,
        wall.to_numpy().astype("datetime64[D]"),
        np.asarray(wall.hour, dtype=np.int64),
        np.asarray(day_off, dtype=bool),
    )
