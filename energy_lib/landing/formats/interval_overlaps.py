"""Which intervals of a register hold shorter ones of it: the same energy, told twice."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def holds_shorter(start: Ints, length: Ints, of: tuple[Ints, Ints]) -> Bools:
    """Whether each interval overlaps a shorter one among `of` (starts and lengths, in the same unit)."""
    result = np.zeros(len(start), dtype=bool)
    others, lengths = of
    for own in np.unique(length):
        shorter = (lengths < own) & (lengths > 0)
        if own > 0 and shorter.any():
            here = length == own
            result[here] = _overlaps(start[here], own, others[shorter], lengths[shorter])
    return result


def _overlaps(start: Ints, own: np.int64, others: Ints, lengths: Ints) -> Bools:
    order = np.argsort(others, kind="stable")
    starts, ends = others[order], np.maximum.accumulate(others[order] + lengths[order])
    # The first interval, in order of their starts, up to which something reaches beyond `start`.
    at = np.searchsorted(ends, start, side="right")
    inside = at < len(starts)
    overlapping: Bools = inside & (starts[np.minimum(at, len(starts) - 1)] < start + own)
    return overlapping
