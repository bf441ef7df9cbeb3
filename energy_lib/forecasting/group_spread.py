"""How wide a sum of meters is: sums of quantiles, read anew by where past sums fell among theirs.

Sums of the meters' quantiles are the group's if all meters err together (they are comonotone); they seldom do. Where
the group's actual stood among such sums on past days says how far the group errs: the quantiles of these positions,
put into today's sums, are its own. That is conformalised quantile regression (Romano et al. 2019) of the group with
the comonotone sum as its model, positions being normal scores between the quantiles (Dunn & Smyth 1996).
Of an empirical copula (Schaake shuffle, Clark et al. 2004) it needs no hour that all meters have.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import NormalDist

import numpy as np
import pandas as pd

from energy_lib.models.recent_history import Array
from energy_lib.vocabulary import MEDIAN, QUANTILES

NAMES = list(QUANTILES)
OWN_MEDIAN = "own_p50"
POSITIONS = [f"position_{name}" for name in NAMES]
SCORES: Array = np.array([NormalDist().inv_cdf(level) for level in QUANTILES.values()])
# As many origins back errors are looked at, and as few as will do. Fourteen are too narrow, and 56 no better
# (docs/forecasting.md).
PAST_ORIGINS, FEWEST_ORIGINS = 28, 10
SUM_OF_QUANTILES = "too_little_history: sum_of_quantiles"
# No sum is taken to lie further out: one in 30,000, were it normal.
FARTHEST = 4.0


def history_from(first: datetime, every_days: int) -> datetime:
    """How far back the errors are looked at that shape the spread of origin `first`."""
    return first - timedelta(days=PAST_ORIGINS * every_days)


def position(quantiles: Array, actual: Array) -> Array:
    """Where `actual` [n] stands among `quantiles` [n, Q] of the same unit, as a normal score [n]: 0 is the median.

    Straight lines between the quantiles, the outer ones going on beyond; of quantiles that are equal, their middle.
    """
    below = (quantiles < actual[:, None]).sum(axis=1)
    upto = (quantiles <= actual[:, None]).sum(axis=1)
    left = np.clip(below - 1, 0, len(SCORES) - 2)
    row = np.arange(len(actual))
    low, width = quantiles[row, left], quantiles[row, left + 1] - quantiles[row, left]
    beyond = np.where(actual > low, np.inf, -np.inf)
    share = np.divide(actual - low, width, out=beyond, where=width > 0)
    between = SCORES[left] + share * (SCORES[left + 1] - SCORES[left])
    last = np.clip(upto - 1, 0, len(SCORES) - 1)
    on = (SCORES[np.minimum(below, len(SCORES) - 1)] + SCORES[last]) / 2
    return np.clip(np.where(upto > below, on, between), -FARTHEST, FARTHEST)


def own_quantiles(quantiles: Array, positions: Array) -> Array:
    """`quantiles` [n, Q] in kWh read at `positions` [n, Q] (normal scores, upwards); never negative, never crossed."""
    left = np.clip(np.searchsorted(SCORES, positions) - 1, 0, len(SCORES) - 2)
    low, high = np.take_along_axis(quantiles, left, axis=1), np.take_along_axis(quantiles, left + 1, axis=1)
    share = (positions - SCORES[left]) / (SCORES[left + 1] - SCORES[left])
    made: Array = np.maximum(low + share * (high - low), 0)
    return made


def around(median: Array, own: Array) -> Array:
    """`own` [n, Q] with `median` [n], which adds up, for its own; a side that lies beyond it as a whole ends at it."""
    middle = median[:, None]
    sides = [np.minimum(own[:, :MEDIAN], middle), middle, np.maximum(own[:, MEDIAN + 1 :], middle)]
    return np.concatenate(sides, axis=1)


def positions_of(cells: pd.DataFrame) -> pd.DataFrame:
    """`position` of rows with QUANTILES and `actual`, for Spark."""
    found = position(cells[NAMES].to_numpy(np.float64), cells["actual"].to_numpy(np.float64))
    return pd.DataFrame({"position": found})


def spread_of(rows: pd.DataFrame) -> pd.DataFrame:
    """QUANTILES and OWN_MEDIAN of rows with QUANTILES and POSITIONS, for Spark; without positions, as they were."""
    made, positions = rows[NAMES].to_numpy(np.float64), rows[POSITIONS].to_numpy(np.float64)
    known, median = np.isfinite(positions).all(axis=1), made[:, MEDIAN].copy()
    own = own_quantiles(made[known], positions[known])
    made[known] = around(median[known], own)
    median[known] = own[:, MEDIAN]
    return pd.DataFrame(made, columns=NAMES).assign(**{OWN_MEDIAN: median})
