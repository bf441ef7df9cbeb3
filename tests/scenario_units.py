"""Homes and other buildings made by hand, for tests of scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from account_rows import meter

from energy_lib.insights.accounts.amounts import Floats
from energy_lib.insights.accounts.book import meters_of
from energy_lib.insights.accounts.hour_grid import HourGrid, grid_of
from energy_lib.insights.scenarios.assumption import Assumption
from energy_lib.insights.scenarios.load import Key, Register, Unit

ZONE = "Europe/London"
# 2024-01-01T00:00Z, in hours since the epoch: a Monday, and a holiday.
FIRST = 473352


def clock(days: int, first: int = FIRST, zone: str = ZONE, country: str | None = "GB") -> HourGrid:
    return grid_of(zone, None if country is None else "GBR", None, first, first + 24 * days)


def unit(
    series: Mapping[Key, Sequence[float] | Floats],
    temperature_c: Floats | None = None,
    irradiance_w_m2: Floats | None = None,
    *,
    unit_id: str = "home",
    use: str = "dwelling",
    area_id: str | None = "ward",
    roof_area_m2: float | None = None,
    hours: HourGrid | None = None,
) -> Unit:
    """A unit with a register for each series."""
    size = len(next(iter(series.values())))
    registers = []
    for (fuel, flow), kwh in series.items():
        row = meter(f"{unit_id}_{fuel}_{flow}", fuel=fuel, flow=flow, building_id=unit_id, country=None)
        (found,) = meters_of([row], []).values()
        registers.append(Register(found, (fuel, flow), np.asarray(kwh, dtype=float), 0.0))
    return Unit(
        unit_id,
        use == "dwelling",
        use,
        area_id,
        roof_area_m2,
        hours or clock(size // 24),
        temperature_c,
        irradiance_w_m2,
        tuple(registers),
    )


def assumed(central: float, low: float | None = None, high: float | None = None) -> Assumption:
    return Assumption(
        low=central if low is None else low, central=central, high=central if high is None else high, source="by hand"
    )


def values_of(measure: Any) -> dict[str, float]:
    found: dict[str, float] = measure.central()
    return found
