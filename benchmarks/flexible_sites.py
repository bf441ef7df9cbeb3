"""Sites for the replay of flexibility: real meters of the folder with assets of a stated size, and causal forecasts.

A site is one electricity meter. What it has is sized by its load of the year before: a battery of BATTERY_HOURS of
its mean load, a charger that uses CHARGER_SHARE of a mean day between 17:00 and 07:00 on top of the readings, and a
limit at the LIMIT_LEVEL quantile of that year's hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.insights.schedules.windows import LocalHours

Floats = NDArray[np.float64]
ZONE = "Europe/London"
DAY, WEEK, HORIZON = 24, 168, 48
WEEKS, RESIDUAL_DAYS, MEAN_DAYS = 4, 56, 28
UPPER = 0.95
BATTERY_HOURS, CHARGER_SHARE, LIMIT_LEVEL = 2.0, 0.1, 0.99
EFFICIENCY, WEAR, LOWEST, HIGHEST = 0.9, 0.02, 0.1, 0.9
MISSING_SHARE = 0.01
# The hours before and after a plan that its windows may reach into.
BEFORE, AFTER = 30, 2


@dataclass(frozen=True)
class Market:
    """Price [currency/kWh] and intensity [kg/kWh] of every hour on its local clock, and what an origin expects."""

    clock: pd.DatetimeIndex
    price: Floats
    intensity: Floats

    @cached_property
    def days(self) -> NDArray[np.datetime64]:
        return self.clock.to_numpy().astype("datetime64[D]")

    @cached_property
    def hours(self) -> NDArray[np.int64]:
        return np.asarray(self.clock.hour, dtype=np.int64)

    @cached_property
    def months(self) -> NDArray[np.int64]:
        """A number for each local month."""
        return np.asarray(self.clock.year * 12 + self.clock.month, dtype=np.int64)

    def local_hours(self, origin: int) -> LocalHours:
        """The local clock around an origin."""
        around = slice(origin - BEFORE, origin + HORIZON + AFTER)
        return LocalHours(BEFORE, self.days[around], self.hours[around])

    def expected(self, values: Floats, origin: int) -> Floats:
        """For HORIZON hours the mean of the same UTC hour over the MEAN_DAYS days before the origin."""
        return np.tile(values[origin - MEAN_DAYS * DAY : origin].reshape(MEAN_DAYS, DAY).mean(axis=0), HORIZON // DAY)

    def prices_at(self, origin: int) -> Floats:
        """Day-ahead prices of the origin's day are known at its start; those of the next day are expected."""
        known = self.price[origin : origin + DAY]
        return np.concatenate([known, self.expected(self.price, origin)[DAY:]])


@dataclass(frozen=True)
class Forecasts:
    """Median and upper quantile of each hour, as issued at any origin up to 48 h before it: `upper` by origin's day."""

    median: Floats
    spread: Floats

    def at(self, origin: int) -> tuple[Floats, Floats]:
        median = self.median[origin : origin + HORIZON]
        return median, np.maximum(median + np.tile(self.spread[origin // DAY], HORIZON // DAY), median)


@dataclass(frozen=True)
class ReplayedSite:
    """A meter's load [kW], its forecasts, and its assets as rows of silver.assets."""

    name: str
    load: Floats
    forecasts: Forecasts
    assets: list[dict[str, Any]]
    limit_kw: float


def causal_forecasts(load: Floats) -> Forecasts:
    """The mean of the same hour of the week over four weeks, and the 95 % quantile of its own errors by hour of day.

    Both use readings before the origin alone: of an hour at most 48 h ahead the same hour a week before is past, and
    the errors are those of the 56 days before the origin. `load` begins at a UTC midnight.
    """
    lags = np.full((WEEKS, len(load)), np.nan)
    for week in range(1, WEEKS + 1):
        lags[week - 1, week * WEEK :] = load[: -week * WEEK]
    median = lags.mean(axis=0)
    errors = (load - median)[: len(load) // DAY * DAY].reshape(-1, DAY)
    spread = pd.DataFrame(errors).rolling(RESIDUAL_DAYS).quantile(UPPER).shift(1).to_numpy()
    return Forecasts(median, spread)


def read_market(folder: Path, first: date, last: date) -> Market:
    def series(name: str) -> pd.Series[float]:
        frame = pd.read_csv(folder / name, index_col=0, parse_dates=True)
        return frame.iloc[:, 0]

    hours = pd.date_range(first, last, freq="h", inclusive="left")
    price, intensity = (series(name).reindex(hours) for name in ("price.csv.gz", "carbon_intensity.csv.gz"))
    clock = hours.tz_localize("UTC").tz_convert(ZONE).tz_localize(None)
    return Market(clock, price.ffill().to_numpy(float), intensity.ffill().to_numpy(float))


def read_sites(folder: Path, year: int, count: int) -> list[ReplayedSite]:
    """So many meters, evenly by size, among those that miss and read zero in less than 1 % of two years' hours."""
    readings = pd.concat(pd.read_parquet(folder / f"readings-{y}.parquet") for y in (year - 1, year))
    electricity = readings[readings["fuel"] == "electricity"]
    hours = pd.date_range(f"{year - 1}-01-01", f"{year + 1}-01-01", freq="h", inclusive="left")
    wide = electricity.pivot_table(index="ts_utc", columns="meter_id", values="kwh").reindex(hours).astype(float)
    unread = wide.isna() | (wide == 0)
    years = unread.groupby(hours.year).mean()
    usable = wide.loc[:, (years < MISSING_SHARE).all()].ffill().bfill()
    by_size = usable.mean().sort_values().index
    places = np.linspace(0, len(by_size) - 1, min(count, len(by_size))).round().astype(int)
    return [
        _site(str(by_size[place]), usable[by_size[place]].to_numpy(), np.asarray(hours.year < year)) for place in places
    ]


def _site(name: str, load: Floats, year_before: NDArray[np.bool_]) -> ReplayedSite:
    before = load[year_before]
    mean, limit = float(before.mean()), float(np.quantile(before, LIMIT_LEVEL))
    capacity, energy = BATTERY_HOURS * mean, CHARGER_SHARE * mean * DAY
    shared: dict[str, Any] = dict.fromkeys(
        ("meter_id", "from_hour", "to_hour", "valid_to", "lowest_power_kw", "minimum_run_hours", "discharge_kw")
    )
    shared |= {"site_id": name, "valid_from": date(2000, 1, 1)}
    battery = {
        "asset_id": "battery", "kind": "battery", "power_kw": capacity / 2, "energy_kwh": capacity,
        "round_trip_efficiency": EFFICIENCY, "wear_cost_per_kwh": WEAR,
        "lowest_charge_share": LOWEST, "highest_charge_share": HIGHEST,
    }  # fmt: skip
    charger: dict[str, Any] = {
        "asset_id": "charger",
        "kind": "flexible_load",
        "power_kw": energy / 4,
        "energy_kwh": energy,
    }
    grid = {"asset_id": "grid", "kind": "site_limit", "power_kw": limit}
    assets = [shared | asset for asset in (battery, charger | {"from_hour": 17, "to_hour": 7}, grid)]
    return ReplayedSite(name, load, causal_forecasts(load), assets, limit)
