"""Features that say how much to trust the others: level, imputed share, staleness; and what the meter is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bottleneck as bn
import numpy as np

from energy_lib.features.declarations import Feature
from energy_lib.features.known_history import Floats, Known, Meter
from energy_lib.vocabulary import Fuel

DAY_HOURS = 24


@dataclass(frozen=True)
class Level(Feature):
    """Mean absolute energy of the last days: what models scale a meter's energy by."""

    days: int

    @property
    def name(self) -> str:
        return f"level_{self.days}d"

    @property
    def comment(self) -> str:
        return f"Mean absolute hourly energy of the {self.days} days before the origin, kWh"

    @property
    def reach_hours(self) -> int:
        return self.days * DAY_HOURS

    def compute(self, known: Known) -> Floats:
        return np.asarray(bn.nanmean(np.abs(known.last(self.reach_hours)), axis=1))


@dataclass(frozen=True)
class ImputedShare(Feature):
    """Share of the last `hours` that was estimated, suspect or missing at the origin."""

    hours: int

    @property
    def name(self) -> str:
        return "imputed_share"

    @property
    def comment(self) -> str:
        return f"Share of the {self.hours} h before the origin that was estimated, suspect or missing, 0 to 1"

    @property
    def reach_hours(self) -> int:
        return self.hours

    def compute(self, known: Known) -> Floats:
        return np.asarray(known.window.imputed[:, known.reach_hours - self.hours :].mean(axis=1))


@dataclass(frozen=True)
class Staleness(Feature):
    """Hours from the end of the last hour that was read and unsuspect to the origin; `limit_hours` if there is none."""

    limit_hours: int

    @property
    def name(self) -> str:
        return "staleness_hours"

    @property
    def comment(self) -> str:
        return f"Hours from the end of the last read, unsuspect hour to the origin; {self.limit_hours} if none since"

    @property
    def reach_hours(self) -> int:
        return self.limit_hours

    def compute(self, known: Known) -> Floats:
        backwards = known.window.measured[:, ::-1][:, : self.limit_hours]
        return np.where(backwards.any(axis=1), backwards.argmax(axis=1), self.limit_hours).astype(np.float64)


def _log(value: float | None) -> float:
    return float(np.log(value)) if value is not None and value > 0 else np.nan


def _plain(value: float | None) -> float:
    return np.nan if value is None else float(value)


STATICS: dict[str, tuple[Callable[[Meter], float], str]] = {
    "fuel_code": (lambda meter: float(list(Fuel).index(Fuel(meter.fuel))), "0 electricity, 1 gas"),
    "log_floor_area": (lambda meter: _log(meter.floor_area_m2), "Natural logarithm of the floor area in m2"),
    "log_capacity": (lambda meter: _log(meter.capacity_kw), "Natural logarithm of the connection's limit in kW"),
    "latitude": (lambda meter: _plain(meter.latitude), "Degrees north"),
    "longitude": (lambda meter: _plain(meter.longitude), "Degrees east"),
}


@dataclass(frozen=True)
class Static(Feature):
    """An attribute of the meter (a key of STATICS)."""

    attribute: str

    @property
    def name(self) -> str:
        return self.attribute

    @property
    def comment(self) -> str:
        return STATICS[self.attribute][1]

    def compute(self, known: Known) -> Floats:
        return np.full(len(known.origins), STATICS[self.attribute][0](known.meter))


@dataclass(frozen=True)
class Calendar(Feature):
    """A field of the interval's local time (one of energy_lib.features.calendar.FIELDS)."""

    field: str

    @property
    def name(self) -> str:
        return self.field

    @property
    def comment(self) -> str:
        return f"{self.field.replace('_', ' ')} of the interval in the meter's local time"

    def compute(self, known: Known) -> Floats:
        return known.calendar.field(self.field, known.intervals).astype(np.float64)


@dataclass(frozen=True)
class Weather(Feature):
    """A weather variable as known at the origin (a key of energy_lib.features.weather.VARIABLES)."""

    variable: str
    reach: int
    text: str

    @property
    def name(self) -> str:
        return self.variable

    @property
    def comment(self) -> str:
        return self.text

    @property
    def reach_hours(self) -> int:
        return self.reach

    def compute(self, known: Known) -> Floats:
        block = known.weather.get(self.variable)
        return np.full(len(known.origins), np.nan) if block is None else block
