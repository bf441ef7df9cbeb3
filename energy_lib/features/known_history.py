"""What was known at each origin about one meter: windows of hours before the origin, unknown hours as NaN."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from energy_lib.features.arrays import (
    MICROSECONDS_PER_HOUR,
    NEVER,
    Floats,
    Hours,
    epoch_hours,
    epoch_microseconds,
)
from energy_lib.features.calendar import WALL_DAYS, LocalCalendar
from energy_lib.features.meter import Meter
from energy_lib.features.weather import WeatherBlock

T = TypeVar("T")


@dataclass(frozen=True)
class HourlyWindow:
    """The reach before each origin, oldest hour first; the last column is the hour that ends at the origin.

    All of shape (origins, reach). `energy` is kWh, NaN where the hour was unknown or suspect at the origin; `imputed`
    is the share of the hour that was estimated, 1 where it was unknown; `measured` is true where the hour was known
    and at least a part of it was read.
    """

    energy: Floats
    imputed: Floats
    measured: NDArray[np.bool_]

    def replace_row(self, row: int, other: HourlyWindow) -> None:
        """Put the single row of `other` in place of `row`."""
        self.energy[row], self.imputed[row], self.measured[row] = other.energy[0], other.imputed[0], other.measured[0]


def known_window(hourly: pd.DataFrame, origins: Hours, reach_hours: int, late_hours: int = 0) -> HourlyWindow:
    """Mask the hourly view by what each origin knew.

    `hourly`: rows of silver.hourly_readings of one meter in any order (interval_start_utc, energy_kwh, measured_kwh,
    imputed_share, available_at_utc, suspect_from_utc). An hour is known if it lies before the origin and
    available_at_utc <= origin. It counts as missing if suspect_from_utc <= origin.

    `late_hours`: the readings come so many hours later than they did, so an origin knows what was known that many
    hours before it.
    """
    first, length = int(origins.min()) - reach_hours, int(origins.max() - origins.min()) + reach_hours
    position = epoch_hours(hourly["interval_start_utc"]) - first
    inside = (position >= 0) & (position < length)
    position = position[inside]

    def windows(values: NDArray[Any], empty: float) -> NDArray[Any]:
        series = np.full(length, empty, dtype=values.dtype)
        series[position] = values[inside]
        of_origins: NDArray[Any] = sliding_window_view(series, reach_hours)[origins - origins.min()]
        return of_origins

    now_us = ((origins - late_hours) * MICROSECONDS_PER_HOUR)[:, None]
    energy = windows(hourly["energy_kwh"].to_numpy(np.float64), np.nan)
    available = windows(epoch_microseconds(hourly["available_at_utc"]), NEVER)
    suspect = windows(epoch_microseconds(hourly["suspect_from_utc"]), NEVER)
    imputed = windows(hourly["imputed_share"].to_numpy(np.float64), 1.0)
    measured = windows(hourly["measured_kwh"].notna().to_numpy(), False)
    known = (available <= now_us) & (suspect > now_us) & ~np.isnan(energy)
    return HourlyWindow(np.where(known, energy, np.nan), np.where(known, imputed, 1.0), known & measured)


@dataclass(frozen=True)
class KnownHistory:
    """All that the kernels see of one meter at n origins.

    `origins`: hours since 1970-01-01T00Z, shape (n,). `weather` is None where the meter's location has none.
    """

    meter: Meter
    origins: Hours
    horizon_hours: int
    window: HourlyWindow
    weather: WeatherBlock | None = None
    _computed: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

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

    def last_hours(self, hours: int) -> Floats:
        """Energy of the last `hours` before each origin in kWh, (n, hours)."""
        return self.window.energy[:, self.reach_hours - hours :]

    def energy_at(self, hours: Hours) -> Floats:
        """Energy in kWh at `hours`, shape (n, …); NaN where an hour is unknown at the origin or beyond the reach."""
        return self.values_at(self.window.energy, hours)

    def values_at(self, past: Floats, hours: Hours) -> Floats:
        """The values of `past` (n, reach), which ends at the origin, at `hours` (n, …); NaN beyond its reach."""
        reach, ones = past.shape[1], [1] * (hours.ndim - 1)
        column = hours - (self.origins - reach).reshape(-1, *ones)
        inside = (column >= 0) & (column < reach)
        row = np.arange(len(self.origins)).reshape(-1, *ones)
        return np.where(inside, past.ravel()[row * reach + np.where(inside, column, 0)], np.nan)

    def once(self, compute: Callable[..., T], *arguments: Hashable) -> T:
        """`compute(self, *arguments)`, computed once and kept: for arrays that several features share."""
        key = (compute, arguments)
        if key not in self._computed:
            self._computed[key] = compute(self, *arguments)
        return cast(T, self._computed[key])
