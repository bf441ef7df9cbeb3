"""Which hours are suspect, and since when that could be known. NumPy kernels over a Grid.

Everything looks back at most LEVELS_REACH hours and forward at most the length of a run. So a chunk of a series with
that reach around it gives what the whole series gives. For the same reason only integers are summed: windows over
floats use order statistics, which come out the same wherever a chunk begins.
"""

from __future__ import annotations

from dataclasses import dataclass

import bottleneck as bn
import numpy as np

from energy_lib.cleaning.hourly_grid import HOUR_MINUTES, Bools, Floats, Grid, Ints, neighbours
from energy_lib.cleaning.odd_hours import DROP_HOURS, LEVELS_REACH, LOOKBACK, WEEK, drops, spikes
from energy_lib.cleaning.rules import DROP, FLATLINE, SPIKE, ZERO_RUN, bit
from energy_lib.cleaning.usual_levels import usual_levels
from energy_lib.config import CleaningConfig
from energy_lib.vocabulary import Flow, Fuel

# A share of zeros needs a week of hours.
MIN_HOURS = WEEK
# Seven of eight weeks at zero: nothing is left to say that the meter ever ran, so it counts as dead.
DEAD_HOURS = LOOKBACK - WEEK


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Which hours of a Grid are suspect. Arrays of the grid's length.

    `flags`: bits of rules.FLAGS. `rank`: since when that could be known, as index into Grid.instants; +inf where an
    hour is not suspect.
    """

    flags: Ints
    rank: Floats


def suspicion_back_hours(settings: CleaningConfig) -> int:
    """How far before an hour a reading may start and still decide whether the hour is suspect."""
    return max(settings.flatline_hours, LEVELS_REACH)


def suspicion_ahead_hours(settings: CleaningConfig) -> int:
    """How far after an hour a reading may start and still decide whether the hour is suspect."""
    zeros = (settings.zero_run_hours.of(fuel) or 0 for fuel in Fuel)
    drop = DROP_HOURS * (settings.interpolate_hours + 1)
    return max(settings.estimate_hours + 1, settings.flatline_hours, drop, *zeros)


def find_suspects(grid: Grid, fuel: str, settings: CleaningConfig, flow: str = Flow.IMPORT) -> Suspicion:
    """Spikes and drops among the hours that were read; flatlines and zero runs among those that were read whole.

    Thresholds are those of `settings`; docs/cleaning.md says what each rule compares.
    """
    read = np.where(grid.full, grid.read_kwh, np.nan)
    suspicion = Suspicion(np.zeros(len(grid), dtype=np.int64), np.full(len(grid), np.inf))
    known = _highest(grid.rank, LEVELS_REACH + 1)
    _mark_odd(suspicion, grid, read, known, settings)
    back = run_lengths(read)
    flat = np.where(np.nan_to_num(read) != 0, back, 0)
    _mark(suspicion, bit(FLATLINE), runs_known_from(flat, settings.flatline_hours, grid.rank))
    zero_hours = settings.zero_run_hours.of(fuel, flow)
    if zero_hours is not None and (read == 0).any():
        zeros = np.where(read == 0, back, 0)
        since = np.maximum(runs_known_from(zeros, zero_hours, grid.rank), known)
        _mark(suspicion, bit(ZERO_RUN), np.where(_never_rests(read, zeros, settings.never_rests_share), since, np.inf))
    return suspicion


def _mark_odd(suspicion: Suspicion, grid: Grid, read: Floats, known: Floats, settings: CleaningConfig) -> None:
    """Mark spikes and drops. `known`: the highest rank in the reach before each hour, its own included."""
    levels = usual_levels(read, grid.first)
    energy, settled = _scaled(grid, settings)
    is_spike = spikes(energy, read, levels, settings.spike_factor)
    _mark(suspicion, bit(SPIKE), np.where(is_spike, np.maximum(known, settled), np.inf))
    shows_after = drops(energy, read, levels, settings)
    at = np.flatnonzero(shows_after >= 0)
    since = np.full(len(grid), np.inf)
    since[at] = np.maximum(known[at], known[at + shows_after[at]])
    _mark(suspicion, bit(DROP), since)


def _scaled(grid: Grid, settings: CleaningConfig) -> tuple[Floats, Floats]:
    """kWh of each hour, as read or scaled up from a part, and the rank from which that is settled.

    A part is scaled once a later hour was read: until then the rest may come. +inf where it is not scaled.
    """
    energy, settled = np.where(grid.full, grid.read_kwh, np.nan), grid.rank.copy()
    at = np.flatnonzero(grid.observed & (grid.covered < HOUR_MINUTES) & (grid.spread == 0))
    if len(at):
        energy[at] = grid.read_kwh[at] * HOUR_MINUTES / grid.covered[at]
        after = neighbours(grid.observed)[1][at]
        is_near = after - at <= settings.estimate_hours + 1
        settled[at] = np.where(is_near, grid.rank[np.where(is_near, after, at)], np.inf)
    return energy, settled


def _mark(suspicion: Suspicion, flag: int, since: Floats) -> None:
    """Add a flag to the hours with a finite `since` (rank), in place."""
    is_marked = since < np.inf
    suspicion.flags[is_marked] |= flag
    np.minimum(suspicion.rank, since, out=suspicion.rank)


def run_lengths(values: Floats) -> Ints:
    """How many equal values in a row end at each hour; NaN breaks a run and counts 1."""
    at = np.arange(len(values))
    fresh = np.r_[True, values[1:] != values[:-1]]
    lengths: Ints = at - np.maximum.accumulate(np.where(fresh, at, 0)) + 1
    return lengths


def runs_known_from(back: Ints, hours: int, rank: Floats) -> Floats:
    """Rank from which each hour is known to stand in a run of at least `hours`; +inf where it does not.

    `back` is the run length so far. The earliest window of `hours` equal values around an hour decides.
    """
    whole = back >= hours
    if not whole.any():
        return np.full(len(back), np.inf)
    window = np.where(whole, _highest(rank, hours), np.inf)
    padded = np.r_[window, np.full(hours - 1, np.inf)]
    return np.asarray(bn.move_min(padded, hours, min_count=1)[hours - 1 :], dtype=np.float64)


def _highest(values: Floats, window: int) -> Floats:
    """Largest of the last `window` values; NaN counts as none."""
    return np.asarray(bn.move_max(values, min(window, len(values)), min_count=1), dtype=np.float64)


def _never_rests(read: Floats, zeros: Ints, share: float) -> Bools:
    """Whether zeros are rarer than `share` in the eight weeks before the run of zeros at each hour, or fill them."""
    at = np.flatnonzero(zeros > 0)
    ends = at - zeros[at] + 1
    starts = np.minimum(np.maximum(at - LOOKBACK, 0), ends)
    hours = np.r_[0, np.cumsum(~np.isnan(read))]
    rests = np.r_[0, np.cumsum(read == 0)]
    hours_before = hours[ends] - hours[starts]
    zeros_before = rests[ends] - rests[starts]
    result = np.zeros(len(read), dtype=bool)
    result[at] = ((hours_before >= MIN_HOURS) & (zeros_before < share * hours_before)) | (zeros[at] >= DEAD_HOURS)
    return result
