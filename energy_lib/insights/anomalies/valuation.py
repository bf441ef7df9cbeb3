"""What an event's energy costs and emits, by the tariff and the factor that hold on its first day; null with a reason
where there is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from energy_lib.vocabulary import Fuel

Row = dict[str, Any]
SCOPE = dict.fromkeys((Fuel.ELECTRICITY, Fuel.HEAT, Fuel.COOLING, Fuel.STEAM), "scope_2")
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Value:
    """An amount and its unit, or none and why."""

    amount: float | None
    unit: str | None
    reason: str | None


def cost_of(energy_kwh: float | None, hours: pd.DatetimeIndex, meter: Row, tariffs: Iterable[Row]) -> Value:
    """Energy at the mean unit rate of its local hours, VAT included.

    `hours`: the event's hours in local time. `tariffs`: rows of silver.tariffs. Charges for peaks and days are not part
    of it: energy that was not used would not have lowered them for sure.
    """
    if energy_kwh is None:
        return Value(None, None, "nothing was read that could be priced")
    tariff_id = meter.get("tariff_id")
    if not tariff_id:
        return Value(None, None, "the meter has no tariff_id in silver.meters")
    rows = [
        row
        for row in tariffs
        if row["tariff_id"] == tariff_id and row["fuel"] == meter["fuel"] and _holds(row, hours[0].date())
    ]
    rates = [row for row in rows if row["charge"] == "unit_rate" and row["flow"] in (None, meter.get("flow"))]
    if not rates:
        priced = any(row["charge"] == "price_series" for row in rows)
        why = "follows a price series: see gold.costs" if priced else f"has no unit rate on {hours[0].date()}"
        return Value(None, None, f"tariff {tariff_id} {why}")
    rate = np.full(len(hours), np.nan)
    for row in rates:
        rate[_in_window(row, hours)] = row["rate"] * (1 + row["vat_share"])
    if np.isnan(rate).any():
        return Value(None, None, f"tariff {tariff_id} has a hole: an hour of the event has no unit rate")
    return Value(energy_kwh * float(rate.mean()), rates[0]["currency"], None)


def emissions_of(energy_kwh: float | None, first: date, meter: Row, factors: Iterable[Row]) -> Value:
    """Energy times the location-based factor of its fuel and region: scope 2 of electricity, scope 1 of fuels."""
    if energy_kwh is None:
        return Value(None, None, "nothing was read that could be counted")
    fuel, region = meter["fuel"], meter.get("carbon_region")
    if not region:
        return Value(None, None, "the meter has no carbon_region in silver.meters")
    scope = SCOPE.get(fuel, "scope_1")
    fitting = [
        row
        for row in factors
        if (row["fuel"], row["region"], row["scope"], row["basis"]) == (fuel, region, scope, "location")
        and _holds(row, first)
    ]
    if not fitting:
        return Value(None, None, f"no factor of {fuel} in {region} holds on {first}")
    newest = max(fitting, key=lambda row: row["valid_from"])
    return Value(energy_kwh * float(newest["factor_kgco2e_per_kwh"]), "kgCO2e", None)


def _holds(row: Row, day: date) -> bool:
    return bool(row["valid_from"] <= day and (row["valid_to"] is None or day < row["valid_to"]))


def _in_window(row: Row, hours: pd.DatetimeIndex) -> np.ndarray[Any, np.dtype[np.bool_]]:
    hour, weekend = hours.hour.to_numpy(), hours.weekday.to_numpy() >= SATURDAY
    days = {"all": np.ones(len(hours), dtype=bool), "weekdays": ~weekend, "weekend": weekend}[row["days"]]
    start, end = row["from_hour"] or 0, 24 if row["to_hour"] is None else row["to_hour"]
    inside = (hour >= start) & (hour < end) if start < end else (hour >= start) | (hour < end)
    result: np.ndarray[Any, np.dtype[np.bool_]] = days & inside
    return result
