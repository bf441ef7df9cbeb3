"""The chain of an interval's versions in plain Python, for tests of cleaning and landing."""

from __future__ import annotations

from datetime import datetime
from typing import Any


def chain(rows: list[tuple[datetime, datetime, str, int, float]]) -> list[tuple[Any, ...]]:
    """The rule of docs/cleaning.md (Versions), one row at a time.

    Takes (landed, available, file, row, kWh) of one interval; returns (available, kWh, superseded, file, row).
    """
    known = [(max(landed, available), landed, available, *rest) for landed, available, *rest in rows]
    first = min(k[0] for k in known)
    by_instant: dict[datetime, tuple[Any, ...]] = {}
    for k, _, available, file, row, kwh in sorted(known, key=lambda r: (r[0], r[3], r[4])):
        by_instant[available if k == first else k] = (kwh, file, row)
    kept: list[tuple[Any, ...]] = []
    for moment in sorted(by_instant):
        if not kept or kept[-1][1] != by_instant[moment][0]:
            kept.append((moment, *by_instant[moment]))
    ends = [k[0] for k in kept[1:]] + [None]
    return [(m, kwh, end, file, row) for (m, kwh, file, row), end in zip(kept, ends, strict=True)]
