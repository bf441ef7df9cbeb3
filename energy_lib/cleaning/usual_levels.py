"""What a meter usually reads at most and at least, learned from whole days before the hour. NumPy kernels.

A day is a UTC day, so a chunk of a series gives what the whole series gives. Only order statistics are used: a few
wrong hours, however wrong, move none of them. That is how a faulty hour teaches no threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

import bottleneck as bn
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from energy_lib.cleaning.hourly_grid import Floats

DAY = 24
# The days before an hour's own day that teach.
DAYS = 56
# A level is kept up by a day if it was there in so many of its hours. Kept up on eight days it is usual. Kept up on two
# it counts too, up to LEAP times the usual one: summer evenings, the end of an absence, not a day of Wh read as kWh.
KEPT_HOURS = 4
USUAL_DAYS = 8
NEW_DAYS = 2
LEAP = 30.0
# Shorter peaks teach up to TAIL times the distance from the median to the level kept up. Beyond that no use is likely.
# A home that keeps up 1.2 kWh above a median of 0.3 teaches peaks up to 9.3 kWh, a steady 1.0 ± 0.1 up to about 2.5.
TAIL = 10.0
# The usual low: all but so many hours of a day are above it, and all but so many days.
LOW_HOURS = 1
LOW_DAYS = 3


@dataclass(frozen=True, slots=True)
class UsualLevels:
    """By hour; kWh, NaN where nothing was read in the days before.

    `days`: how many of the days before had an hour that was not zero. `peak`: the highest plausible hour of the days
    before, by size. `cap`: the size beyond which an hour teaches nothing. `trough`: what the meter hardly ever falls
    below.
    """

    days: Floats
    peak: Floats
    cap: Floats
    trough: Floats


def usual_levels(read: Floats, first: int) -> UsualLevels:
    """The usual levels at each hour, from the DAYS before its day.

    `read`: kWh, NaN for hours that were not read whole; may be negative. `first`: hours since the epoch of its start.
    """
    lead = first % DAY
    days = np.full(-(-(lead + len(read)) // DAY) * DAY, np.nan)
    days[lead : lead + len(read)] = read
    days = days.reshape(-1, DAY)
    sizes = np.abs(days)
    # The highest comes first and the KEPT_HOURS-th last; those between are in no order.
    tops = -np.partition(-sizes, (0, KEPT_HOURS - 1), axis=1)[:, :KEPT_HOURS]
    cap = _cap(tops, bn.nanmedian(sizes, axis=1))
    peak = _peak(tops, cap)
    (trough,) = _ranked_before(np.partition(days, LOW_HOURS, axis=1)[:, LOW_HOURS], LOW_DAYS)
    used = bn.move_sum(_led((tops[:, 0] > 0).astype(np.float64)), DAYS, min_count=1)[DAYS - 1 :]
    return UsualLevels(*(np.repeat(level, DAY)[lead : lead + len(read)] for level in (used, peak, cap, trough)))


def _cap(tops: Floats, middles: Floats) -> Floats:
    """Beyond what an hour teaches nothing, by day. `middles`: the median of each day's hours."""
    typical = _median_before(middles)
    # What the meter reaches on most days is use too, however short it is.
    new, usual = (-level for level in _ranked_before(-tops[:, -1], NEW_DAYS - 1, USUAL_DAYS - 1))
    usual = np.fmax(usual, _median_before(tops[:, 0]))
    most = LEAP * usual
    kept = np.where(new <= most, np.fmax(new, usual), usual)
    return np.asarray(np.fmax(typical + TAIL * (kept - typical), np.minimum(new, most)), dtype=np.float64)


def _peak(tops: Floats, cap: Floats) -> Floats:
    """The highest of the days' highest hours that is not beyond the cap."""
    peak = np.array(bn.move_max(_led(tops[:, 0]), DAYS, min_count=1)[DAYS - 1 :], dtype=np.float64)
    odd = np.flatnonzero(peak > cap)
    if len(odd):
        windows = sliding_window_view(_led(tops), DAYS, axis=0)[odd].reshape(len(odd), -1)
        peak[odd] = bn.nanmax(np.where(windows <= cap[odd, None], windows, np.nan), axis=1)
    return peak


def _led(days: Floats) -> Floats:
    """The days with empty ones in front, so that the window that begins at i holds the DAYS before day i."""
    empty = np.full((DAYS, *days.shape[1:]), np.nan)
    return np.concatenate([empty, days[:-1]])


def _median_before(days: Floats) -> Floats:
    return np.asarray(bn.move_median(_led(days), DAYS, min_count=1)[DAYS - 1 :], dtype=np.float64)


def _ranked_before(days: Floats, *ranks: int) -> list[Floats]:
    """The values of these ranks (0: the lowest) among the DAYS before each day; NaN where there are not so many."""
    windows = np.partition(sliding_window_view(_led(days), DAYS), ranks, axis=1)
    return [windows[:, rank].copy() for rank in ranks]
