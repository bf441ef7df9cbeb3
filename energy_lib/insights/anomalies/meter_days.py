"""A meter's hours as a matrix of local days by wall-clock hours: what all the detectors look at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

HOURS = 24
WORKDAY, SATURDAY, SUNDAY = 0, 1, 2
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class MeterDays:
    """Local days of one meter, one after the other without a hole.

    `days` are datetime64[D]; `energy` is (days, 24) in kWh, NaN where nothing was read; `imputed` says where the
    energy was estimated; `temperature` is the day's mean in °C, NaN where unknown; `kind` is 0 for a workday, 1 for a
    Saturday, 2 for a Sunday or a holiday; `zone` is the IANA zone of the wall clock.
    """

    days: NDArray[np.datetime64]
    energy: Floats
    imputed: Bools
    temperature: Floats
    kind: NDArray[np.int64]
    zone: str

    def between(self, first: int, last: int) -> MeterDays:
        """The days of the positions `first` … `last` - 1."""
        rows = slice(max(first, 0), last)
        return MeterDays(
            self.days[rows], self.energy[rows], self.imputed[rows], self.temperature[rows], self.kind[rows], self.zone
        )

    def with_energy(self, energy: Floats) -> MeterDays:
        return replace(self, energy=energy)

    def utc(self, day: int, hour: int) -> pd.Timestamp:
        """Start of a wall-clock hour in UTC; hour 24 is the next day's first. A skipped hour is the one after it."""
        return instant_of(self.days[0], day * HOURS + hour, self.zone)


@lru_cache(maxsize=4096)
def instant_of(day: np.datetime64, hours: int, zone: str) -> pd.Timestamp:
    """Start in UTC of a wall-clock hour, counted from a local day's first. A skipped hour is the one after it."""
    stamp = pd.Timestamp(day) + pd.Timedelta(days=hours // HOURS, hours=hours % HOURS)
    return stamp.tz_localize(zone, ambiguous=True, nonexistent="shift_forward").tz_convert("UTC")


def meter_days(
    energy_kwh: pd.Series,
    zone: str,
    *,
    temperature_c: pd.Series | None = None,
    imputed: pd.Series | None = None,
    holidays: Collection[date] = (),
) -> MeterDays:
    """Lay hourly series with a UTC index (aware, hour starts) out by local day and hour.

    The hour that a clock change doubles is the mean of both; the one that it skips is the mean of its neighbours. Days
    at the edges that the series does not cover have NaN. Raises ValueError for an empty series.
    """
    if energy_kwh.empty:
        raise ValueError("a meter without a reading has no days")
    energy, days = _by_day(energy_kwh, zone)
    wanted = pd.DatetimeIndex(days)
    flags = np.zeros(energy.shape, dtype=bool)
    if imputed is not None and imputed.any():
        flags = _aligned(imputed.astype(float), zone, wanted) > 0
    temperature = _mean_temperature(temperature_c, zone, wanted)
    return MeterDays(days, energy, flags, temperature, _kinds(wanted, holidays), zone)


def days_after(days: MeterDays, count: int, temperature_c: pd.Series | None, holidays: Collection[date]) -> MeterDays:
    """The next days of a meter, of which nothing is read; `temperature_c`: hourly, as forecast, UTC index."""
    wanted = pd.date_range(pd.Timestamp(days.days[-1]) + pd.Timedelta(days=1), periods=count, freq="D")
    empty = np.full((count, HOURS), np.nan)
    temperature = _mean_temperature(temperature_c, days.zone, wanted)
    dates = wanted.to_numpy().astype("datetime64[D]")
    return MeterDays(dates, empty, np.zeros(empty.shape, dtype=bool), temperature, _kinds(wanted, holidays), days.zone)


def _mean_temperature(hourly: pd.Series | None, zone: str, wanted: pd.DatetimeIndex) -> Floats:
    temperature = np.full(len(wanted), np.nan)
    if hourly is not None and not hourly.empty:
        aligned = _aligned(hourly, zone, wanted)
        known = np.isfinite(aligned).sum(axis=1) >= HOURS // 2
        temperature[known] = np.nanmean(aligned[known], axis=1)
    return temperature


def _by_day(series: pd.Series, zone: str) -> tuple[Floats, NDArray[np.datetime64]]:
    local = pd.DatetimeIndex(series.index).tz_convert(zone).tz_localize(None)
    days = local.normalize()
    first, last = days.min(), days.max()
    position = ((days - first) // pd.Timedelta(days=1)).to_numpy() * HOURS + local.hour.to_numpy()
    size = ((last - first).days + 1) * HOURS
    values = series.to_numpy(dtype=float)
    known = np.isfinite(values)
    count = np.bincount(position[known], minlength=size)
    total = np.bincount(position[known], weights=values[known], minlength=size)
    with np.errstate(invalid="ignore"):
        matrix = (total / np.where(count > 0, count, np.nan)).reshape(-1, HOURS)
    index = pd.date_range(first, last, freq="D")
    _bridge_skipped_hours(matrix, index, zone)
    return matrix, index.to_numpy().astype("datetime64[D]")


def _bridge_skipped_hours(matrix: Floats, days: pd.DatetimeIndex, zone: str) -> None:
    edges = pd.date_range(days[0], periods=len(days) + 1, freq="D")
    midnights = edges.tz_localize(zone, ambiguous=np.ones(len(edges), dtype=bool), nonexistent="shift_forward")
    lengths = np.diff(midnights.tz_convert("UTC").tz_localize(None).to_numpy()) / np.timedelta64(1, "h")
    for row in np.flatnonzero(lengths < HOURS):
        hours = days[row] + pd.to_timedelta(np.arange(HOURS), unit="h")
        skipped = hours.tz_localize(zone, ambiguous=True, nonexistent="NaT").isna()
        for hour in np.flatnonzero(skipped):
            matrix[row, hour] = np.nan if hour in (0, HOURS - 1) else matrix[row, [hour - 1, hour + 1]].mean()


def _aligned(series: pd.Series, zone: str, wanted: pd.DatetimeIndex) -> Floats:
    matrix, days = _by_day(series, zone)
    return pd.DataFrame(matrix, index=pd.DatetimeIndex(days)).reindex(wanted).to_numpy()


def _kinds(days: pd.DatetimeIndex, holidays: Collection[date]) -> NDArray[np.int64]:
    weekday = days.weekday.to_numpy()
    free = np.isin(days.to_numpy().astype("datetime64[D]"), np.array(sorted(holidays), dtype="datetime64[D]"))
    kinds: NDArray[np.int64] = np.select([(weekday == 6) | free, weekday == 5], [SUNDAY, SATURDAY], WORKDAY)
    return kinds
