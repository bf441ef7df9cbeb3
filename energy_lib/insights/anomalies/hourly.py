"""The statistics that an hour can tell: of a meter's whole history at night, of all meters' last hours as they come.

Arrays are (rows, hours), a row a meter, its hours one after the other by the wall clock; NaN is unknown. A day's score
is the highest of its hours' (`statistics`), and NaN if one of them is.
"""

from __future__ import annotations

from dataclasses import dataclass

import bottleneck as bn
import numpy as np
from numpy.typing import NDArray

from energy_lib.insights.anomalies.meter_days import HOURS, Bools, Floats

# The statistics that need no more than a day's hours so far.
HOURLY = ("spike", "peak", "dropout", "multiplied", "divided", "stuck", "dead", "gap")
# Those of runs that are weighed by how usual their marks are.
WEIGHED = ("stuck", "dead")
DROPOUT_HOURS = 3
RATIO_HOURS = 16
LONGEST_RUN = 14 * HOURS
# Days that say how usual a mark is, and what is the share of one that never was.
USUAL_DAYS = 28
RAREST = 0.03
# Sums of the same weights in another order differ behind it; a run as long as one before is no longer than it.
DIGITS = 9
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Run:
    """(rows,) what each row's run was before its first hour: its weight, and its hours. Both 0 if there was none."""

    weight: Floats
    hours: Integers


def spreads(energy: Floats, expected: Floats, scale: Floats) -> Floats:
    """How many spreads an hour is above what is expected, of any shape: the statistic `spike`."""
    return np.asarray((energy - expected) / scale, dtype=float)


def log_ratios(energy: Floats, expected: Floats) -> Floats:
    """(…, 24) log of each hour of a day over what is expected of it, both plus 2 % of the day's mean and 0.05 kWh."""
    level = np.nan_to_num(expected.mean(axis=-1, keepdims=True))
    small = 0.05 + 0.02 * level
    # Of what went out of a net register there is no ratio.
    above_zero = energy + small
    with np.errstate(invalid="ignore"):
        above_zero = np.where(above_zero > 0, above_zero, np.nan)
        return np.asarray(np.log(above_zero / (np.maximum(expected, 0) + small)), dtype=float)


def dropouts(z: Floats) -> Floats:
    """(rows, hours) mean of the last three hours' spreads below what is expected."""
    return -np.asarray(bn.move_mean(z, min(DROPOUT_HOURS, z.shape[-1])), dtype=float)


def multiplied(log_ratio: Floats) -> Floats:
    """(rows, hours) median of the last 16 hours' log ratios; `divided` is its negative."""
    return np.asarray(bn.move_median(log_ratio, min(RATIO_HOURS, log_ratio.shape[-1])), dtype=float)


def above_highest(energy: Floats, highest_before: Floats) -> Floats:
    """Log of an hour, or of a day's highest, over the highest hour before; NaN where that is not above zero."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(highest_before > 0, np.log(energy / highest_before), np.nan), dtype=float)


def repeats(energy: Floats) -> Bools:
    """(rows, hours) whether an hour reads the same as the one before it, above zero: a mark of `stuck`."""
    same = np.zeros(energy.shape, dtype=bool)
    same[:, 1:] = np.diff(energy, axis=1) == 0
    return same & (energy > 0)


def mark_weights(marked: Bools) -> Floats:
    """(days, 24) what a mark counts in each hour: -log(p) of p, the share of the four weeks before with a mark then."""
    share = np.zeros(marked.shape)
    if len(marked) > 1:
        window = min(USUAL_DAYS, len(marked))
        share[1:] = bn.move_mean(marked.astype(float), window, min_count=1, axis=0)[:-1]
    return np.asarray(-np.log(np.clip(share + RAREST, RAREST, 1.0)), dtype=float)


def run_lengths(marked: Bools, before: Run | None = None) -> Integers:
    """(rows, hours) hours that the run of marks has lasted up to each hour; 0 where there is no mark."""
    position = np.arange(marked.shape[1])
    last_clear = np.maximum.accumulate(np.where(marked, -1, position), axis=1)
    lengths = position - last_clear
    if before is not None:
        lengths += np.where(last_clear < 0, before.hours[:, None], 0)
    return np.asarray(lengths, dtype=np.int64)


def gaps(lengths: Integers) -> Floats:
    """Hours for which nothing came, over at most a fortnight: the statistic `gap` of runs of unread hours."""
    return np.minimum(lengths, LONGEST_RUN).astype(float)


def run_weights(marked: Bools, weight: Floats, lengths: Integers, before: Run | None = None) -> Floats:
    """(rows, hours) weight of the run of marks up to each hour, over at most a fortnight: `stuck` and `dead`.

    Of a run that has lasted longer than that before the first hour, what it weighed then stands: which of its hours
    leave the fortnight is known to the history alone.
    """
    total = np.zeros((marked.shape[0], marked.shape[1] + 1))
    np.cumsum(weight * marked, axis=1, out=total[:, 1:])
    position = np.arange(1, marked.shape[1] + 1)
    first = np.maximum(position - np.minimum(lengths, LONGEST_RUN), 0)
    sums = total[:, 1:] - np.take_along_axis(total, first, axis=1)
    if before is not None:
        from_before = lengths > position - 1
        weighs = np.where(lengths > LONGEST_RUN, before.weight[:, None], before.weight[:, None] + sums)
        sums = np.where(from_before & (before.hours > 0)[:, None], weighs, sums)
    return np.asarray(np.round(sums, DIGITS), dtype=float)
