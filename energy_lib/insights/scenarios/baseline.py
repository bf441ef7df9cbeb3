"""The year that a scenario changes: its whole months, and the homes and buildings that were read in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from energy_lib.insights.accounts.amounts import Bools, Floats
from energy_lib.insights.accounts.book import Book, Meter
from energy_lib.insights.accounts.hour_grid import HourGrid, month_hours, next_month
from energy_lib.insights.scenarios.load import Key, Register, Unit
from energy_lib.vocabulary import Flow

Row = dict[str, Any]
MONTHS = 12
# Of a month's hours that must be known for a register to have been read in it; of the registers, how many must be.
LEAST_KNOWN, LEAST_REGISTERS = 0.9, 0.5


@dataclass(frozen=True, eq=False)
class Read:
    """Hours of registers (registers, n) from `first_hour` (since the epoch) on: kWh, NaN unknown, and imputed kWh."""

    ids: list[str]
    first_hour: int
    kwh: Floats
    imputed_kwh: Floats


@dataclass(frozen=True, eq=False)
class Baseline:
    """`counted` (units, n): hours of the months that count, on each unit's own clock. `left_out`: units."""

    units: list[Unit]
    counted: Bools
    first_hour: int
    months: tuple[date, ...]
    left_out: int

    @property
    def days(self) -> int:
        return sum((next_month(month) - month).days for month in self.months)

    @property
    def first_day(self) -> date:
        return self.months[0]

    @property
    def last_day(self) -> date:
        return next_month(self.months[-1]) - timedelta(days=1)

    def imputed_share(self, members: npt.NDArray[np.int64]) -> float:
        registers = [register for place in members.tolist() for register in self.units[place].registers]
        total = sum(float(np.nansum(np.abs(register.kwh))) for register in registers)
        return sum(register.imputed_kwh for register in registers) / total if total > 0 else 0.0


def months_before(day: date) -> list[date]:
    """The twelve months that end before the day, oldest first."""
    found = [day.replace(day=1)]
    while len(found) <= MONTHS:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[:0:-1]


def whole_months(read: Read, meters: Mapping[str, Meter], months: Iterable[date]) -> tuple[date, ...]:
    """Those in which half of the registers were read."""
    found = []
    for month in months:
        known = [known_share(read, place, meters[name], [month]) for place, name in enumerate(read.ids)]
        if known and np.mean(np.array(known) >= LEAST_KNOWN) >= LEAST_REGISTERS:
            found.append(month)
    return tuple(found)


def known_share(read: Read, place: int, meter: Meter, months: Sequence[date]) -> float:
    hours = np.concatenate([month_slice(read.first_hour, meter.profile.zone, month) for month in months])
    return float(np.isfinite(read.kwh[place, hours]).mean())


@lru_cache(maxsize=4096)
def month_slice(first_hour: int, zone: str, month: date) -> npt.NDArray[np.int64]:
    """Places of the local month's hours in a series."""
    first, end = month_hours(zone, month)
    return np.arange(first - first_hour, end - first_hour)


@dataclass(frozen=True, eq=False)
class Surroundings:
    """`clocks` by zone, country and subdivision; `weather`: location → name → series (n,) without gaps."""

    rows: Mapping[str, Row]
    buildings: Mapping[str, Row]
    clocks: Mapping[tuple[str, str | None, str | None], HourGrid]
    weather: Mapping[str, Mapping[str, Floats]]
    home_uses: tuple[str, ...]


def baseline_of(read: Read, book: Book, months: tuple[date, ...], around: Surroundings) -> Baseline:
    """Units of which every register was read, but those of generation, which are in no bill."""
    places = {name: place for place, name in enumerate(read.ids)}
    together: dict[str, list[str]] = {}
    for name in sorted(around.rows):
        together.setdefault(around.rows[name]["building_id"] or name, []).append(name)
    units, counted, left_out = [], [], 0
    for unit_id, names in sorted(together.items()):
        is_read = {
            name: name in places and known_share(read, places[name], book.meters[name], months) >= LEAST_KNOWN
            for name in names
        }
        needed = [name for name in names if book.meters[name].profile.flow != Flow.GENERATION]
        if not needed or not all(is_read[name] for name in needed):
            left_out += 1
            continue
        members = [name for name in names if is_read[name]]
        zone = book.meters[members[0]].profile.zone
        hours = np.zeros(read.kwh.shape[1], bool)
        hours[np.concatenate([month_slice(read.first_hour, zone, month) for month in months])] = True
        units.append(_unit(unit_id, members, read, places, book, around, hours))
        counted.append(hours)
    return Baseline(units, np.array(counted), read.first_hour, months, left_out)


def _unit(
    unit_id: str, names: list[str], read: Read, places: dict[str, int], book: Book, around: Surroundings, hours: Bools
) -> Unit:
    row = around.rows[names[0]]
    building = around.buildings.get(unit_id, {})
    use = row["use"] or building.get("use")
    sky = around.weather.get(row["weather_location_id"], {})
    registers = []
    for name in names:
        meter, place = book.meters[name], places[name]
        key: Key = (meter.profile.fuel, meter.profile.flow)
        imputed = float(np.nansum(read.imputed_kwh[place][hours]))
        registers.append(Register(meter, key, read.kwh[place], imputed))
    return Unit(
        unit_id,
        use in around.home_uses,
        use,
        next((around.rows[name]["area_id"] for name in names if around.rows[name]["area_id"]), None),
        building.get("roof_area_m2"),
        around.clocks[row["zone"], row["country"], row["subdivision"]],
        sky.get("temperature_c"),
        sky.get("irradiance_w_m2"),
        tuple(registers),
    )
