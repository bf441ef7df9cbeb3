"""Hours far above or far below what the meter usually reads: spikes and drops. NumPy kernels.

Every bound comes from order statistics over past hours. They leave out what is beyond the usual levels, so that a
faulty hour does not hide the next one.
"""

from __future__ import annotations

import bottleneck as bn
import numpy as np

from energy_lib.cleaning.hourly_grid import Bools, Floats, Ints
from energy_lib.cleaning.usual_levels import DAY, DAYS, UsualLevels
from energy_lib.config import CleaningConfig

WEEK = 168
WEEKS = 8
LOOKBACK = WEEKS * WEEK
# How far before an hour the usual levels may look: whole days before its own.
LEVELS_REACH = (DAYS + 1) * DAY
# An hour of week is known after half the weeks; a meter's usual levels after two weeks.
MIN_WEEKS = 4
MIN_DAYS = 14
# Standard deviations per median absolute deviation, for normal errors.
MAD_TO_SIGMA = 1.4826
# The spread is taken as no less than this share of the usual peak: rounding makes many spreads 0, and with the default
# factor of 8 a spike then stands a whole usual peak above what its hour of week is used to.
SPREAD_FLOOR = 0.125
# A longer low is a stop, an absence or a run of zeros. The hours around a drop are near the usual level: a stop that
# lasts longer begins and ends in hours that are low in part.
DROP_HOURS = 2
SOUND_SHARE = 0.8
# And it falls by more than this share of the way from the usual peak to the usual trough: homes move as far every day.
FALL_SHARE = 0.25


def spikes(energy: Floats, read: Floats, levels: UsualLevels, factor: float) -> Bools:
    """Whether each hour's `energy` is further from zero than its hour of the past weeks by `factor` robust spreads.

    `energy`: kWh, scaled up where the hour was read in part. `read`: the past values, NaN where not read whole. The
    spread is the median absolute deviation, scaled to a standard deviation of normal errors, and no less than
    SPREAD_FLOOR of the usual peak. The hour must also stand out of the usual peak itself: a net meter may go from
    export to import at any hour. An hour of week that is not known is taken to be used to the usual peak.
    """
    result = np.zeros(len(energy), dtype=bool)
    at = np.flatnonzero(np.abs(energy) > factor * SPREAD_FLOOR * levels.peak)
    if len(at):
        cap, peak, side = levels.cap[at], levels.peak[at], np.sign(energy[at])
        middle, spread, weeks = same_hour(read, at, -cap, cap)
        usual = np.where((weeks >= MIN_WEEKS) & ~np.isnan(middle), side * middle, peak)
        is_far = side * energy[at] - usual > factor * np.fmax(spread, SPREAD_FLOOR * peak)
        result[at] = is_far & ((weeks >= MIN_WEEKS) | (levels.days[at] >= MIN_DAYS))
    return result


def drops(energy: Floats, read: Floats, levels: UsualLevels, settings: CleaningConfig) -> Ints:
    """For each hour that dropped, how many hours later that shows; -1 for the others.

    A drop is an hour, or DROP_HOURS, of at most `drop_share` of the usual trough between hours near the trough or
    above, if fewer than `never_rests_share` of the hours in the past weeks were as low. Between it and them may be a
    gap that would be interpolated. `energy` and `read` as for spikes; only hours that were read whole stand around it.
    """
    shows_after = np.full(len(read), -1, dtype=np.int64)
    bar = settings.drop_share * levels.trough
    low = (levels.trough > 0) & (levels.days >= MIN_DAYS) & (energy <= bar)
    at, before, after = _short_lows(low, low | ~np.isnan(read), settings.interpolate_hours + 1)
    around = np.minimum(read[before], read[after])
    trough = levels.trough[at]
    fell = (around >= SOUND_SHARE * trough) & (around - energy[at] > FALL_SHARE * (levels.peak[at] - trough))
    rare = [i for i in np.flatnonzero(fell) if _share_below(read, at[i], bar[at[i]]) < settings.never_rests_share]
    shows_after[at[rare]] = (after - at)[rare]
    return shows_after


def same_hour(read: Floats, at: Ints, lowest: Floats, highest: Floats) -> tuple[Floats, Floats, Ints]:
    """Median, robust spread and count of the same hour in the past weeks.

    Zeros do not count. Values outside `lowest` … `highest` count as weeks, but are left out of the median and spread,
    which are NaN if nothing is left.
    """
    lags = at[:, None] - WEEK * np.arange(1, WEEKS + 1)
    past = np.where(lags >= 0, read[np.maximum(lags, 0)], np.nan)
    past[past == 0] = np.nan
    weeks = (~np.isnan(past)).sum(axis=1)
    past[(past < lowest[:, None]) | (past > highest[:, None])] = np.nan
    middle = bn.nanmedian(past, axis=1)
    return middle, MAD_TO_SIGMA * bn.nanmedian(np.abs(past - middle[:, None]), axis=1), weeks


def _short_lows(low: Bools, judged: Bools, near_hours: int) -> tuple[Ints, Ints, Ints]:
    """Hours of runs of at most DROP_HOURS lows, and the judged hours near them before and after the run."""
    hours = np.flatnonzero(judged)
    edges = np.flatnonzero(np.diff(np.r_[False, low[hours], False].astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    inside = (starts > 0) & (ends < len(hours)) & (ends - starts <= DROP_HOURS)
    starts, ends = starts[inside], ends[inside]
    before, after = hours[starts - 1], hours[ends]
    near = (hours[starts] - before <= near_hours) & (after - hours[starts] <= DROP_HOURS * near_hours)
    starts, before, after, length = starts[near], before[near], after[near], (ends - starts)[near]
    within = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    return hours[np.repeat(starts, length) + within], np.repeat(before, length), np.repeat(after, length)


def _share_below(read: Floats, at: int, bar: float) -> float:
    """Share of the hours read in the past weeks that were at most `bar`."""
    past = read[max(at - LOOKBACK, 0) : at]
    hours = np.count_nonzero(~np.isnan(past))
    return np.count_nonzero(past <= bar) / hours if hours else 1.0
