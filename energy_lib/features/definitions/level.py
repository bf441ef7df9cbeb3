"""The meter's recent level of use, which models scale its energy by."""

from __future__ import annotations

from dataclasses import dataclass

import bottleneck as bn
import numpy as np

from energy_lib.features.arrays import Floats
from energy_lib.features.feature import Feature
from energy_lib.features.known_history import KnownHistory

DAY_HOURS = 24


@dataclass(frozen=True)
class Level(Feature):
    """Mean absolute energy of the last `days`, shape (n,): what models divide the features `scaled_by_level` by."""

    days: int

    unit = "kWh"

    @property
    def name(self) -> str:
        return f"level_{self.days}d"

    @property
    def comment(self) -> str:
        return f"Mean absolute hourly energy of the {self.days} days before the origin, {self.unit}"

    @property
    def reach_hours(self) -> int:
        return self.days * DAY_HOURS

    def compute(self, history: KnownHistory) -> Floats:
        return np.asarray(bn.nanmean(np.abs(history.last_hours(self.reach_hours)), axis=1))


LEVEL = (Level(28),)
