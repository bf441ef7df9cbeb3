"""Heating degree days of local days and months, and what a normal year would have had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from energy_lib.insights.access.privacy import Floats
from energy_lib.insights.accounts.hour_grid import next_month

HOURS_OF_A_DAY = 20
# Share of a month's days that must be known for it to count among normal years.
WHOLE_MONTH = 0.9
FEWEST_DAYS, LEAST_SPREAD_K = 15, 0.5


@dataclass(frozen=True, slots=True)
class MonthWeather:
    """Degree days (K·d) of each day of a month, NaN where the weather is not known; `normal`: a normal month's sum."""

    by_day: Floats
    normal: float

    @property
    def total(self) -> float:
        """The month's sum; days that are not known are like the others. NaN if none is known."""
        known = self.by_day[np.isfinite(self.by_day)]
        return float(known.mean() * len(self.by_day)) if len(known) else float("nan")


def month_weather(hourly: pd.Series, zone: str, month: date, base_c: float) -> MonthWeather:
    """Degree days of a month below `base_c`, from hourly temperatures (C) indexed by UTC, of any years.

    A day's are base minus mean temperature, if that is above 0 (Eurostat's and CIBSE TM41's mean degree-hours come
    close to it). Normal is the mean of the same month of all years of which nine tenths of the days are known.
    """
    grouped = hourly.groupby(pd.DatetimeIndex(hourly.index).tz_convert(zone).date)
    means = grouped.mean()[grouped.count() >= HOURS_OF_A_DAY]
    dates = pd.DatetimeIndex(means.index)
    days = (base_c - means).clip(lower=0).set_axis(dates)
    own = pd.date_range(month, next_month(month), inclusive="left")
    by_day = days.reindex(own).to_numpy(dtype=float)
    is_same = dates.month == month.month
    years = days[is_same].groupby(dates[is_same].year).agg(["mean", "count"])
    whole = years.loc[years["count"] >= WHOLE_MONTH * len(own), "mean"]
    return MonthWeather(by_day, float(whole.mean() * len(own)) if len(whole) else float("nan"))


def normalised(energy_kwh: float, daily_kwh: Floats, weather: MonthWeather) -> float:
    """The month's energy, had it had a normal year's degree days; NaN where that is not known.

    Energy follows degree days by the least-squares slope of the month's own days, never a falling one. A month of
    nearly even weather has none.
    """
    known = np.isfinite(daily_kwh) & np.isfinite(weather.by_day)
    if known.sum() < FEWEST_DAYS or not np.isfinite(weather.normal):
        return float("nan")
    kelvin, kwh = weather.by_day[known], daily_kwh[known]
    spread = kelvin - kelvin.mean()
    if kelvin.std() < LEAST_SPREAD_K:
        return energy_kwh
    slope = max(float((spread * kwh).sum() / (spread**2).sum()), 0.0)
    return energy_kwh + slope * (weather.normal - weather.total)


def weather_of(
    locations: Mapping[str, pd.Series], wanted: set[tuple[str, str]], month: date, base_c: float
) -> dict[tuple[str, str], MonthWeather]:
    """(location, zone) → its weather, of those that are known."""
    return {
        (location, zone): month_weather(locations[location], zone, month, base_c)
        for location, zone in sorted(wanted)
        if location in locations
    }
