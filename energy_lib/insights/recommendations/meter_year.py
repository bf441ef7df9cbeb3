"""What a recommendation may look at: a meter's last 400 days, hour by hour, and what is known of the meter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import bottleneck as bn
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.features.calendar import LocalCalendar, Place
from energy_lib.insights.recommendations.change_point import HeatingModel, fit_heating
from energy_lib.insights.recommendations.prices import Prices

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

REACH_DAYS = 400
YEAR_HOURS = 8760
BLOCK_DAYS = 28
# Days of the calendar beyond the last hour, to see where a holiday in progress ends.
AHEAD_DAYS = 28
# A local day counts where so many of its hours are known.
DAY_HOURS = 20
BASE_HOURS = 3


@dataclass(frozen=True, eq=False)
class Grid:
    """The hours of a place, oldest first, and their local calendar.

    `first_hour`: hours since 1970-01-01T00Z of the first of n hours. `day` (n,): index of the local day; `hour` (n,):
    local hour 0 to 23. Of the days (days,): `dates` (datetime64[D]), `weekend`, `holiday`. `off_ahead`: for each of
    AHEAD_DAYS days after the last hour, whether it is a weekend or a holiday.
    """

    first_hour: int
    day: Ints
    hour: Ints
    dates: NDArray[np.datetime64]
    weekend: Bools
    holiday: Bools
    off_ahead: Bools

    @classmethod
    def of(cls, place: Place, end_hour: int) -> Grid:
        """The REACH_DAYS days of a place before `end_hour` (hours since 1970-01-01T00Z)."""
        first = end_hour - 24 * REACH_DAYS
        hours = np.arange(first, end_hour + 24 * AHEAD_DAYS, dtype=np.int64)
        calendar = LocalCalendar(place, first, int(hours[-1]))
        local = pd.DatetimeIndex(hours.astype("datetime64[h]").astype("datetime64[ns]"), tz="UTC").tz_convert(
            place.zone
        )
        days = local.tz_localize(None).to_numpy().astype("datetime64[D]")
        off = calendar.field("is_day_off", hours) > 0
        n = end_hour - first
        dates, first_of, day = np.unique(days[:n], return_index=True, return_inverse=True)
        ahead_dates, ahead_first = np.unique(days[n:], return_index=True)
        later = ahead_dates > dates[-1]
        past = hours[:n]
        return cls(
            first_hour=first,
            day=day.astype(np.int64),
            hour=calendar.field("hour", past).astype(np.int64),
            dates=dates,
            weekend=(calendar.field("is_weekend", past) > 0)[first_of],
            holiday=(calendar.field("is_holiday", past) > 0)[first_of],
            off_ahead=off[n:][ahead_first][later],
        )

    @property
    def size(self) -> int:
        return len(self.day)

    def matrix(self, values: Floats) -> Floats:
        """(n,) → (days, 24): by local day and hour; of an hour that the clock doubles the second one stands."""
        out = np.full((len(self.dates), 24), np.nan)
        out[self.day, self.hour] = values
        return out

    def by_day(self, values: Floats) -> Floats:
        """(n,) → (days,): sums of days of which DAY_HOURS hours are known, scaled to 24; else NaN."""
        known = ~np.isnan(values)
        count = np.bincount(self.day[known], minlength=len(self.dates))
        total = np.bincount(self.day[known], weights=values[known], minlength=len(self.dates))
        out = np.full(len(self.dates), np.nan)
        np.divide(total * 24, count, out=out, where=count >= DAY_HOURS)
        return out

    @cached_property
    def block(self) -> Ints:
        """(days,): number of the four weeks a day is in, counted back from the last day."""
        return (len(self.dates) - 1 - np.arange(len(self.dates), dtype=np.int64)) // BLOCK_DAYS


@dataclass(frozen=True, slots=True)
class MeterFacts:
    """What silver.meters and silver.buildings say of a meter; null where they say nothing."""

    meter_id: str
    fuel: str
    building_id: str | None = None
    site_id: str | None = None
    use: str | None = None
    floor_area_m2: float | None = None
    roof_area_m2: float | None = None
    capacity_kw: float | None = None
    agreed_capacity_kw: float | None = None


@dataclass(frozen=True, slots=True)
class Peers:
    """How like buildings (same use and fuel, the meter's own among them) use energy per m2: quartiles and their number.

    `own` and the quartiles are weather-normalised kWh per m2 and year; `own_base` and its quartiles W per m2.
    """

    buildings: int
    own: float
    quartiles: tuple[float, float, float]
    own_base: float
    base_quartiles: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Fault:
    """An open event of gold.anomalies that says that the meter, not the building, is at fault; `kind` is its type."""

    kind: str
    since: date


@dataclass(frozen=True, eq=False)
class MeterYear:
    """One meter's inputs. All series are (n,) on `grid`; NaN is unknown. Energies of an hour are kWh, or mean kW.

    `kwh`: measured and unsuspect hours alone; `imputed`: share of each hour that was estimated, `suspect`: hours that a
    rule of cleaning holds suspect, of those that were read. `intensity_kg` is the average, kgCO2e per kWh, and
    `marginal_kg` the marginal one. `forecast_c`: forecast temperature of the coming hours. `closed` (days,): days of a
    closure in silver.events; `closed_days_ahead`: days that one in progress goes on.
    """

    meter: MeterFacts
    grid: Grid
    kwh: Floats
    imputed: Floats
    suspect: Bools
    temperature_c: Floats
    irradiance_w_m2: Floats
    prices: Prices
    intensity_kg: Floats
    marginal_kg: Floats
    forecast_c: Floats
    closed: Bools
    closed_days_ahead: int = 0
    flexible_kwh_per_day: float | None = None
    faults: tuple[Fault, ...] = ()
    peers: Peers | None = None

    @cached_property
    def matrix(self) -> Floats:
        """(days, 24): `kwh` by local day and hour."""
        return self.grid.matrix(self.kwh)

    @cached_property
    def daily_kwh(self) -> Floats:
        return self.grid.by_day(self.kwh)

    @cached_property
    def daily_c(self) -> Floats:
        """(days,): mean temperature, degrees Celsius."""
        return self.grid.by_day(self.temperature_c) / 24

    @cached_property
    def workday(self) -> Bools:
        return ~(self.grid.weekend | self.grid.holiday | self.closed)

    @cached_property
    def base_kw(self) -> Floats:
        """(days,): base load, the mean of the day's BASE_HOURS lowest hours, kW; NaN where too few hours are known."""
        lowest = np.sort(self.matrix, axis=1)[:, :BASE_HOURS].mean(axis=1)
        return np.where((~np.isnan(self.matrix)).sum(axis=1) >= DAY_HOURS, lowest, np.nan)

    @cached_property
    def known_days(self) -> int:
        """Days of the last year that are known."""
        return int((~np.isnan(self.daily_kwh[-365:])).sum())

    @cached_property
    def imputed_share(self) -> float:
        """Mean over the last year's hours that have a value, 0 to 1."""
        share = float(bn.nanmean(self.imputed[-YEAR_HOURS:]))
        return 0.0 if np.isnan(share) else share

    @cached_property
    def heating(self) -> HeatingModel | None:
        """How working days' energy rises with the cold; None where it does not."""
        use = self.workday
        return fit_heating(self.daily_c[use], self.daily_kwh[use])

    def spread(self, daily: Floats) -> Floats:
        """(days,) kWh a day → (n,): over the day's hours in proportion to their energy, none above the hour's own."""
        total = self.daily_kwh[self.grid.day]
        share = np.divide(daily[self.grid.day], total, out=np.zeros(self.grid.size), where=total > 0)
        return np.where(np.isnan(self.kwh), np.nan, self.kwh * np.clip(np.nan_to_num(share), 0, 1))
