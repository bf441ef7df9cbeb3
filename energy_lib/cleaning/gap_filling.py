"""Estimation (the E of VEE) of hours that were not read, or only in part: the value, the method, since when known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from energy_lib.cleaning.hourly_grid import FAR, HOUR_MINUTES, Bools, Floats, Grid, Ints, Small, neighbours
from energy_lib.cleaning.odd_hours import WEEK
from energy_lib.cleaning.suspect_hours import Suspicion
from energy_lib.config import CleaningConfig

METHODS = ("interpolation", "hour_of_week", "scaling", "spread")
INTERPOLATION, HOUR_OF_WEEK, SCALING, SPREAD = range(len(METHODS))
ESTIMATE_WEEKS = 4


@dataclass(frozen=True, slots=True)
class Filled:
    """A Grid's hours after estimation. Arrays of the grid's length."""

    energy: Floats  # kWh, NaN where there is no estimate
    method: Small  # index into METHODS, -1 where nothing was estimated
    rank: Floats  # when the value could first be known, as index into Grid.instants
    row: Bools  # whether the hour has a row in the hourly view


def fill(grid: Grid, suspects: Suspicion, settings: CleaningConfig) -> Filled:
    """Complete the partly read hours, and estimate the gaps between two readings.

    An hour is interpolated between the sound hours around it if they are no further apart than a gap of
    `interpolate_hours`. Else it takes the mean of the same hour in the four weeks before, up to `estimate_hours`. Sound
    is what was read whole and is not suspect: no estimate leans on anything else. Hours that were read whole stay as
    they are.
    """
    energy = grid.read_kwh.copy()
    method = np.full(len(grid), -1, dtype=np.int8)
    rank = grid.rank.copy()
    row = grid.observed
    filled = Filled(energy, method, rank, row.copy())
    if not grid.full.all():
        before, after = neighbours(row)
        _complete(grid, filled, before, after, settings)
        _estimate(grid, filled, suspects, before, after, settings)
    return filled


def _complete(grid: Grid, filled: Filled, before: Ints, after: Ints, settings: CleaningConfig) -> None:
    """Give spread hours their even share of the longer reading; scale up partial hours with readings around them."""
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
    gap = np.flatnonzero(~grid.observed & (after - before - 1 <= settings.estimate_hours))
    filled.row[gap] = True
    filled.rank[gap] = np.maximum(grid.rank[before[gap]], grid.rank[after[gap]])
    earlier, later = neighbours((grid.covered == HOUR_MINUTES) & (suspects.flags == 0))
    left, right = earlier[gap], later[gap]
    short = right - left - 1 <= settings.interpolate_hours
    filled.rank[gap] = np.maximum(filled.rank[gap], _sound_since(grid, suspects, gap, left, right, settings))
    left, right, chosen = left[short], right[short], gap[short]
    weight = (chosen - left) / (right - left)
    filled.energy[chosen] = filled.energy[left] * (1 - weight) + filled.energy[right] * weight
    filled.method[chosen] = INTERPOLATION
    _from_weeks_before(grid, filled, suspects, gap[~short])


def _sound_since(
    grid: Grid, suspects: Suspicion, gap: Ints, left: Ints, right: Ints, settings: CleaningConfig
) -> Floats:
    """Rank from which it is known which hours near each gap hour are sound: those up to its sound ends, if near."""
    since = np.full(len(gap), -1.0)
    for offset in range(-settings.interpolate_hours, settings.interpolate_hours + 1):
        at = np.clip(gap + offset, 0, len(grid) - 1)
        known = np.where(suspects.flags[at] != 0, suspects.rank[at], grid.rank[at])
        np.maximum(since, np.where((at >= left) & (at <= right), known, -1.0), out=since)
    return since


def _from_weeks_before(grid: Grid, filled: Filled, suspects: Suspicion, gap: Ints) -> None:
    """Mean of the same hour in the four weeks before, of hours that were read whole and are not suspect."""
    lags = gap[:, None] - WEEK * np.arange(1, ESTIMATE_WEEKS + 1)
    inside = lags >= 0
    lags = np.maximum(lags, 0)
    is_whole = inside & grid.full[lags]
    usable = is_whole & (suspects.flags[lags] == 0)
    # A suspect hour can be left out only from the instant at which it was known to be suspect.
    known = np.where(is_whole, np.where(usable, grid.rank[lags], np.minimum(suspects.rank[lags], FAR)), -1.0)
    filled.rank[gap] = np.maximum(filled.rank[gap], known.max(axis=1, initial=-1.0))
    count = usable.sum(axis=1)
    total = np.where(usable, grid.read_kwh[lags], 0.0).sum(axis=1)
    has_weeks = count > 0
    filled.energy[gap[has_weeks]] = total[has_weeks] / count[has_weeks]
    filled.method[gap[has_weeks]] = HOUR_OF_WEEK
