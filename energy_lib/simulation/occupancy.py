"""When people are where: occupancy of each use by the local clock, holidays and school terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import holidays
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.simulation.portfolio import COUNTRY, SUBDIVISION, ZONE

# English school terms, as (month, day) spans of the vacations.
VACATIONS = (((1, 1), (1, 5)), ((2, 12), (2, 16)), ((3, 29), (4, 12)), ((5, 27), (5, 31)))
VACATIONS_LATE = (((7, 22), (9, 2)), ((10, 24), (11, 1)), ((12, 19), (12, 31)))


@dataclass(frozen=True, slots=True)
class LocalCalendar:
    """Local time of each slot: hour as a number, weekday from Monday 0, working day, school day."""

    hour: NDArray[Any]
    weekday: NDArray[Any]
    works: NDArray[Any]
    school: NDArray[Any]


def local_calendar(slots: pd.DatetimeIndex) -> LocalCalendar:
    """`slots` are UTC starts of half-hours, without a zone."""
    local = slots.tz_localize("UTC").tz_convert(ZONE)
    dates = pd.Index(local.date)
    off = holidays.country_holidays(COUNTRY, subdiv=SUBDIVISION, years=range(local[0].year, local[-1].year + 1))
    holiday = dates.isin(list(off))
    weekday = local.weekday.to_numpy()
    works = (weekday < 5) & ~holiday
    day = local.month.to_numpy() * 100 + local.day.to_numpy()
    vacation = np.zeros(len(slots), dtype=bool)
    for first, last in (*VACATIONS, *VACATIONS_LATE):
        vacation |= (day >= first[0] * 100 + first[1]) & (day <= last[0] * 100 + last[1])
    hour = local.hour.to_numpy() + local.minute.to_numpy() / 60
    return LocalCalendar(hour, weekday, works, works & ~vacation)


def occupancy(calendar: LocalCalendar) -> dict[str, NDArray[Any]]:
    """Share of a place that is in use, 0 to 1, for each use."""
    hour = calendar.hour
    at_home = _bump(hour, 6.5, 9.0) * 0.6 + _bump(hour, 16.5, 23.0)
    home_all_day = _bump(hour, 8.0, 23.5) * 0.8
    return {
        "dwelling": np.where(calendar.works, at_home, np.maximum(home_all_day, at_home * 0.9)),
        "office": np.where(calendar.works, _bump(hour, 7.5, 18.5), 0.04),
        "school": np.where(calendar.school, _bump(hour, 7.5, 16.5), 0.03),
        "shop": np.where(calendar.weekday < 6, _bump(hour, 8.5, 19.0), _bump(hour, 10.0, 16.5) * 0.9),
        "hospital": 0.65 + 0.35 * _bump(hour, 7.0, 20.0) * np.where(calendar.works, 1.0, 0.6),
    }


def _bump(hour: NDArray[Any], opens: float, closes: float) -> NDArray[Any]:
    """1 between the hours, with shoulders of about an hour."""
    return np.asarray(1 / (1 + np.exp(-3 * (hour - opens))) * 1 / (1 + np.exp(3 * (hour - closes))))
