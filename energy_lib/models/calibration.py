"""Calibrated quantiles: spreads are rescaled on days from which the model did not learn.

Conformalised quantile regression (Romano et al. 2019) with the score scaled by the model's own spread: for each pair
of quantiles (p10 and p90), commodity and day ahead, the distance from the median is multiplied by the factor that would
have been right. Both sides share the factor: a median that was too high or too low in one month says nothing about the
next, and a factor for each side would carry the error on (docs/benchmarks/forecasting_research.md).

Hours are weighted by a power of their spread. With power 1 the factor has the least pinball loss, but hours of large
spread decide it. With power 0, idle hours (gas in summer) decide it. In between, coverage is closest to the nominal one
for both fuels and their median meters (docs/benchmarks/forecasting_research.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from energy_lib.encoding.tensors import Encoding, Floats, unscaled
from energy_lib.vocabulary import COMMODITIES, MEDIAN, QUANTILES

LEVELS = np.array(list(QUANTILES.values()))
# A quantile of 5 % cannot be estimated from fewer hours.
MIN_CELLS = 500
FACTOR_BOUNDS = (0.5, 2.5)
SMALLEST_SPREAD = 1e-6
WEIGHT_POWER = 0.75


@dataclass(frozen=True, slots=True)
class Calibration:
    """`factors` [commodity, day ahead, quantile]: what the distance from the median is multiplied by."""

    factors: npt.NDArray[np.float64]

    def applied(self, relative: Floats, commodity: npt.NDArray[np.int64]) -> Floats:
        """Quantiles [n, H, Q] over the level with calibrated distances; `commodity` [n] as index into COMMODITIES.

        A commodity declared after the fit takes the factors of the last one declared before.
        """
        commodity = np.minimum(commodity, len(self.factors) - 1)
        day = np.minimum(np.arange(relative.shape[1]) // 24, self.factors.shape[1] - 1)
        median = relative[..., MEDIAN : MEDIAN + 1]
        moved = median + (relative - median) * self.factors[commodity][:, day]
        ordered: Floats = np.sort(moved, axis=-1).astype(np.float32)
        return ordered

    def as_json(self) -> list[Any]:
        return list(np.round(self.factors, 4).tolist())

    @classmethod
    def from_json(cls, values: list[Any]) -> Calibration:
        return cls(np.asarray(values, dtype=np.float64))


def fit(
    relative: Floats, target: Floats, known: npt.NDArray[np.bool_], commodity: npt.NDArray[np.int64]
) -> Calibration:
    """Factors from quantiles [n, H, Q] and targets [n, H] over the level; `known` [n, H]: hours that were measured.

    A commodity and day ahead with fewer than MIN_CELLS hours takes the factors of all together.
    """
    days = -(-relative.shape[1] // 24)
    pooled = _factors(relative[known], target[known])
    factors = np.tile(np.ones(len(LEVELS)) if pooled is None else pooled, (len(COMMODITIES), days, 1))
    day = np.arange(relative.shape[1]) // 24
    for code in range(len(COMMODITIES)):
        for ahead in range(days):
            cells = known & (commodity == code)[:, None] & (day == ahead)[None, :]
            of_cells = _factors(relative[cells], target[cells])
            if of_cells is not None:
                factors[code, ahead] = of_cells
    return Calibration(factors)


def commodity_of(features: Floats, encoding: Encoding) -> npt.NDArray[np.int64]:
    """[n]: each group's commodity as index into COMMODITIES; raises InputMissing if the encoding has no fuel_code."""
    codes = unscaled(features[:, 0], encoding, "fuel_code")
    # np.clip takes three times as long for the one meter of a request.
    return np.asarray(np.minimum(np.maximum(np.rint(codes), 0), len(COMMODITIES) - 1), dtype=np.int64)


def _factors(predicted: Floats, actual: Floats) -> npt.NDArray[np.float64] | None:
    """Factors [Q] from quantiles [N, Q] and actuals [N]; None for fewer than MIN_CELLS."""
    if len(actual) < MIN_CELLS:
        return None
    factors = np.ones(len(LEVELS))
    quantiles = predicted.astype(np.float64)
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
    quantile: npt.NDArray[np.float64] = values[order][np.searchsorted(reached, level * reached[-1])]
    return quantile
