"""Occupancy of each use of building, by the local clock, holidays and school terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import holidays
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.simulation.portfolio import COUNTRY, SUBDIVISION, ZONE

# Vacations of English schools, as spans of (month, day).
VACATIONS = (
    *(((1, 1), (1, 5)), ((2, 12), (2, 16)), ((3, 29), (4, 12)), ((5, 27), (5, 31))),
    *(((7, 22), (9, 2)), ((10, 24), (11, 1)), ((12, 19), (12, 31))),
)


@dataclass(frozen=True, slots=True)
class LocalCalendar:
    """Local time of each half-hour: hour with its fraction, weekday (Monday 0), working day, school day."""

    hour: NDArray[Any]
    weekday: NDArray[Any]
    is_workday: NDArray[Any]
    is_schoolday: NDArray[Any]


def local_calendar(slots: pd.DatetimeIndex) -> LocalCalendar:
    """`slots` are UTC starts of half-hours, without a zone."""
    local = slots.tz_localize("UTC").tz_convert(ZONE)
    dates = pd.Index(local.date)
    years = range(local[0].year, local[-1].year + 1)
    holiday = dates.isin(list(holidays.country_holidays(COUNTRY, subdiv=SUBDIVISION, years=years)))
    weekday = local.weekday.to_numpy()
    is_workday = (weekday < 5) & ~holiday
    day = local.month.to_numpy() * 100 + local.day.to_numpy()
    vacation = np.zeros(len(slots), dtype=bool)
    for first, last in VACATIONS:
        vacation |= (day >= first[0] * 100 + first[1]) & (day <= last[0] * 100 + last[1])
    hour = local.hour.to_numpy() + local.minute.to_numpy() / 60
    return LocalCalendar(hour, weekday, is_workday, is_workday & ~vacation)


def occupancy(calendar: LocalCalendar) -> dict[str, NDArray[Any]]:
    """Share of a building that is occupied, 0 to 1, by use (the keys of portfolio.USES)."""
    hour = calendar.hour
    at_home = _open_hours(hour, 6.5, 9.0) * 0.6 + _open_hours(hour, 16.5, 23.0)
    home_all_day = _open_hours(hour, 8.0, 23.5) * 0.8
    return {
        "dwelling": np.where(calendar.is_workday, at_home, np.maximum(home_all_day, at_home * 0.9)),
        "office": np.where(calendar.is_workday, _open_hours(hour, 7.5, 18.5), 0.04),
        "school": np.where(calendar.is_schoolday, _open_hours(hour, 7.5, 16.5), 0.03),
        "shop": np.where(calendar.weekday < 6, _open_hours(hour, 8.5, 19.0), _open_hours(hour, 10.0, 16.5) * 0.9),
        "hospital": 0.65 + 0.35 * _open_hours(hour, 7.0, 20.0) * np.where(calendar.is_workday, 1.0, 0.6),
    }


def _open_hours(hour: NDArray[Any], opens: float, closes: float) -> NDArray[Any]:
    """1 between the hours, with shoulders of about an hour (a product of two logistic curves)."""
    return np.asarray(1 / (1 + np.exp(-3 * (hour - opens))) * 1 / (1 + np.exp(3 * (hour - closes))))
