"""How much of the recent past was read: imputed share and staleness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from energy_lib.features.arrays import Floats
from energy_lib.features.definitions.lags import DAY_HOURS, HISTORY_DAYS
from energy_lib.features.feature import UNITLESS, Feature
from energy_lib.features.known_history import KnownHistory


@dataclass(frozen=True)
class ImputedShare(Feature):
    """Share of the last `hours` that was estimated, suspect or missing at the origin, shape (n,)."""

    hours: int

    unit = UNITLESS

    @property
    def name(self) -> str:
        return "imputed_share"

    @property
    def comment(self) -> str:
        return f"Share of the {self.hours} h before the origin that was estimated, suspect or missing, 0 to 1"

    @property
    def reach_hours(self) -> int:
        return self.hours

    def compute(self, history: KnownHistory) -> Floats:
        return np.asarray(history.window.imputed[:, history.reach_hours - self.hours :].mean(axis=1))


@dataclass(frozen=True)
class Staleness(Feature):
    """Hours from the end of the last read, unsuspect hour to the origin, shape (n,); `limit_hours` if there is none."""

    limit_hours: int

    unit = "h"

    @property
    def name(self) -> str:
        return "staleness_hours"

    @property
    def comment(self) -> str:
        return f"Hours from the end of the last read, unsuspect hour to the origin; {self.limit_hours} if none since"

    @property
    def reach_hours(self) -> int:
        return self.limit_hours

    def compute(self, history: KnownHistory) -> Floats:
        backwards = history.window.measured[:, ::-1][:, : self.limit_hours]
        return np.where(backwards.any(axis=1), backwards.argmax(axis=1), self.limit_hours).astype(np.float64)


READING_QUALITY = (ImputedShare(DAY_HOURS * HISTORY_DAYS), Staleness(672))
