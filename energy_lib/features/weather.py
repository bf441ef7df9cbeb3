"""Weather as it was known at each origin: the newest forecast of the interval where there is one, else its past."""

from __future__ import annotations

from dataclasses import dataclass, field

import bottleneck as bn
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.features.calendar import Hours
from energy_lib.features.known_history import TEMPERATURE_PAST, WALL_DAYS, Floats, hours_of, microseconds_of
from energy_lib.vocabulary import WeatherKind

COLUMNS = ("temperature_c", "humidity_pct", "irradiance_w_m2")
# Base temperatures of heating and cooling need in degrees Celsius: 15.5 is the UK's (CIBSE TM41), 18 Eurostat's
# and, rounded, the 65 F of ASHRAE.
HEATING_BASE_C, COOLING_BASE_C = 15.5, 18.0
PERSISTENCE_DAYS = 7
WINDOW_HOURS = 168
# How far before the origin weather is looked at, in hours: the wall-clock days of known.py and a clock change.
WEATHER_REACH_HOURS = 24 * (WALL_DAYS + 1)
VARIABLES: dict[str, str] = {
    "temperature_c": "Air temperature of the interval, degrees Celsius: forecast known at the origin, else persistence",
    "temperature_lag_24h": "Observed air temperature 24 h (or the freshest whole days) before, degrees Celsius",
    "temperature_mean_24h": "Mean observed air temperature of the 24 h before the origin, degrees Celsius",
    "temperature_mean_168h": "Mean observed air temperature of the 168 h before the origin, degrees Celsius",
    "heating_degree_hours": "Degrees below 15.5 C in the interval, by temperature_c",
    "cooling_degree_hours": "Degrees above 18 C in the interval, by temperature_c",
    "heating_degree_mean_24h": "Mean degrees below 15.5 C over the observed 24 h before the origin",
    "humidity_pct": "Relative humidity of the interval, percent, known as temperature_c is",
    "irradiance_w_m2": "Global irradiance of the interval, W/m2, known as temperature_c is",
    "weather_is_forecast": "1: temperature_c is a forecast, 0: the past of the same hour (persistence)",
}


@dataclass(frozen=True)
class _Rows:
    """Rows of one kind, sorted so that the newest known row of an hour is found by one binary search."""

    key: NDArray[np.int64]
    hour: Hours
    values: dict[str, Floats]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> _Rows:
        hour, available = hours_of(frame["interval_start_utc"]), microseconds_of(frame["available_at_utc"])
        issued = microseconds_of(frame["issued_at_utc"])
        order = np.lexsort((issued, available, hour))
        key = _key(hour[order], -(-available[order] // 1_000_000))
        return cls(key, hour[order], {c: frame[c].to_numpy(np.float64)[order] for c in COLUMNS})

    def known(self, column: str, hours: Hours, origins: Hours) -> Floats:
        """Newest value of each hour available at its origin (broadcast against `hours`); NaN where there is none."""
        if not len(self.key):
            return np.full(hours.shape, np.nan)
        found = np.searchsorted(self.key, _key(hours, origins * 3600), side="right") - 1
        found = np.maximum(found, 0)
        fits = (self.hour[found] == hours) & (self.key[found] <= _key(hours, origins * 3600))
        return np.where(fits, self.values[column][found], np.nan)


def _key(hour: Hours, available_seconds: Hours) -> Hours:
    """Hour first, then the second it was known from: sorts as (hour, available)."""
    return (hour << 32) + np.clip(available_seconds, 0, 2**32 - 1)


@dataclass
class WeatherBook:
    """The weather of every location in reach; remembers the blocks it made, as meters share locations."""

    observed: dict[str, _Rows]
    forecast: dict[str, _Rows]
    _blocks: dict[tuple[str, bytes, int], dict[str, Floats]] = field(default_factory=dict)

    @classmethod
    def of(cls, weather: pd.DataFrame) -> WeatherBook:
        """From rows of silver.weather."""
        kinds = {}
        for kind in WeatherKind:
            rows = weather[weather["kind"] == kind.value]
            kinds[kind] = {str(location): _Rows.of(frame) for location, frame in rows.groupby("location_id")}
        return cls(kinds[WeatherKind.OBSERVED], kinds[WeatherKind.FORECAST])

    def block(self, location: str | None, origins: Hours, horizon_hours: int) -> dict[str, Floats]:
        """VARIABLES → (n, horizon) or (n,), and TEMPERATURE_PAST; empty where the location has no weather."""
        if location is None or (location not in self.observed and location not in self.forecast):
            return {}
        key = (location, origins.tobytes(), horizon_hours)
        if key not in self._blocks:
            if len(self._blocks) >= 16:
                self._blocks.pop(next(iter(self._blocks)))
            self._blocks[key] = self._compute(location, origins, horizon_hours)
        return self._blocks[key]

    def _compute(self, location: str, origins: Hours, horizon_hours: int) -> dict[str, Floats]:
        empty = _Rows(np.empty(0, np.int64), np.empty(0, np.int64), {})
        observed, forecast = self.observed.get(location, empty), self.forecast.get(location, empty)
        at = origins[:, None]
        intervals = at + np.arange(horizon_hours)
        whole_days = 24 * (np.arange(horizon_hours) // 24 + 1)
        forecasts = {c: forecast.known(c, intervals, at) for c in COLUMNS}
        composite = {c: _persist(observed, c, forecasts[c], intervals - whole_days, at) for c in COLUMNS}
        temperature = composite["temperature_c"]
        reach = observed.known("temperature_c", at - WEATHER_REACH_HOURS + np.arange(WEATHER_REACH_HOURS), at)
        past = reach[:, -WINDOW_HOURS:]
        kind = np.where(np.isnan(forecasts["temperature_c"]), 0.0, 1.0)
        return {
            **composite,
            "temperature_lag_24h": observed.known("temperature_c", intervals - whole_days, at),
            "temperature_mean_24h": bn.nanmean(past[:, -24:], axis=1),
            "temperature_mean_168h": bn.nanmean(past, axis=1),
            "heating_degree_hours": np.maximum(HEATING_BASE_C - temperature, 0),
            "cooling_degree_hours": np.maximum(temperature - COOLING_BASE_C, 0),
            "heating_degree_mean_24h": bn.nanmean(np.maximum(HEATING_BASE_C - past[:, -24:], 0), axis=1),
            "weather_is_forecast": np.where(np.isnan(temperature), np.nan, kind),
            TEMPERATURE_PAST: reach,
        }


def _persist(observed: _Rows, column: str, values: Floats, past: Hours, origins: Hours) -> Floats:
    """Fill what no forecast covers from the same hour of the freshest day that was known, up to a week back."""
    for day in range(PERSISTENCE_DAYS):
        unknown = np.isnan(values)
        if not unknown.any():
            break
        values = np.where(unknown, observed.known(column, past - 24 * day, origins), values)
    return values
