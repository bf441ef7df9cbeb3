"""Which fully read hours are suspect, and since when that could be known. NumPy kernels over a Grid.

Everything looks back at most LOOKBACK hours and forward at most the length of a run. So a chunk of a series with that
reach around it gives what the whole series gives. For the same reason only integers are summed: windows over floats
use order statistics, which come out the same wherever a chunk begins.
"""

from __future__ import annotations

from dataclasses import dataclass

import bottleneck as bn
import numpy as np

from energy_lib.cleaning.hourly_grid import Bools, Floats, Grid, Ints
from energy_lib.cleaning.rules import FLATLINE, SPIKE, ZERO_RUN, bit
from energy_lib.config import CleaningConfig
from energy_lib.vocabulary import Flow

WEEK = 168
WEEKS = 8
LOOKBACK = WEEKS * WEEK
# A baseline needs half the weeks; a share of zeros needs a week of hours.
MIN_WEEKS = 4
MIN_HOURS = WEEK
# Seven of eight weeks at zero: nothing is left to say that the meter ever ran, so it counts as dead.
DEAD_HOURS = LOOKBACK - WEEK
# Standard deviations per median absolute deviation, for normal errors.
MAD_TO_SIGMA = 1.4826
# The spread is taken as no less than this share of the usual weekly peak: rounding makes many spreads 0, and
# with the default factor of 8 a spike then stands a whole weekly peak above what its hour of week is used to.
SPREAD_FLOOR = 0.125


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Which hours of a Grid are suspect. Arrays of the grid's length.

    `flags`: bits of rules.FLAGS. `rank`: since when that could be known, as index into Grid.instants; +inf where an
    hour is not suspect.
    """

    flags: Ints
    rank: Floats


def find_suspects(grid: Grid, fuel: str, settings: CleaningConfig, flow: str = Flow.IMPORT) -> Suspicion:
    """Spikes, flatlines and zero runs among the hours that were read whole.

    Thresholds are those of `settings`; docs/cleaning.md says what each rule compares.
    """
    read = np.where(grid.full, grid.read_kwh, np.nan)
    back = run_lengths(read)
    suspicion = Suspicion(np.zeros(len(grid), dtype=np.int64), np.full(len(grid), np.inf))
    known = _highest(grid.rank, LOOKBACK + 1)

    _mark(suspicion, bit(SPIKE), np.where(spikes(read, settings.spike_factor), known, np.inf))
    flat = np.where(read > 0, back, 0)
    _mark(suspicion, bit(FLATLINE), runs_known_from(flat, settings.flatline_hours, grid.rank))
    zero_hours = settings.zero_run_hours.of(fuel, flow)
    if zero_hours is not None and (read == 0).any():
        zeros = np.where(read == 0, back, 0)
        since = np.maximum(runs_known_from(zeros, zero_hours, grid.rank), known)
        _mark(suspicion, bit(ZERO_RUN), np.where(_never_rests(read, zeros, settings.never_rests_share), since, np.inf))
    return suspicion


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


def spikes(read: Floats, factor: float) -> Bools:
    """Whether each hour is above the median of the same hour of the past weeks by `factor` robust spreads.

    `read`: kWh, NaN for hours that were not read whole. Zeros do not count as past values. The spread is the median
    absolute deviation, scaled to a standard deviation of normal errors (MAD_TO_SIGMA).
    """
    count = len(read)
    positive = np.where(read > 0, read, np.nan)
    peak = np.r_[np.nan, _highest(positive, WEEK)[:-1]]
    lowest = peak.copy()
    for week in range(1, WEEKS):
        np.fmin(lowest[week * WEEK :], peak[: -week * WEEK], out=lowest[week * WEEK :])
    bar = read - factor * SPREAD_FLOOR * lowest
    below, valid = np.zeros(count, dtype=np.int8), np.zeros(count, dtype=np.int8)
    present = ~np.isnan(positive)
    for week in range(1, WEEKS + 1):
        lag = week * WEEK
        below[lag:] += positive[:-lag] < bar[lag:]
        valid[lag:] += present[:-lag]
    # The median can lie below the bar only where half of the weeks do: few hours are left to look at closely.
    likely = np.flatnonzero((valid >= MIN_WEEKS) & (2 * below >= valid))
    result = np.zeros(count, dtype=bool)
    if len(likely):
        past = _weeks_before(positive, likely, 1)
        middle = bn.nanmedian(past, axis=1)
        spread = MAD_TO_SIGMA * bn.nanmedian(np.abs(past - middle[:, None]), axis=1)
        usual_peak = bn.nanmedian(_weeks_before(peak, likely, 0), axis=1)
        result[likely] = read[likely] - middle > factor * np.maximum(spread, SPREAD_FLOOR * usual_peak)
    return result


def _highest(values: Floats, window: int) -> Floats:
    """Largest of the last `window` values; NaN counts as none."""
    return np.asarray(bn.move_max(values, min(window, len(values)), min_count=1), dtype=np.float64)


def _weeks_before(values: Floats, at: Ints, first: int) -> Floats:
    """(len(at), WEEKS): the values whole weeks before, from `first` weeks on; NaN before the series."""
    lags = at[:, None] - WEEK * np.arange(first, first + WEEKS)
    return np.where(lags >= 0, values[np.maximum(lags, 0)], np.nan)


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
