"""Which register reads new ones can have changed: the kernel, for one meter's reads. NumPy only."""

from __future__ import annotations

import numpy as np

from energy_lib.cleaning.hourly_grid import Bools, Ints


def touched(stamp: Ints, known: Ints, is_new: Bools) -> Bools:
    """Reads whose pairs the new ones can have changed, themselves included. Arrays sorted by stamp.

    A read that the lake knew before the new ones keeps the reads on its two sides apart: it stood between them at every
    instant since. So the new reads touch what lies between two such reads, and the upper one of them. A read that one
    of the new ones corrects keeps nothing apart.

    >>> touched(np.array([0, 10, 20, 30]), np.array([1, 1, 9, 1]), np.array([False, False, True, False]))
    array([False, False,  True,  True])
    """
    if not is_new.any():
        return np.zeros(len(stamp), dtype=bool)
    standing = stamp[~is_new & (known <= known[is_new].min()) & ~np.isin(stamp, stamp[is_new])]
    between = np.searchsorted(standing, stamp, side="left")
    return np.isin(between, np.unique(between[is_new]))


def near(stamp: Ints, chosen: Bools, distance: int) -> Bools:
    """Reads at most `distance` from one of the `chosen`; `stamp` is sorted."""
    if not chosen.any():
        return chosen
    of_chosen = stamp[chosen]
    place = np.searchsorted(of_chosen, stamp)
    after = of_chosen[np.minimum(place, len(of_chosen) - 1)]
    before = of_chosen[np.maximum(place - 1, 0)]
    close: Bools = np.minimum(np.abs(after - stamp), np.abs(stamp - before)) <= distance
    return close
