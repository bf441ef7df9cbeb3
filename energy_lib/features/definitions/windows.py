"""Statistics of the hours in a window that ends at the origin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bottleneck as bn
import numpy as np
from numpy.typing import NDArray

from energy_lib.features.arrays import Floats
from energy_lib.features.feature import UNITLESS, Feature
from energy_lib.features.known_history import KnownHistory

# Energy before each of n origins and a number of hours → (n,).
Statistic = Callable[[KnownHistory, int], Floats]


def _zero_share(history: KnownHistory, hours: int) -> Floats:
    window = history.last_hours(hours)
    count = (~np.isnan(window)).sum(axis=1)
    zeros = (window == 0).sum(axis=1)
    share: Floats = np.divide(zeros, count, out=np.full(len(count), np.nan), where=count > 0)
    return share


def _sorted_last_hours(history: KnownHistory, hours: int) -> NDArray[np.float32]:
    """Energy of the last hours in ascending order per origin, NaN at the end."""
    return np.sort(history.last_hours(hours).astype(np.float32), axis=1)


def _quantile(level: float) -> Statistic:
    def reduce(history: KnownHistory, hours: int) -> Floats:
        return sorted_quantile(history.once(_sorted_last_hours, hours), level)

    return reduce


def sorted_quantile(ordered: NDArray[np.float32], level: float) -> Floats:
    """Linear-interpolation quantile (NumPy's default) of rows sorted with NaN last; NaN for a row of NaN."""
    count = (~np.isnan(ordered)).sum(axis=1)
    place = level * np.maximum(count - 1, 0)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(count - 1, 0))
    rows = np.arange(len(ordered))
    below, above = ordered[rows, low].astype(np.float64), ordered[rows, high].astype(np.float64)
    between: Floats = below + (above - below) * (place - low)
    return between


STATISTICS: dict[str, Statistic] = {
    "mean": lambda history, hours: bn.nanmean(history.last_hours(hours), axis=1),
    "std": lambda history, hours: bn.nanstd(history.last_hours(hours), axis=1),
    "min": lambda history, hours: bn.nanmin(history.last_hours(hours), axis=1),
    "max": lambda history, hours: bn.nanmax(history.last_hours(hours), axis=1),
    "q10": _quantile(0.1),
    "q50": _quantile(0.5),
    "q90": _quantile(0.9),
    "zero_share": _zero_share,
}


@dataclass(frozen=True)
class Window(Feature):
    """A statistic (a key of STATISTICS) of the known hours in the window that ends at the origin."""

    statistic: str
    hours: int

    @property
    def name(self) -> str:
        return f"energy_{self.statistic}_{self.hours}h"

    @property
    def unit(self) -> str:
        return "kWh" if self.scaled_by_level else UNITLESS

    @property
    def scaled_by_level(self) -> bool:
        return self.statistic != "zero_share"

    @property
    def comment(self) -> str:
        unit = self.unit if self.scaled_by_level else "share 0 to 1"
        return f"{self.statistic} of hourly energy over the {self.hours} h before the origin, {unit}"

    @property
    def reach_hours(self) -> int:
        return self.hours

    def compute(self, history: KnownHistory) -> Floats:
        return STATISTICS[self.statistic](history, self.hours)


WINDOWS = (
    *(Window("mean", hours) for hours in (3, 6, 12, 72)),
    *(Window(statistic, hours) for hours in (24, 168, 672) for statistic in ("mean", "std", "min", "max")),
    *(Window(quantile, hours) for hours in (168, 672) for quantile in ("q10", "q50", "q90")),
    *(Window("zero_share", hours) for hours in (24, 168, 672)),
)
