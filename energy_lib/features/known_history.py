"""What was known at each origin about one meter: windows of hours before the origin, unknown hours as NaN."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from energy_lib.features.calendar import Hours, LocalCalendar, Place

Floats = NDArray[np.float64]
NEVER = np.iinfo(np.int64).max
MICROSECONDS_PER_HOUR = 3_600_000_000
WALL_DAYS = 28
# Days in which a day's say about the same hour fades to 1/e, and hours that are held against what was said.
RECENT_DAYS = 5
RESIDUAL_HOURS = 168
# Days in which a day's say about a meter's answer to temperature fades, and what keeps that answer small where the
# temperature hardly moved: as much as it were if it had moved by a degree.
SLOPE_DAYS = 14
SLOPE_RIDGE_C2 = 1.0
# Beside the weather's variables: observed air temperature of the hours before each origin, oldest first, (n, hours).
TEMPERATURE_PAST = "temperature_past"


@dataclass(frozen=True)
class Meter:
    """What does not change with time; None is unknown."""

    meter_id: str
    fuel: str
    place: Place
    weather_location_id: str | None = None
    floor_area_m2: float | None = None
    latitude: float | None = None
    longitude: float | None = None
    capacity_kw: float | None = None


@dataclass(frozen=True)
class HourlyWindow:
    """The reach before each origin, oldest hour first; the last column is the hour that ends at the origin.

    All of shape (origins, reach). `energy` is kWh, NaN where the hour was unknown or suspect at the origin; `imputed`
    is the share of the hour that was estimated, 1 where it was unknown; `measured`: known, and read in part at least.
    """

    energy: Floats
    imputed: Floats
    measured: NDArray[np.bool_]

    def replaced(self, row: int, other: HourlyWindow) -> None:
        """Put the single row of `other` in place of `row`."""
        self.energy[row], self.imputed[row], self.measured[row] = other.energy[0], other.imputed[0], other.measured[0]


def hours_of(stamps: pd.Series | pd.DatetimeIndex) -> Hours:
    """Whole hours since 1970-01-01T00Z of naive UTC stamps."""
    return np.asarray(stamps).astype("datetime64[h]").astype(np.int64)


def microseconds_of(stamps: pd.Series) -> NDArray[np.int64]:
    """Microseconds since 1970-01-01T00Z of naive UTC stamps; NaT is NEVER."""
    values = np.asarray(stamps).astype("datetime64[us]")
    return np.where(np.isnat(values), NEVER, values.astype(np.int64))


def known_window(hourly: pd.DataFrame, origins: Hours, reach_hours: int, late_hours: int = 0) -> HourlyWindow:
    """Mask the hourly view by what each origin knew, or knows if readings come `late_hours` late.

    `hourly`: rows of silver.hourly_readings of one meter in any order (interval_start_utc, energy_kwh, measured_kwh,
    imputed_share, available_at_utc, suspect_from_utc). An hour is known when available_at_utc <= origin and it lies
    before the origin; it counts as missing when suspect_from_utc <= origin; what comes late is what
    was known `late_hours` before.
    """
    first, length = int(origins.min()) - reach_hours, int(origins.max() - origins.min()) + reach_hours
    at = hours_of(hourly["interval_start_utc"]) - first
    inside = (at >= 0) & (at < length)
    at = at[inside]

    def dense(values: NDArray[Any], empty: float) -> NDArray[Any]:
        filled = np.full(length, empty, dtype=values.dtype)
        filled[at] = values[inside]
        windows: NDArray[Any] = sliding_window_view(filled, reach_hours)[origins - origins.min()]
        return windows

    now_us = ((origins - late_hours) * MICROSECONDS_PER_HOUR)[:, None]
    energy = dense(hourly["energy_kwh"].to_numpy(np.float64), np.nan)
    available = dense(microseconds_of(hourly["available_at_utc"]), NEVER)
    suspect = dense(microseconds_of(hourly["suspect_from_utc"]), NEVER)
    imputed = dense(hourly["imputed_share"].to_numpy(np.float64), 1.0)
    measured = dense(hourly["measured_kwh"].notna().to_numpy(), False)
    known = (available <= now_us) & (suspect > now_us) & ~np.isnan(energy)
    return HourlyWindow(np.where(known, energy, np.nan), np.where(known, imputed, 1.0), known & measured)


@dataclass(frozen=True)
class Known:
    """All that the kernels see of one meter at `origins` (hours since 1970-01-01T00Z, shape (n,))."""

    meter: Meter
    origins: Hours
    horizon_hours: int
    window: HourlyWindow
    weather: dict[str, Floats] = field(default_factory=dict)

    @property
    def reach_hours(self) -> int:
        return int(self.window.energy.shape[1])

    @cached_property
    def intervals(self) -> Hours:
        """The hours to be forecast, (n, horizon)."""
        return self.origins[:, None] + np.arange(self.horizon_hours)

    @cached_property
    def calendar(self) -> LocalCalendar:
        margin = self.reach_hours + 24 * WALL_DAYS + 48
        last = int(self.origins.max()) + self.horizon_hours + 48
        return LocalCalendar(self.meter.place, int(self.origins.min()) - margin, last)

    def last(self, hours: int) -> Floats:
        """Energy of the last `hours` before each origin, (n, hours)."""
        return self.window.energy[:, self.reach_hours - hours :]

    @cached_property
    def _sorted(self) -> dict[int, NDArray[np.float32]]:
        return {}

    def sorted_last(self, hours: int) -> NDArray[np.float32]:
        """`last(hours)` sorted per origin, NaN at the end; kept, for several quantiles ask for it."""
        if hours not in self._sorted:
            self._sorted[hours] = np.sort(self.last(hours).astype(np.float32), axis=1)
        return self._sorted[hours]

    def energy_at(self, hours: Hours) -> Floats:
        """Energy at given hours, shape (n, …); NaN where an hour is unknown at the origin or beyond the reach."""
        return self.looked_up(self.window.energy, hours)

    def looked_up(self, past: Floats, hours: Hours) -> Floats:
        """Of `past` (n, reach), which ends at the origin, the values of given hours (n, …); NaN beyond its reach."""
        reach, ones = past.shape[1], [1] * (hours.ndim - 1)
        column = hours - (self.origins - reach).reshape(-1, *ones)
        inside = (column >= 0) & (column < reach)
        row = np.arange(len(self.origins)).reshape(-1, *ones)
        return np.where(inside, past.ravel()[row * reach + np.where(inside, column, 0)], np.nan)

    @cached_property
    def recent(self) -> Floats:
        """What the days before each hour say about it, (n, RESIDUAL_HOURS + horizon): from a week before the origin on.

        A mean over the same wall-clock hour of WALL_DAYS local days, those of the same type (working day, or weekend or
        holiday) alone, weighed by exp(-days / RECENT_DAYS) and thrice on the same weekday.
        """
        hours = self.origins[:, None] + np.arange(-RESIDUAL_HOURS, self.horizon_hours)
        off = self.calendar.field("is_day_off", hours)
        total, weight = np.zeros(hours.shape), np.zeros(hours.shape)
        for day, fades in enumerate(fading(RECENT_DAYS, same_weekday=3), start=1):
            before = self.calendar.days_before(hours, day)
            energy = self.energy_at(before)
            same = (self.calendar.field("is_day_off", before) == off) & ~np.isnan(energy)
            share = fades * same
            total += share * np.where(same, energy, 0.0)
            weight += share
        return np.divide(total, weight, out=np.full(hours.shape, np.nan), where=weight > 0)

    @cached_property
    def residual(self) -> Floats:
        """Energy of the last RESIDUAL_HOURS minus what the days before had said, (n, RESIDUAL_HOURS)."""
        return np.asarray(self.last(RESIDUAL_HOURS) - self.recent[:, :RESIDUAL_HOURS])

    @cached_property
    def same_type_days(self) -> Floats:
        """`wall_days`' energy on days of the interval's own type, NaN on others: (n, horizon, WALL_DAYS)."""
        values, hours = self.wall_days
        off = self.calendar.field("is_day_off", self.intervals)[:, :, None]
        return np.where(self.calendar.field("is_day_off", hours) == off, values, np.nan)

    @cached_property
    def wall_temperatures(self) -> Floats:
        """Observed air temperature in the hours of `wall_days`: (n, horizon, WALL_DAYS); KeyError without weather."""
        _, hours = self.wall_days
        return self.looked_up(self.weather[TEMPERATURE_PAST], hours)

    @cached_property
    def warmer_than_recent(self) -> Floats:
        """Temperature of the interval less that of the days in `recent`, by their weights: (n, horizon)."""
        before = self.wall_temperatures
        weight = np.where(np.isnan(self.same_type_days + before), 0.0, fading(RECENT_DAYS, same_weekday=3))
        return np.asarray(self.weather["temperature_c"] - weighted_mean(before, weight))

    @cached_property
    def temperature_slope(self) -> Floats:
        """Energy a degree: ridge regression of `same_type_days` on temperature, newer days heavier: (n, horizon)."""
        energy, temperature = self.same_type_days, self.wall_temperatures
        weight = np.where(np.isnan(energy + temperature), 0.0, fading(SLOPE_DAYS))
        more: Floats = energy - weighted_mean(energy, weight)[:, :, None]
        warmer: Floats = temperature - weighted_mean(temperature, weight)[:, :, None]
        together, spread = weighted_mean(more * warmer, weight), weighted_mean(warmer * warmer, weight)
        return np.asarray(together / (spread + SLOPE_RIDGE_C2))

    @cached_property
    def wall_days(self) -> tuple[Floats, Hours]:
        """Energy at the interval's wall-clock time 1 … 28 local days before it, and those hours: (n, horizon, 28)."""
        hours = np.stack([self.calendar.days_before(self.intervals, d) for d in range(1, WALL_DAYS + 1)], axis=2)
        return self.energy_at(hours), hours


def fading(memory_days: float, same_weekday: float = 1.0) -> Floats:
    """Weights of the WALL_DAYS days before: exp(-days / memory_days), more or less on the same weekday."""
    day = np.arange(1, WALL_DAYS + 1)
    weight: Floats = np.exp(-day / memory_days) * np.where(day % 7 == 0, same_weekday, 1.0)
    return weight


def weighted_mean(values: Floats, weight: Floats) -> Floats:
    """Over the last axis; values of weight 0 may be NaN, and where all weigh nothing the mean is NaN."""
    total = np.einsum("...d,...d->...", weight, np.where(weight > 0, values, 0.0))
    weights = weight.sum(axis=-1)
    return np.divide(total, weights, out=np.full(weights.shape, np.nan), where=weights > 0)
