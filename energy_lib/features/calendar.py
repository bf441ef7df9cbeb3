"""The meter's local calendar for UTC hours: one table per place and year, computed once and looked up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import holidays
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.errors import BadConfig
from energy_lib.features.arrays import Hours

# Local days before an hour whose same wall-clock hour the features look at.
WALL_DAYS = 28
FIELDS = (
    "hour", "weekday", "month", "hour_sin", "hour_cos", "day_of_year_sin", "day_of_year_cos",
    "is_weekend", "is_holiday", "is_holiday_eve", "is_dst_day", "is_day_off",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where a meter is: IANA zone, and ISO 3166 country and subdivision for its holidays."""

    zone: str
    country: str | None = None
    subdivision: str | None = None


class LocalCalendar:
    """Calendar of a place over whole UTC years; all lookups take hours since 1970-01-01T00Z."""

    def __init__(self, place: Place, first_hour: int, last_hour: int) -> None:
        years = range(_year(first_hour), _year(last_hour) + 1)
        tables = [_year_table(place, year) for year in years]
        self._first = int(np.datetime64(f"{years[0]}-01-01T00", "h").astype(np.int64))
        self._offset_minutes = np.concatenate([table["offset_minutes"] for table in tables])
        self._fields = {name: np.concatenate([table[name] for table in tables]) for name in FIELDS}

    def field(self, name: str, hours: Hours) -> NDArray[np.float32]:
        """A calendar field (one of FIELDS) of the local time at each UTC hour's start."""
        values: NDArray[np.float32] = self._fields[name][hours - self._first]
        return values

    def days_before(self, hours: Hours, days: int) -> Hours:
        """The hour at the same wall-clock time `days` local days earlier.

        A wall-clock time that the spring change skipped gives the hour after it. One that the autumn change doubled
        gives the hour that lies 24 h × `days` back if that is one of the two, else the one that fits.
        """
        back = hours - 24 * days
        shift = self._offset_minutes[hours - self._first] - self._offset_minutes[back - self._first]
        return back + np.asarray(shift // 60, dtype=np.int64)


def _year(hour: int) -> int:
    return int(np.datetime64(hour, "h").astype("datetime64[Y]").astype(np.int64)) + 1970


@lru_cache(maxsize=128)
def _holiday_days(country: str, subdivision: str | None, year: int) -> frozenset[Any]:
    try:
        days = holidays.country_holidays(country, subdiv=subdivision, years=[year - 1, year, year + 1])
    except NotImplementedError:
        raise BadConfig(
            f"The holidays of country '{country}', subdivision '{subdivision}' are not known: "
            "give silver.meters an ISO 3166 country and subdivision, or leave them empty."
        ) from None
    return frozenset(days)


@lru_cache(maxsize=128)
def _year_table(place: Place, year: int) -> dict[str, NDArray[Any]]:
    utc = pd.date_range(f"{year}-01-01", f"{year + 1}-01-01", freq="h", inclusive="left", tz="UTC")
    local = utc.tz_convert(place.zone).tz_localize(None)
    offset = np.asarray((local - utc.tz_localize(None)) // pd.Timedelta(minutes=1), dtype=np.int64)
    days = local.normalize()
    off = _holiday_days(place.country, place.subdivision, year) if place.country else frozenset()
    holiday = np.isin(days.date, list(off)) if off else np.zeros(len(utc), bool)
    eves = (days + pd.Timedelta(days=1)).date
    eve = np.isin(eves, list(off)) if off else np.zeros(len(utc), bool)
    weekend = np.asarray(local.weekday) >= 5
    days_in_year = np.where(local.is_leap_year, 366, 365)
    day_angle = 2 * np.pi * (np.asarray(local.dayofyear) - 1) / days_in_year
    hour = np.asarray(local.hour + local.minute / 60)
    table = {
        "hour": np.asarray(local.hour),
        "weekday": np.asarray(local.weekday),
        "month": np.asarray(local.month),
        "hour_sin": np.sin(2 * np.pi * hour / 24),
        "hour_cos": np.cos(2 * np.pi * hour / 24),
        "day_of_year_sin": np.sin(day_angle),
        "day_of_year_cos": np.cos(day_angle),
        "is_weekend": weekend,
        "is_holiday": holiday,
        "is_holiday_eve": eve,
        "is_dst_day": _dst_days(place.zone, days),
        "is_day_off": weekend | holiday,
    }
    return {"offset_minutes": offset} | {name: values.astype(np.float32) for name, values in table.items()}


def _dst_days(zone: str, days: pd.DatetimeIndex) -> NDArray[np.bool_]:
    """Local days that do not have 24 hours (the clocks change on them)."""
    distinct = pd.date_range(days[0], days[-1] + pd.Timedelta(days=1), freq="D")
    midnights = distinct.tz_localize(zone, ambiguous=np.ones(len(distinct), bool), nonexistent="shift_forward")
    lengths = np.diff(midnights.tz_convert("UTC").tz_localize(None).to_numpy())
    changed = distinct[:-1][lengths != np.timedelta64(24, "h")]
    return np.asarray(days.isin(changed))
