"""A year of one meter for tests of recommendations: series that are built so that the right answer is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from energy_lib.features.calendar import Place
from energy_lib.insights.recommendations.meter_year import Grid, MeterFacts, MeterYear
from energy_lib.insights.recommendations.prices import Prices

# 2024-07-01T00Z, a Monday: the hours before it are those of July 2023 to June 2024, and 35 days more.
END_HOUR = int(np.datetime64("2024-07-01T00", "h").astype(np.int64))
UTC = Place("UTC")


@cache
def grid(place: Place = UTC, end_hour: int = END_HOUR) -> Grid:
    return Grid.of(place, end_hour)


def year(
    kwh: Callable[[Grid], NDArray[Any]] | float,
    *,
    place: Place = UTC,
    end_hour: int = END_HOUR,
    price: float = 0.2,
    intensity: float = 0.1,
    temperature: Callable[[Grid], NDArray[Any]] | float = np.nan,
    known_days: int | None = None,
    facts: dict[str, Any] | None = None,
    **others: Any,
) -> MeterYear:
    """A meter that uses `kwh` in each hour, of which the last `known_days` days are known (None: all)."""
    hours = grid(place, end_hour)
    flat = np.full(hours.size, np.nan)

    def of(value: Any) -> NDArray[Any]:
        return np.asarray(value(hours) if callable(value) else np.full(hours.size, float(value)), dtype=float)

    energy = of(kwh)
    if known_days is not None:
        energy[: hours.size - 24 * known_days] = np.nan
    whole = MeterYear(
        meter=MeterFacts("m", "electricity"),
        grid=hours,
        kwh=energy,
        imputed=np.where(np.isnan(energy), np.nan, 0.0),
        suspect=np.zeros(hours.size, bool),
        temperature_c=of(temperature),
        irradiance_w_m2=flat,
        prices=Prices(today=of(price), then=of(price / 2), currency="GBP"),
        intensity_kg=of(intensity),
        marginal_kg=flat,
        forecast_c=np.full(72, np.nan),
        closed=np.zeros(len(hours.dates), bool),
    )
    return replace(whole, meter=replace(whole.meter, **(facts or {})), **others)


def office(hours: Grid, rest: float = 2.0, top: float = 10.0) -> NDArray[Any]:
    """`rest` kW, and `top` from 8 to 18 on Mondays to Fridays."""
    open_now = (hours.hour >= 8) & (hours.hour < 18) & ~hours.weekend[hours.day] & ~hours.holiday[hours.day]
    return np.where(open_now, top, rest)


def days_ago(hours: Grid) -> NDArray[Any]:
    """(n,): 0 on the last day."""
    return np.asarray(len(hours.dates) - 1 - hours.day)
