"""Registers over time: at every instant the pairs are those of the reads known then, whatever came after."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_lib.cleaning.register_news import near, touched
from energy_lib.cleaning.register_pairs import OPEN, Pairs, Reads, pairs_of

REACH = 4
Read = tuple[int, int, int]  # stamp, known, kWh
Told = set[tuple[int, int, int]]  # stamp of the earlier read, stamp of the later, kWh between

reads_strategy = st.lists(st.tuples(st.integers(0, 12), st.integers(20, 26), st.integers(0, 3)), max_size=12)


def reads_of(rows: list[Read], available: int | None = None) -> Reads:
    """Rows of one file each, in the order given; `available`: as of an archive, long before they landed."""
    rows = sorted(rows, key=lambda row: row[0])
    stamp, known, kwh = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Reads(stamp, known, known if available is None else np.full(len(rows), available), kwh.astype(float))


def at(reads: Reads, pairs: Pairs, instant: int) -> Told:
    """An as-of read of the pairs."""
    seen = (pairs.available <= instant) & (pairs.closed > instant)
    later, before = pairs.read[seen], pairs.before[seen]
    found = zip(reads.stamp[before], reads.stamp[later], reads.kwh[later] - reads.kwh[before], strict=True)
    told = [(int(a), int(b), int(kwh)) for a, b, kwh in found]
    assert len(told) == len(set(told)), "a time is told of twice"
    return set(told)


def oracle(rows: list[Read], instant: int) -> Told:
    """The rule in plain words: of the reads known by then, the newest of each stamp, each with the one before it."""
    standing = {stamp: kwh for stamp, known, kwh in sorted(rows, key=lambda row: row[1]) if known <= instant}
    stamps = sorted(standing)
    neighbours = pairwise(stamps)
    return {(a, b, standing[b] - standing[a]) for a, b in neighbours if b - a <= REACH}


@given(reads_strategy)
def test_at_every_instant_the_pairs_are_those_of_the_reads_known_then(rows: list[Read]) -> None:
    reads = reads_of(rows)
    pairs = pairs_of(reads, REACH)
    for instant in range(20, 28):
        assert at(reads, pairs, instant) == oracle(rows, instant)


@given(reads_strategy)
def test_an_archive_keeps_its_availability_except_where_it_corrects(rows: list[Read]) -> None:
    """Reads that count as known before they landed: the current view is the same, and no time is told of twice."""
    reads = reads_of(rows, available=13)
    pairs = pairs_of(reads, REACH)
    assert at(reads, pairs, OPEN - 1) == oracle(rows, 100)
    for instant in range(13, 28):
        spans = sorted((a, b) for a, b, _ in at(reads, pairs, instant))
        assert all(b <= c for (_, b), (c, _) in pairwise(spans))


def told_within(rows: list[Read], low: int, high: int) -> set[tuple[int, ...]]:
    """The pairs of reads stamped low … high, and when each was told of."""
    reads = reads_of(rows, available=13)
    pairs = pairs_of(reads, REACH)
    columns = (reads.stamp[pairs.before], reads.stamp[pairs.read], pairs.available, pairs.closed)
    return {row for row in map(tuple, np.array(columns).T.tolist()) if low <= row[1] <= high}


@given(reads_strategy, st.integers(0, 12), st.integers(0, 6))
def test_the_reads_within_reach_decide(rows: list[Read], low: int, length: int) -> None:
    """A night judges the reads of some days from those a reach before and after: as if it saw all."""
    high = low + length
    near = [row for row in rows if low - REACH <= row[0] <= high + REACH]
    assert told_within(near, low, high) == told_within(rows, low, high)


@given(reads_strategy, st.tuples(st.integers(0, 12), st.integers(20, 26), st.integers(0, 3)))
def test_a_read_offered_late_moves_nothing_out_of_its_reach(rows: list[Read], late: Read) -> None:
    """However long ago it landed: what a night need not judge again."""
    before, after = (told_within(given_rows, -100, 100) for given_rows in (rows, [*rows, late]))
    assert all(abs(stamp - late[0]) <= REACH for _, stamp, *_ in before ^ after)


@pytest.mark.parametrize("reach", [REACH, 100])
def test_reads_in_order_and_the_same_swept_give_the_same_pairs(reach: int) -> None:
    """The short way of the usual case, against the long way that a read of another stamp, out of reach, forces."""
    rng = np.random.default_rng(5)
    stamp = np.cumsum(rng.integers(1, 7, 200))
    known = stamp + 10
    kwh = np.cumsum(rng.integers(0, 5, 200)).astype(float)
    usual = pairs_of(Reads(stamp, known, stamp, kwh), reach)
    late = Reads(np.r_[-1000, stamp], np.r_[known[-1] + 1, known], np.r_[-1000, stamp], np.r_[0.0, kwh])
    swept = pairs_of(late, reach)
    for name in ("read", "before", "available", "closed"):
        shift = 1 if name in ("read", "before") else 0
        order = np.argsort(swept.read)
        np.testing.assert_array_equal(getattr(swept, name)[order] - shift, getattr(usual, name), err_msg=name)


def outcomes(rows: list[Read]) -> dict[int, set[tuple[int, ...]]]:
    """What is told of each stamp."""
    told: dict[int, set[tuple[int, ...]]] = {}
    for row in told_within(rows, -100, 100):
        told.setdefault(row[1], set()).add(row)
    return told


@given(reads_strategy, st.lists(st.tuples(st.integers(0, 12), st.integers(20, 26), st.integers(0, 3)), min_size=1))
def test_new_reads_change_only_what_they_touch(rows: list[Read], new: list[Read]) -> None:
    """Whenever they landed: a night that judges the touched reads again need judge no others."""
    given_rows = sorted([(*row, 0) for row in rows] + [(*row, 1) for row in new], key=lambda row: row[0])
    stamp, known, _, is_new = np.array(given_rows, dtype=np.int64).T
    reached = touched(stamp, known, is_new == 1)
    before, after = outcomes(rows), outcomes([*rows, *new])
    changed = {s for s in {*before, *after} if before.get(s, set()) != after.get(s, set())}
    assert changed <= set(stamp[reached].tolist())
    assert reached[is_new == 1].all()


@given(st.lists(st.integers(0, 100), max_size=20), st.integers(0, 30), st.data())
def test_near_is_what_stands_at_most_so_far_from_a_chosen_one(
    values: list[int], distance: int, data: st.DataObject
) -> None:
    stamp = np.array(sorted(values), dtype=np.int64)
    chosen = np.array(data.draw(st.lists(st.booleans(), min_size=len(stamp), max_size=len(stamp))), dtype=bool)
    expected = [any(abs(s - c) <= distance for c in stamp[chosen]) for s in stamp]
    assert near(stamp, chosen, distance).tolist() == expected
