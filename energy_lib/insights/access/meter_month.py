"""A month of a meter, from its hours: energy, days, evenings, its own peak, and hours without any supply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from energy_lib.insights.access.privacy import Floats
from energy_lib.insights.accounts.hour_grid import HourGrid, month_grid, next_month

# No clock is further from UTC.
CLOCK_HOURS = 15
EVENING = (18, 22)
# An hour of use needs more than the base load, a low quantile of the month's hours, with some room.
BASE_QUANTILE, OVER_BASE, LEAST_KWH = 0.05, 1.5, 0.02
HOURS_OF_A_DAY = 20
# Of the hours of a month that must be known.
LEAST_KNOWN = 0.9
Family = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Register:
    """`family`: category, fuel and flow. `outages`: first hour (since the epoch), and the one after the last."""

    zone: str
    area_id: str
    family: Family
    outages: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class MeterMonth:
    """kWh, kW and hours; NaN where too little is known. `daily_kwh`: by local day of the month."""

    energy_kwh: float
    imputed_kwh: float
    own_peak_kw: float
    evening_hours: float
    disconnections: int
    daily_kwh: Floats


@dataclass
class HourlySums:
    """Sum and highest meter of each UTC hour of a month, from CLOCK_HOURS before it on, of one area's own meters."""

    total: Floats
    highest: Floats

    def add(self, other: HourlySums) -> None:
        self.total = self.total + other.total
        self.highest = np.maximum(self.highest, other.highest)


@dataclass
class MonthHours:
    """What the hours of some meters say of one month."""

    meters: dict[str, MeterMonth] = field(default_factory=dict)
    sums: dict[tuple[str, Family], HourlySums] = field(default_factory=dict)

    def add(self, other: MonthHours) -> None:
        self.meters |= other.meters
        for key, sums in other.sums.items():
            if key in self.sums:
                self.sums[key].add(sums)
            else:
                self.sums[key] = sums


def first_hour(month: date) -> int:
    """Of HourlySums: CLOCK_HOURS before the month begins in UTC, since the epoch."""
    return (month - date(1970, 1, 1)).days * 24 - CLOCK_HOURS


def month_hours_of(
    rows: pd.DataFrame, registers: Mapping[str, Register], month: date, longest_off_hours: int
) -> MonthHours:
    """`rows`: meter_id, hour (since the epoch), energy_kwh, imputed_share of one local month, in any order.

    A meter that is not among `registers`, or of which less than LEAST_KNOWN of the hours is known, is left out.
    """
    found = MonthHours()
    length = (next_month(month) - month) // timedelta(hours=1) + 2 * CLOCK_HOURS
    for meter_id, part in rows.groupby("meter_id"):
        register = registers.get(str(meter_id))
        if register is None:
            continue
        grid = month_grid(register.zone, None, None, month)
        place = part["hour"].to_numpy() - grid.first
        within = (place >= 0) & (place < len(grid.hours))
        kwh, imputed = np.full(len(grid.hours), np.nan), np.zeros(len(grid.hours))
        kwh[place[within]] = part["energy_kwh"].to_numpy(dtype=float)[within]
        imputed[place[within]] = part["imputed_share"].to_numpy(dtype=float)[within]
        known = np.isfinite(kwh)
        if known.mean() < LEAST_KNOWN:
            continue
        found.meters[str(meter_id)] = _facts(kwh, imputed, grid, register, longest_off_hours)
        start = grid.first - first_hour(month)
        dense = np.zeros(length)
        dense[start : start + len(kwh)] = np.where(known, kwh, 0.0)
        key = (register.area_id, register.family)
        sums = found.sums.setdefault(key, HourlySums(np.zeros(length), np.zeros(length)))
        sums.add(HourlySums(dense, dense))
    return found


def _facts(kwh: Floats, imputed: Floats, grid: HourGrid, register: Register, longest_off_hours: int) -> MeterMonth:
    known = np.isfinite(kwh)
    filled = np.where(known, kwh, 0.0)
    day = (grid.day - grid.day[0]).astype(int)
    by_day, hours = np.bincount(day, filled), np.bincount(day, known)
    is_power = register.family[1:] == ("electricity", "import")
    return MeterMonth(
        float(filled.sum()),
        float((filled * imputed).sum()),
        float(filled.max()),
        _evening_hours(kwh, day, grid.hour_of_day) if is_power else float("nan"),
        _disconnections(kwh, imputed, grid, register, longest_off_hours) if is_power else 0,
        np.where(hours >= HOURS_OF_A_DAY, by_day, np.nan),
    )


def _evening_hours(kwh: Floats, day: npt.NDArray[np.int64], hour_of_day: npt.NDArray[np.int64]) -> float:
    """Mean over the days whose whole evening is known."""
    base = float(np.nanquantile(kwh, BASE_QUANTILE))
    evening = (hour_of_day >= EVENING[0]) & (hour_of_day < EVENING[1])
    known, used = np.isfinite(kwh) & evening, (kwh > base * OVER_BASE + LEAST_KWH) & evening
    whole = np.bincount(day, known) >= EVENING[1] - EVENING[0]
    return float(np.bincount(day, used)[whole].mean()) if whole.any() else float("nan")


def _disconnections(kwh: Floats, imputed: Floats, grid: HourGrid, register: Register, longest_off_hours: int) -> int:
    """Runs of more than so many hours that were read as zero, none of them in an outage."""
    zero = (kwh <= 0) & (imputed == 0)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], zero.astype(int), [0]])))
    count = 0
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        in_outage = any(start < grid.first + end and stop > grid.first + first for start, stop in register.outages)
        count += end - first > longest_off_hours and not in_outage
    return count
