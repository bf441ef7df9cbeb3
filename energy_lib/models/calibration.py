"""Quantiles that hold what they promise: spreads rescaled on days the model did not learn from.

Conformalised quantile regression (Romano et al. 2019) with the score scaled by the model's own spread: for each pair
of quantiles (p10 and p90), fuel and day ahead, the distance from the median is multiplied by the factor that would have
been right. Both sides share it: that the median stood too high or too low is a mistake of that month, which a factor a
side would carry on into the next (docs/forecasting_research.md).

Hours weigh by a power of their spread. Of power 1, the factor is the one of least pinball loss, but large hours speak
for all; of power 0, hours in which next to nothing is expected (gas in summer), and missed by next to nothing, do. In
between both fuels and their median meters come closest to what was promised (docs/forecasting_research.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from energy_lib.encoding.tensors import Encoding, Floats, unscaled
from energy_lib.vocabulary import MEDIAN, QUANTILES, Fuel

LEVELS = np.array(list(QUANTILES.values()))
# Fewer hours than that say too little about a quantile of 5 %.
MIN_CELLS = 500
FACTOR_BOUNDS = (0.5, 2.5)
SMALLEST_SPREAD = 1e-6
WEIGHT_POWER = 0.75


@dataclass(frozen=True, slots=True)
class Calibration:
    """`factors` [fuel, day ahead, quantile]: what the distance from the median is multiplied by."""

    factors: npt.NDArray[np.float64]

    def applied(self, relative: Floats, fuel: npt.NDArray[np.int64]) -> Floats:
        """Quantiles [n, H, Q] over the level with calibrated distances; `fuel` [n] as index into Fuel."""
        day = np.minimum(np.arange(relative.shape[1]) // 24, self.factors.shape[1] - 1)
        median = relative[..., MEDIAN : MEDIAN + 1]
        moved = median + (relative - median) * self.factors[fuel][:, day]
        ordered: Floats = np.sort(moved, axis=-1).astype(np.float32)
        return ordered

    def as_json(self) -> list[Any]:
        return list(np.round(self.factors, 4).tolist())

    @classmethod
    def from_json(cls, values: list[Any]) -> Calibration:
        return cls(np.asarray(values, dtype=np.float64))


def fit(relative: Floats, target: Floats, known: npt.NDArray[np.bool_], fuel: npt.NDArray[np.int64]) -> Calibration:
    """From quantiles [n, H, Q] and targets [n, H] over the level; `known` [n, H]: hours that were measured."""
    days = -(-relative.shape[1] // 24)
    pooled = _factors(relative[known], target[known])
    factors = np.tile(np.ones(len(LEVELS)) if pooled is None else pooled, (len(Fuel), days, 1))
    day = np.arange(relative.shape[1]) // 24
    for code in range(len(Fuel)):
        for ahead in range(days):
            cells = known & (fuel == code)[:, None] & (day == ahead)[None, :]
            found = _factors(relative[cells], target[cells])
            if found is not None:
                factors[code, ahead] = found
    return Calibration(factors)


def fuel_of(features: Floats, encoding: Encoding) -> npt.NDArray[np.int64]:
    """[n]: each group's fuel as index into Fuel; raises InputMissing if the encoding has no fuel_code."""
    codes = unscaled(features[:, 0], encoding, "fuel_code")
    return np.asarray(np.clip(np.rint(codes), 0, len(Fuel) - 1), dtype=np.int64)


def _factors(said: Floats, actual: Floats) -> npt.NDArray[np.float64] | None:
    """[Q] from cells [N, Q] and [N]; None where they are too few."""
    if len(actual) < MIN_CELLS:
        return None
    factors = np.ones(len(LEVELS))
    quantiles = said.astype(np.float64)
    error = actual - quantiles[:, MEDIAN]
    for low in range(MEDIAN):
        high = len(LEVELS) - 1 - low
        distance = np.abs(np.where(error < 0, quantiles[:, low], quantiles[:, high]) - quantiles[:, MEDIAN])
        spread = distance > SMALLEST_SPREAD
        if spread.any():
            weights = (quantiles[spread, high] - quantiles[spread, low]) ** WEIGHT_POWER
            share = np.abs(error[spread]) / distance[spread]
            factors[[low, high]] = _weighted_quantile(share, weights, LEVELS[high] - LEVELS[low])
    return np.clip(factors, *FACTOR_BOUNDS)


def _weighted_quantile(
    values: npt.NDArray[np.float64], weights: npt.NDArray[np.float64], level: float
) -> npt.NDArray[np.float64]:
    """Smallest value below which `level` of the weight lies."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    found: npt.NDArray[np.float64] = values[order][np.searchsorted(reached, level * reached[-1])]
    return found
