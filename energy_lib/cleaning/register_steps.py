"""Whether a register's step can be energy: rollovers, and steps that only an exchange of the meter explains.

NumPy only, for one meter's pairs of reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from energy_lib.cleaning.hourly_grid import Bools, Floats, Ints

# A register that fell has rolled over only if it stood in the last tenth of its range.
NEARLY_FULL = 0.9
# A step is held against the meter's other steps up to so long before and after it: a month, of monthly reads too.
USUAL_WINDOW_DAYS = 32
# Times the power of the meter's largest other step.
UNUSUAL_FACTOR = 20.0
# Of at least so many other steps the second largest counts, so that one exchange does not excuse another.
MANY_STEPS = 10
# What a home can draw whatever its habits: all its fuses for a day, and a cold month's average after that.
HOME_DAY_KW, HOME_MONTH_KW = 25.0, 5.0
HOUR_US, DAY_US = 3_600_000_000, 86_400_000_000


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps between paired reads, sorted by `stamp`. Arrays of one length."""

    stamp: Ints  # of the later read; microseconds since the epoch
    hours: Floats  # between the two reads
    kwh: Floats  # the energy if the step is real; NaN for a fall that is no rollover
    fell: Bools  # the later read is the lower one
    stands: Bools  # no other pair has replaced it
    limited: Bools  # the meter's capacity is known, and limits what it can rise


def step_kwh(before: Floats, now: Floats, largest_kwh: Sequence[float]) -> Floats:
    """Energy between two reads, kWh; over a rollover where the register fell from the end of its range, else NaN.

    `largest_kwh`: the largest reads that registers show (config key register_rollover_kwh). The smallest range that
    holds the read before counts.

    >>> step_kwh(np.array([99_990.0, 500.0]), np.array([4.0, 4.0]), [99_999.0])
    array([14., nan])
    """
    energy = np.where(now >= before, now - before, np.nan)
    for largest in sorted(largest_kwh, reverse=True):
        size = largest + 1.0
        rolled = np.where(before >= NEARLY_FULL * size, now + size - before, np.nan)
        energy = np.where((now < before) & (before < size), rolled, energy)
    return energy


def outsized(steps: Steps) -> Bools:
    """Steps that are too large to be energy: the meter was exchanged.

    A rise of a meter of unknown capacity, or a fall that could be a rollover, is outsized if it is more than a home
    can draw and more than UNUSUAL_FACTOR times the power of the meter's other steps nearby. Without other steps a
    fall is outsized, and a rise is not: nothing speaks against it.
    """
    result = np.zeros(len(steps.stamp), dtype=bool)
    doubtful = np.flatnonzero((steps.kwh > home_kwh(steps.hours)) & (steps.fell | ~steps.limited))
    if not len(doubtful):
        return result
    known = np.flatnonzero(steps.stands & ~steps.fell)
    stamp, power = steps.stamp[known], steps.kwh[known] / steps.hours[known]
    wanted = steps.kwh[doubtful] / steps.hours[doubtful] / UNUSUAL_FACTOR
    unlike = ~_like_neighbours(stamp, power, doubtful, known, steps.stamp, wanted)
    window = USUAL_WINDOW_DAYS * DAY_US
    for step, least in zip(doubtful[unlike], wanted[unlike], strict=True):
        low, high = np.searchsorted(stamp, steps.stamp[step] + np.array([-window, window + 1]))
        others = power[low:high][known[low:high] != step]
        usual = _usual(others)
        result[step] = bool(steps.fell[step]) if usual is None else usual < least
    return result


def home_kwh(hours: Floats) -> Floats:
    """The most that a home draws in so many hours, kWh. A register counts in ticks: of less than an hour, an hour's."""
    whole = np.maximum(hours, 1.0)
    return HOME_DAY_KW * np.minimum(whole, 24.0) + HOME_MONTH_KW * np.maximum(whole - 24.0, 0.0)


def _usual(power: Floats) -> float | None:
    if not len(power):
        return None
    if len(power) < MANY_STEPS:
        return float(power.max())
    return float(np.partition(power, -2)[-2])


def _like_neighbours(stamp: Ints, power: Floats, doubtful: Ints, known: Ints, stamps: Ints, wanted: Floats) -> Bools:
    """Steps that two of the four steps around them already excuse: nearly all of a large meter's, in one pass."""
    place = np.searchsorted(known, doubtful)
    is_known = np.zeros(len(doubtful), dtype=np.int64)
    inside = place < len(known)
    is_known[inside] = known[place[inside]] == doubtful[inside]
    around = np.stack([place - 2, place - 1, place + is_known, place + is_known + 1], axis=1)
    exists = (around >= 0) & (around < len(known))
    around = np.where(exists, around, 0)
    if not len(known):
        return np.zeros(len(doubtful), dtype=bool)
    near = exists & (np.abs(stamp[around] - stamps[doubtful][:, None]) <= USUAL_WINDOW_DAYS * DAY_US)
    excused: Bools = (near & (power[around] >= wanted[:, None])).sum(axis=1) >= 2
    return excused
