"""Quantiles of a group of meters, from the sums of its meters' quantiles and where past actuals lay among such sums.

Sums of the meters' quantiles are the quantiles of the sum only if all meters err together (if they are comonotone),
and they seldom do. Past days show how far the group errs: the position of its actual among the sums of that day.
The quantiles of these past positions, read off today's sums, are the group's own quantiles.

This is conformalised quantile regression (Romano, Patterson & Candès 2019) with the comonotone sum as the model.
A position is a normal score between the quantiles (Dunn & Smyth 1996, Randomized quantile residuals). An empirical
copula (Schaake shuffle, Clark et al. 2004) would need hours that all meters have; this needs none.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import NormalDist

import numpy as np
import pandas as pd

from energy_lib.models.lowest_energy import lowest_kwh
from energy_lib.models.recent_history import Array
from energy_lib.vocabulary import MEDIAN, QUANTILES

NAMES = list(QUANTILES)
OWN_MEDIAN = "own_p50"
POSITIONS = [f"position_{name}" for name in NAMES]
SCORES: Array = np.array([NormalDist().inv_cdf(level) for level in QUANTILES.values()])
# How many past origins are used, and the fewest that are enough. Fourteen give intervals that are too narrow, and 56
# are no better (docs/forecasting.md).
PAST_ORIGINS, FEWEST_ORIGINS = 28, 10
SUM_OF_QUANTILES = "too_little_history: sum_of_quantiles"
# Positions are limited to this: of normal errors, one in 30,000 lies beyond.
FARTHEST = 4.0


def history_from(first: datetime, every_days: int) -> datetime:
    """The earliest past origin that is used for the quantiles of origin `first`."""
    return first - timedelta(days=PAST_ORIGINS * every_days)


def position(quantiles: Array, actual: Array) -> Array:
    """The position of `actual` [n] among `quantiles` [n, Q], both in kWh, as a normal score [n]; 0 is the median.

    Between two quantiles the score is linear, and the outermost lines go on beyond the outermost quantiles. An actual
    that equals several quantiles has the middle of their scores.
    """
    below = (quantiles < actual[:, None]).sum(axis=1)
    not_above = (quantiles <= actual[:, None]).sum(axis=1)
    left = np.clip(below - 1, 0, len(SCORES) - 2)
    row = np.arange(len(actual))
    low, width = quantiles[row, left], quantiles[row, left + 1] - quantiles[row, left]
    beyond = np.where(actual > low, np.inf, -np.inf)
    share = np.divide(actual - low, width, out=beyond, where=width > 0)
    between = SCORES[left] + share * (SCORES[left + 1] - SCORES[left])
    last = np.clip(not_above - 1, 0, len(SCORES) - 1)
    on_quantile = (SCORES[np.minimum(below, len(SCORES) - 1)] + SCORES[last]) / 2
    return np.clip(np.where(not_above > below, on_quantile, between), -FARTHEST, FARTHEST)


def own_quantiles(quantiles: Array, positions: Array, lowest: Array) -> Array:
    """`quantiles` [n, Q] in kWh, read at `positions` [n, Q] (normal scores that rise along Q).

    The result [n, Q] is not below `lowest` [n], and its quantiles do not cross.
    """
    left = np.clip(np.searchsorted(SCORES, positions) - 1, 0, len(SCORES) - 2)
    low, high = np.take_along_axis(quantiles, left, axis=1), np.take_along_axis(quantiles, left + 1, axis=1)
    share = (positions - SCORES[left]) / (SCORES[left + 1] - SCORES[left])
    own: Array = np.maximum(low + share * (high - low), lowest[:, None])
    return own


def around(median: Array, own: Array) -> Array:
    """`own` [n, Q] with its median replaced by `median` [n]: medians that are sums add up over groups.

    Quantiles that would then lie on the wrong side of the median are moved to it.
    """
    middle = median[:, None]
    sides = [np.minimum(own[:, :MEDIAN], middle), middle, np.maximum(own[:, MEDIAN + 1 :], middle)]
    return np.concatenate(sides, axis=1)


def positions_of(cells: pd.DataFrame) -> pd.DataFrame:
    """`position` of rows with QUANTILES and `actual`, as a frame for Spark."""
    positions = position(cells[NAMES].to_numpy(np.float64), cells["actual"].to_numpy(np.float64))
    return pd.DataFrame({"position": positions})


def spread_of(rows: pd.DataFrame) -> pd.DataFrame:
    """The group's QUANTILES and OWN_MEDIAN of rows with flow, QUANTILES (sums) and POSITIONS, for Spark.

    A row without positions keeps its sums of quantiles.
    """
    quantiles, positions = rows[NAMES].to_numpy(np.float64), rows[POSITIONS].to_numpy(np.float64)
    known, own_median = np.isfinite(positions).all(axis=1), quantiles[:, MEDIAN].copy()
    own = own_quantiles(quantiles[known], positions[known], lowest_kwh(rows)[known])
    quantiles[known] = around(own_median[known], own)
    own_median[known] = own[:, MEDIAN]
    return pd.DataFrame(quantiles, columns=NAMES).assign(**{OWN_MEDIAN: own_median})
