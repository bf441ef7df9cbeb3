"""Which register reads are differenced with which, and from when to when: the kernel, for one meter's reads.

NumPy and plain Python, no Spark. energy_lib.cleaning.spark.registers applies it to frames.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from energy_lib.cleaning.hourly_grid import Bools, Floats, Ints

# `closed` of a pair that nothing has replaced.
OPEN = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Reads:
    """One meter's reads, sorted by stamp, then by file and row. Arrays of one length n."""

    stamp: Ints  # microseconds since the epoch
    known: Ints  # when the lake could know the read: its landing, or its availability if that is later; microseconds
    available: Ints  # when the read counts as known; microseconds
    kwh: Floats  # the cumulative register


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of reads that were differenced, each valid from `available` until `closed`.

    All arrays are of one length but `is_newest`, which has an entry for each of the n reads.
    """

    read: Ints  # position in Reads of the later read
    before: Ints  # position in Reads of the earlier read
    available: Ints  # microseconds since the epoch
    closed: Ints  # microseconds since the epoch, or OPEN
    is_newest: Bools  # of each read: whether it is the newest known version of its stamp


def pairs_of(reads: Reads, reach: int) -> Pairs:
    """Each read paired with the one before it, as that was known over time.

    `reach`: microseconds; reads further apart are not paired. Of several versions of a read the newest known counts;
    one that repeats its value changes nothing. A pair is available when both of its reads are. If an earlier pair
    already covered its time (a read came in between, or was corrected), it is available from the instant at which
    the lake knew the new read, and that instant closes the pairs it replaces.

    >>> reads = Reads(*(np.array(x) for x in ([0, 10, 20], [30, 30, 30], [0, 10, 20], [1.0, 3.0, 4.0])))
    >>> pairs_of(reads, reach=100).read, pairs_of(reads, reach=100).before
    (array([1, 2]), array([0, 1]))
    """
    gaps = np.diff(reads.stamp)
    if (gaps > 0).all() and (np.diff(reads.known) >= 0).all():  # the usual case: reads in order
        read = np.flatnonzero(gaps <= reach) + 1
        available = np.maximum(reads.available[read], reads.available[read - 1])
        return Pairs(read, read - 1, available, np.full(len(read), OPEN), np.ones(len(reads.stamp), dtype=bool))
    return _swept(reads, reach)


def _swept(reads: Reads, reach: int) -> Pairs:
    """The same result, instant by instant: for reads that came late or again."""
    stamp, kwh, available = reads.stamp.tolist(), reads.kwh.tolist(), reads.available.tolist()
    known = reads.known.tolist()
    stamps: list[int] = []
    newest: dict[int, int] = {}  # stamp → read
    current: dict[int, int] = {}  # stamp of the later read → pair
    covered: set[int] = set()  # stamps that a pair has ever reached back from
    pairs: list[list[int]] = []
    for instant, arrived in groupby(np.argsort(reads.known, kind="stable").tolist(), key=known.__getitem__):
        touched: set[int] = set()
        for read in arrived:
            at = stamp[read]
            if at not in newest:
                place = bisect_left(stamps, at)
                if place < len(stamps):
                    touched.add(stamps[place])
                    if stamps[place] in covered:
                        covered.add(at)
                stamps.insert(place, at)
            elif kwh[newest[at]] == kwh[read]:
                continue
            else:
                place = bisect_left(stamps, at) + 1
                touched.update(stamps[place : place + 1])
            newest[at] = read
            touched.add(at)
        for at in sorted(touched):
            if at in current:
                pairs[current.pop(at)][3] = instant
            place = bisect_left(stamps, at)
            if place == 0 or at - stamps[place - 1] > reach:
                continue
            later, earlier = newest[at], newest[stamps[place - 1]]
            begin = instant if at in covered else max(available[later], available[earlier])
            current[at] = len(pairs)
            covered.add(at)
            pairs.append([later, earlier, begin, OPEN])
    is_newest = np.zeros(len(stamp), dtype=bool)
    is_newest[list(newest.values())] = True
    read, before, since, closed = np.array(pairs, dtype=np.int64).reshape(-1, 4).T
    return Pairs(read, before, since, closed, is_newest)
