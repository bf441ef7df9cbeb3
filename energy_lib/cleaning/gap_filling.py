"""Estimates for hours that were not, or not wholly, read; each with the method and when it could be known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from energy_lib.cleaning.hourly_grid import HOUR_MINUTES, Bools, Floats, Grid, Ints, Small
from energy_lib.cleaning.suspect_hours import WEEK, Suspicion
from energy_lib.config import CleaningConfig

METHODS = ("interpolation", "hour_of_week", "scaling", "spread")
INTERPOLATION, HOUR_OF_WEEK, SCALING, SPREAD = range(len(METHODS))
ESTIMATE_WEEKS = 4
FAR = 1 << 40


@dataclass(frozen=True, slots=True)
class Filled:
    """`energy` NaN where nothing can be said; `method` -1 where nothing was estimated; `row`: hours to be shown."""

    energy: Floats
    method: Small
    rank: Floats
    row: Bools


def fill(grid: Grid, suspects: Suspicion, settings: CleaningConfig) -> Filled:
    """Complete partial hours and estimate the gaps that lie between two readings."""
    energy = grid.read_kwh.copy()
    method = np.full(len(grid), -1, dtype=np.int8)
    rank = grid.rank.copy()
    row = grid.observed
    filled = Filled(energy, method, rank, row.copy())
    if not grid.full.all():
        before, after = _neighbours(row)
        _complete(grid, filled, before, after, settings)
        _estimate(grid, filled, suspects, before, after, settings)
    return filled


def _neighbours(observed: Bools) -> tuple[Ints, Ints]:
    """Index of the observed hour before and after each hour; -FAR and FAR where there is none."""
    at = np.arange(len(observed))
    seen = np.maximum.accumulate(np.where(observed, at, -FAR))
    coming = np.minimum.accumulate(np.where(observed, at, FAR)[::-1])[::-1]
    return np.r_[-FAR, seen[:-1]], np.r_[coming[1:], FAR]


def _complete(grid: Grid, filled: Filled, before: Ints, after: Ints, settings: CleaningConfig) -> None:
    """Spread hours take their even share; partial hours with readings around them are scaled up."""
    spread = grid.spread > 0
    filled.energy[spread] = np.nan_to_num(grid.read_kwh[spread]) + grid.spread_kwh[spread]
    filled.method[spread] = SPREAD
    partial = np.flatnonzero(grid.observed & (grid.covered < HOUR_MINUTES))
    near = settings.estimate_hours + 1
    between = (partial - before[partial] <= near) & (after[partial] - partial <= near)
    filled.energy[partial[~between]] = np.nan
    filled.method[partial[~between]] = -1
    chosen = partial[between]
    filled.energy[chosen] *= HOUR_MINUTES / grid.covered[chosen]
    filled.method[chosen] = SCALING
    around = np.maximum(grid.rank[before[chosen]], grid.rank[after[chosen]])
    filled.rank[chosen] = np.maximum(grid.rank[chosen], around)


def _estimate(
    grid: Grid, filled: Filled, suspects: Suspicion, before: Ints, after: Ints, settings: CleaningConfig
) -> None:
    length = after - before - 1
    gap = np.flatnonzero(~grid.observed & (length <= settings.estimate_hours))
    filled.row[gap] = True
    left, right = before[gap], after[gap]
    filled.rank[gap] = np.maximum(grid.rank[left], grid.rank[right])
    # Whether an end is whole is known with the end itself; a completed one would add a later instant.
    whole = (grid.covered[left] == HOUR_MINUTES) & (grid.covered[right] == HOUR_MINUTES)
    short = whole & (length[gap] <= settings.interpolate_hours)
    left, right, chosen = left[short], right[short], gap[short]
    weight = (chosen - left) / (right - left)
    filled.energy[chosen] = filled.energy[left] * (1 - weight) + filled.energy[right] * weight
    filled.method[chosen] = INTERPOLATION
    _from_weeks_before(grid, filled, suspects, gap[~short])


def _from_weeks_before(grid: Grid, filled: Filled, suspects: Suspicion, gap: Ints) -> None:
    """Mean of the same hour in the weeks before: read whole, and not suspect."""
    lags = gap[:, None] - WEEK * np.arange(1, ESTIMATE_WEEKS + 1)
    inside = lags >= 0
    lags = np.maximum(lags, 0)
    there = inside & grid.full[lags]
    usable = there & (suspects.flags[lags] == 0)
    # What was left out because it is suspect could be left out only once that was known.
    known = np.where(there, np.where(usable, grid.rank[lags], np.minimum(suspects.rank[lags], FAR)), -1.0)
    filled.rank[gap] = np.maximum(filled.rank[gap], known.max(axis=1, initial=-1.0))
    count = usable.sum(axis=1)
    total = np.where(usable, grid.read_kwh[lags], 0.0).sum(axis=1)
    some = count > 0
    filled.energy[gap[some]] = total[some] / count[some]
    filled.method[gap[some]] = HOUR_OF_WEEK
