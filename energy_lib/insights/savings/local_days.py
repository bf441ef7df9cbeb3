"""Hourly readings and weather as days of the meter's own clock: what a daily model is fitted to and held against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from energy_lib.insights.local_midnights import at_midnight

# CalTRACK 2.2.2.1 and 2.2.2.2: a day counts if more than half of it is known; its mean then stands for the rest.
LEAST_KNOWN_SHARE = 0.5


@dataclass(frozen=True)
class LocalDays:
    """A meter's days and the hours they are made of.

    `days`: indexed by `date` (datetime64[ns], no zone): energy_kwh and temperature_c (NaN where at most half of the
    hours are known), hours (23, 24 or 25), known_hours, imputed_share (estimated by cleaning or filled here, 0 to 1).
    `hours`: indexed by interval_start_utc: date, hour_local (0 to 23), energy_kwh (an unknown hour of a known day has
    the mean of the known ones, so that hours sum to their day; NaN in a day that is not known).
    """

    days: pd.DataFrame
    hours: pd.DataFrame


def local_days(
    hourly: pd.DataFrame, temperature_c: pd.Series, zone: str, first: date, end: date, *, zero_day_is_missing: bool
) -> LocalDays:
    """Days `first` … before `end` of the local clock, whatever of them is known.

    `hourly`: interval_start_utc (aware), energy_kwh (NaN: unknown), imputed_share; one row an hour at most.
    `temperature_c`: outdoor air, indexed by the UTC hour. `zero_day_is_missing`: a day of nothing but zeros is no
    reading (CalTRACK 2.3.1 for electricity): a dead meter is not a saving.
    """
    midnights = at_midnight(pd.DatetimeIndex([first, end]), zone)
    start, stop = midnights.tz_convert("UTC").ceil("h")
    grid = pd.date_range(start, stop, freq="h", inclusive="left")
    local = grid.tz_convert(zone)
    rows = hourly.set_index("interval_start_utc").reindex(grid)
    hours = pd.DataFrame(
        {
            "date": local.tz_localize(None).normalize(),
            "hour_local": local.hour,
            "energy_kwh": rows["energy_kwh"].to_numpy(float),
            "imputed": rows["imputed_share"].to_numpy(float),
            "temperature_c": temperature_c.reindex(grid).to_numpy(float),
        },
        index=grid.rename("interval_start_utc"),
    )
    return _summed(hours, zero_day_is_missing)


def _summed(hours: pd.DataFrame, zero_day_is_missing: bool) -> LocalDays:
    hours["imputed"] = hours["imputed"].where(hours["energy_kwh"].notna(), 1.0).fillna(0.0)
    grouped = hours.groupby("date")
    length, known = grouped.size(), grouped["energy_kwh"].count()
    mean = grouped["energy_kwh"].mean().where(known > LEAST_KNOWN_SHARE * length)
    if zero_day_is_missing:
        mean = mean.where(grouped["energy_kwh"].max() != 0.0)
    warm = grouped["temperature_c"].mean().where(grouped["temperature_c"].count() > LEAST_KNOWN_SHARE * length)
    days = pd.DataFrame(
        {
            "energy_kwh": mean * length,
            "temperature_c": warm,
            "hours": length,
            "known_hours": known,
            "imputed_share": grouped["imputed"].mean(),
        }
    )
    of_day = mean.reindex(hours["date"]).to_numpy()
    energy = hours["energy_kwh"].to_numpy()
    hours["energy_kwh"] = np.where(np.isnan(of_day), np.nan, np.where(np.isnan(energy), of_day, energy))
    return LocalDays(days, hours[["date", "hour_local", "energy_kwh"]])
