"""Columns whose cells hold two stamps, the start and the end of an interval, and headers that hold stamps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

SEPARATORS = (" - ", " – ", " to ", " bis ", "/")
_BOTH_NAMES = re.compile(r"\s*\([A-Za-z]+/[A-Za-z]+\)$")
_NAME = re.compile(r"\s*\(([A-Za-z]{1,9})\)$")
TEXTS = 200


@dataclass(frozen=True, slots=True)
class Ranges:
    """The two stamps of each cell, and what stands between them."""

    separator: str
    starts: pd.Series
    ends: pd.Series


def bare(text: str) -> str:
    """A stamp without brackets around the name of its clock: `02:00 (CEST)` → `02:00 CEST`."""
    return _NAME.sub(r" \1", _BOTH_NAMES.sub("", text.strip()))


def two_stamps(text: str) -> tuple[str, str, str] | None:
    """Start, separator and end, if the text has a separator with as much before it as after it."""
    for separator in SEPARATORS:
        first, found, last = text.partition(separator)
        first, last = bare(first), bare(last)
        # A date has slashes of its own.
        alike = re.sub(r"\d", "0", first)[:10] == re.sub(r"\d", "0", last)[:10]
        if found and len(first) >= len("1.1.24") and alike and separator not in last:
            return first, separator, last
    return None


def ranges_of(texts: pd.Series) -> Ranges | None:
    """The ranges of a column; None unless nine in ten of its cells are ranges with one separator."""
    shown = [text for text in texts.head(TEXTS) if text]
    found = [two_stamps(text) for text in shown]
    separators = {parts[1] for parts in found if parts}
    if not shown or len(separators) != 1 or sum(1 for parts in found if parts) < 0.9 * len(shown):
        return None
    separator = separators.pop()
    parts = texts.str.partition(separator)
    return Ranges(separator, parts[0].map(bare), parts[2].map(bare))


def common_pattern(names: Sequence[str]) -> str:
    """A pattern of the names of columns: digits become ?, and what comes after the first difference a *.

    >>> common_pattern(["2024-01-01T00:00Z", "2024-01-01T01:00:00Z"])
    '????-??-??T??:??*'
    """
    shapes = [re.sub(r"\d", "?", name) for name in names]
    length = next((at for at, letters in enumerate(zip(*shapes, strict=False)) if len(set(letters)) > 1), None)
    shortest = min(len(shape) for shape in shapes)
    same = length is None and len({len(shape) for shape in shapes}) == 1
    return shapes[0] if same else shapes[0][: shortest if length is None else length] + "*"
