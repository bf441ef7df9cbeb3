"""Which register reads are differenced with which, and from when to when: the kernel, for one meter's reads."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from energy_lib.cleaning.hourly_grid import Bools, Floats, Ints

# Never closed.
OPEN = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Reads:
    """One meter's reads, sorted by stamp, then by the order in which they stand in files; instants in microseconds."""

    stamp: Ints
    known: Ints  # when the lake could know the read: its landing, or its availability if that is later
    available: Ints
    kwh: Floats


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of reads, as positions in Reads: what was differenced, from `available` until `closed` (or OPEN).

    `stands`, of each read: whether it is the newest known version of its stamp.
    """

    read: Ints
    before: Ints
    available: Ints
    closed: Ints
    stands: Bools


def pairs_of(reads: Reads, reach: int) -> Pairs:
    """Each read with the one before it, as that was known over time; a read further back than `reach` is none.

    Of several versions of a read the newest known stands; one that repeats the standing value says nothing new.
    A pair keeps the availability of its reads, unless its time had been told of before (a read came in between, or
    was corrected): then it is available from the instant that brought it, which closes the pairs it replaces.
    """
    gaps = np.diff(reads.stamp)
    if (gaps > 0).all() and (np.diff(reads.known) >= 0).all():  # the usual case: each read came after those before it
        read = np.flatnonzero(gaps <= reach) + 1
        available = np.maximum(reads.available[read], reads.available[read - 1])
        return Pairs(read, read - 1, available, np.full(len(read), OPEN), np.ones(len(reads.stamp), dtype=bool))
    return _swept(reads, reach)


def _swept(reads: Reads, reach: int) -> Pairs:
    """The same instant by instant, for reads that came late or again."""
    stamp, kwh, available = reads.stamp.tolist(), reads.kwh.tolist(), reads.available.tolist()
    known = reads.known.tolist()
    stamps: list[int] = []
    standing: dict[int, int] = {}  # stamp → read
    current: dict[int, int] = {}  # stamp of the later read → pair
    told: set[int] = set()  # stamps up to which a pair has ever reached
    pairs: list[list[int]] = []
    for instant, arrived in groupby(np.argsort(reads.known, kind="stable").tolist(), key=known.__getitem__):
        touched: set[int] = set()
        for read in arrived:
            at = stamp[read]
            if at not in standing:
                place = bisect_left(stamps, at)
                if place < len(stamps):
                    touched.add(stamps[place])
                    if stamps[place] in told:
                        told.add(at)
                stamps.insert(place, at)
            elif kwh[standing[at]] == kwh[read]:
                continue
            else:
                place = bisect_left(stamps, at) + 1
                touched.update(stamps[place : place + 1])
            standing[at] = read
            touched.add(at)
        for at in sorted(touched):
            if at in current:
                pairs[current.pop(at)][3] = instant
            place = bisect_left(stamps, at)
            if place == 0 or at - stamps[place - 1] > reach:
                continue
            later, earlier = standing[at], standing[stamps[place - 1]]
            begin = instant if at in told else max(available[later], available[earlier])
            current[at] = len(pairs)
            told.add(at)
            pairs.append([later, earlier, begin, OPEN])
    stands = np.zeros(len(stamp), dtype=bool)
    stands[list(standing.values())] = True
    read, before, since, closed = np.array(pairs, dtype=np.int64).reshape(-1, 4).T
    return Pairs(read, before, since, closed, stands)
