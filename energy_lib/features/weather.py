"""Weather as it was known at each origin: the newest forecast of the interval where there is one, else its past."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.features.arrays import Floats, Hours, epoch_hours, epoch_microseconds
from energy_lib.features.calendar import WALL_DAYS
from energy_lib.vocabulary import WeatherKind

COLUMNS = ("temperature_c", "humidity_pct", "irradiance_w_m2")
PERSISTENCE_DAYS = 7
# How far before the origin weather is looked at, in hours: the wall-clock days, and one more for a clock change.
WEATHER_REACH_HOURS = 24 * (WALL_DAYS + 1)
BLOCKS_KEPT = 16


@dataclass(frozen=True, eq=False)
class WeatherBlock:
    """The weather of one location as n origins knew it; NaN is unknown.

    composite: each of COLUMNS for the intervals, (n, horizon): the newest forecast, else persistence (the same hour
    of the freshest known day, up to PERSISTENCE_DAYS back). is_forecast (n, horizon): 1 where temperature_c is a
    forecast, 0 where it is persistence. temperature_lag (n, horizon): observed temperature in degrees Celsius the
    fewest whole days before the interval that lie before the origin. temperature_past (n, WEATHER_REACH_HOURS):
    observed temperature of the hours before the origin, oldest first.
    """

    composite: dict[str, Floats]
    is_forecast: Floats
    temperature_lag: Floats
    temperature_past: Floats


@dataclass(frozen=True)
class _Rows:
    """Rows of one kind, sorted so that the newest known row of an hour is found by one binary search."""

    key: NDArray[np.int64]
    hour: Hours
    values: dict[str, Floats]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> _Rows:
        hour, available = epoch_hours(frame["interval_start_utc"]), epoch_microseconds(frame["available_at_utc"])
        issued = epoch_microseconds(frame["issued_at_utc"])
        order = np.lexsort((issued, available, hour))
        key = _key(hour[order], -(-available[order] // 1_000_000))
        return cls(key, hour[order], {c: frame[c].to_numpy(np.float64)[order] for c in COLUMNS})

    def known(self, column: str, hours: Hours, origins: Hours) -> Floats:
        """Newest value of each hour available at its origin (broadcast against `hours`); NaN where there is none."""
        if not len(self.key):
            return np.full(hours.shape, np.nan)
        wanted = _key(hours, origins * 3600)
        newest = np.maximum(np.searchsorted(self.key, wanted, side="right") - 1, 0)
        fits = (self.hour[newest] == hours) & (self.key[newest] <= wanted)
        return np.where(fits, self.values[column][newest], np.nan)


_NO_ROWS = _Rows(np.empty(0, np.int64), np.empty(0, np.int64), {})


def _key(hour: Hours, available_seconds: Hours) -> Hours:
    """Hour first, then the second it was known from: sorts as (hour, available)."""
    return (hour << 32) + np.clip(available_seconds, 0, 2**32 - 1)


@dataclass
class WeatherBook:
    """The weather of every location in reach; keeps the newest blocks, as meters share locations."""

    observed: dict[str, _Rows]
    forecast: dict[str, _Rows]
    _blocks: dict[tuple[str, bytes, int], WeatherBlock] = field(default_factory=dict)

    @classmethod
    def of(cls, weather: pd.DataFrame) -> WeatherBook:
        """From rows of silver.weather."""
        kinds: dict[WeatherKind, dict[str, Any]] = {}
        for kind in WeatherKind:
            rows = weather[weather["kind"] == kind.value]
            kinds[kind] = {str(location): _Rows.of(frame) for location, frame in rows.groupby("location_id")}
        return cls(kinds[WeatherKind.OBSERVED], kinds[WeatherKind.FORECAST])

    def block(self, location: str | None, origins: Hours, horizon_hours: int) -> WeatherBlock | None:
        """The location's weather as the origins (n,) knew it; None where the location has no weather."""
        if location is None or (location not in self.observed and location not in self.forecast):
            return None
        key = (location, origins.tobytes(), horizon_hours)
        if key not in self._blocks:
            if len(self._blocks) >= BLOCKS_KEPT:
                self._blocks.pop(next(iter(self._blocks)))
            self._blocks[key] = self._compute(location, origins, horizon_hours)
        return self._blocks[key]

    def _compute(self, location: str, origins: Hours, horizon_hours: int) -> WeatherBlock:
        observed, forecast = self.observed.get(location, _NO_ROWS), self.forecast.get(location, _NO_ROWS)
        at = origins[:, None]
        intervals = at + np.arange(horizon_hours)
        whole_days = 24 * (np.arange(horizon_hours) // 24 + 1)
        forecasts = {c: forecast.known(c, intervals, at) for c in COLUMNS}
        composite = {c: _persist(observed, c, forecasts[c], intervals - whole_days, at) for c in COLUMNS}
        reach = at - WEATHER_REACH_HOURS + np.arange(WEATHER_REACH_HOURS)
        kind = np.where(np.isnan(forecasts["temperature_c"]), 0.0, 1.0)
        return WeatherBlock(
            composite=composite,
            is_forecast=np.where(np.isnan(composite["temperature_c"]), np.nan, kind),
            temperature_lag=observed.known("temperature_c", intervals - whole_days, at),
            temperature_past=observed.known("temperature_c", reach, at),
        )


def _persist(observed: _Rows, column: str, values: Floats, past: Hours, origins: Hours) -> Floats:
    """Fill what no forecast covers from the same hour of the freshest day that was known, up to a week back."""
    for day in range(PERSISTENCE_DAYS):
        unknown = np.isnan(values)
        if not unknown.any():
            break
        values = np.where(unknown, observed.known(column, past - 24 * day, origins), values)
    return values
