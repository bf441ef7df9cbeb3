"""What each register adds to the sums of its family, and each home to the counts: numbers before any is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from energy_lib.insights.access.degree_days import MonthWeather, normalised
from energy_lib.insights.access.meter_month import MeterMonth


@dataclass(frozen=True, slots=True)
class MeterKnown:
    """Of one meter beside its hours; None: not known. `interruptions`: minutes and number."""

    floor_area_m2: float | None
    weather: MonthWeather | None
    emissions_kg: float | None
    cost: float | None
    saving_kwh_per_year: float | None
    interruptions: tuple[float, int]


def meter_values(month: MeterMonth, known: MeterKnown) -> dict[str, float]:
    """Measure → what the meter adds; measures of which it is not known are left out."""
    weather = known.weather
    values: dict[str, float | None] = {
        "energy_kwh": month.energy_kwh,
        "normalised_kwh": None if weather is None else normalised(month.energy_kwh, month.daily_kwh, weather),
        "floor_energy_kwh": month.energy_kwh if known.floor_area_m2 else None,
        "own_peak_kw": month.own_peak_kw,
        "emissions_kg": known.emissions_kg,
        "cost": known.cost,
        "saving_kwh_per_year": known.saving_kwh_per_year,
        "evening_hours": month.evening_hours,
        "outage_minutes": known.interruptions[0],
        "interruptions": float(known.interruptions[1]),
    }
    return {name: value for name, value in values.items() if value is not None and np.isfinite(value)}


def by_measure(values_of: Mapping[str, Mapping[str, float]], names: tuple[str, ...]) -> dict[str, dict[str, float]]:
    """Measure → meter → value, from meter → measure → value."""
    return {name: {meter: values[name] for meter, values in values_of.items() if name in values} for name in names}


def commonest_currency(costs: Mapping[str, tuple[float | None, str]]) -> str | None:
    """Of the known costs of some meters, the currency of most of them; None if no cost is known."""
    found = [currency for cost, currency in costs.values() if cost is not None]
    return max(sorted(set(found)), key=found.count) if found else None
