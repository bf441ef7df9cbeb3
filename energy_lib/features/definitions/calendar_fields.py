"""The interval's local time: hour, day, season, weekends and holidays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from energy_lib.features.arrays import Floats
from energy_lib.features.calendar import FIELDS
from energy_lib.features.feature import UNITLESS, Feature
from energy_lib.features.known_history import KnownHistory

# The other fields are sines, cosines and flags.
UNITS = {"hour": "h", "weekday": "d", "month": "month"}


@dataclass(frozen=True)
class Calendar(Feature):
    """A field of the interval's local time (one of energy_lib.features.calendar.FIELDS), shape (n, horizon)."""

    field: str

    @property
    def name(self) -> str:
        return self.field

    @property
    def unit(self) -> str:
        return UNITS.get(self.field, UNITLESS)

    @property
    def comment(self) -> str:
        return f"{self.field.replace('_', ' ')} of the interval in the meter's local time"

    def compute(self, history: KnownHistory) -> Floats:
        return history.calendar.field(self.field, history.intervals).astype(np.float64)


CALENDAR_FIELDS = tuple(Calendar(field) for field in FIELDS)
