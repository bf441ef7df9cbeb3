"""Stamps that are ranges (`01.01.2024 00:00 - 01.01.2024 01:00`): the interval's start, its end, and so its length."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.landing.parsing.timestamps import MINUTE, NAT, Clock, to_utc

Longs = npt.NDArray[np.int64]


def range_parts(texts: pa.Array, separator: str) -> tuple[pa.Array, pa.Array]:
    """The texts before and after the first separator; where there is none, the whole text and null."""
    texts = texts.cast(pa.string())
    parts = pc.extract_regex(texts, f"(?s)^(?P<start>.*?){re.escape(separator)}(?P<end>.*)$")
    parted = parts.is_valid()
    nothing = pa.scalar(None, pa.string())
    return pc.if_else(parted, parts.field("start"), texts), pc.if_else(parted, parts.field("end"), nothing)


def range_minutes(starts: Clock, ends: Clock, zone: str) -> Longs:
    """Minutes from start to end; 0 where one of them is unread, or the end is not after the start.

    Where one of them is a time that the clock shows twice or never, the shortest length that fits: no file writes
    01:00 - 02:00 for the two hours until the second 02:00.
    """
    first, last = to_utc(starts, zone), to_utc(ends, zone)
    by_clock = _apart(starts.micros, ends.micros)
    lengths = _apart(first.micros, last.micros)
    unsure = first.ambiguous | last.ambiguous | first.nonexistent | last.nonexistent
    for candidate in (by_clock, _apart(first.micros, last.second_micros)):
        shorter = unsure & (candidate > 0) & ((lengths <= 0) | (candidate < lengths))
        lengths = np.where(shorter, candidate, lengths)
    return np.where(lengths > 0, lengths, 0)


def _apart(first: Longs, last: Longs) -> Longs:
    """Whole minutes between two times; 0 where one is unread."""
    known = (first != NAT) & (last != NAT)
    return np.where(known, (np.where(known, last, 0) - np.where(known, first, 0)) // MINUTE, 0)
