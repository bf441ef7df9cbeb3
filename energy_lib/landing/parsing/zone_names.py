"""Offsets from UTC as stamps carry them: +02, -0330, Z, and names such as BST or CEST that a zone's clock goes by."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

# An offset from UTC or a name of a clock, at the end of a stamp or where a format has %z or %Z.
OFFSET = r"(?:UTC|GMT)?[+\-\u2212]\d{1,2}(?::?\d{2})?|[Zz]"
NAME = r"[^\W\d_]{1,9}"
_OFFSET = re.compile(r"(?:UTC|GMT)?([+\-\u2212])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
ALWAYS_UTC = ("UTC", "GMT", "Z")
# Kiribati is 14 hours ahead of UTC, the farthest of all.
LARGEST_OFFSET_MINUTES = 14 * 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ZoneNames:
    """What the names of clocks mean in the stamps of one source: those its zone goes by, and those its YAML explains.

    `explained` is the YAML's `time.offsets`: text → offset.
    """

    zone: str = "UTC"
    explained: Mapping[str, str] = field(default_factory=dict)

    def minutes_ahead(self, text: str, wall_micros: int) -> float | None:
        """Minutes ahead of UTC of the clock that shows `wall_micros`; None if the text says nothing that is known.

        A bare number is hours.
        A name that the zone has used for several offsets (MSK) means the one it had at that time.
        """
        text = self.explained.get(text, text)
        minutes = numeric_offset(f"+{text}" if text[:1].isdigit() else text)
        if minutes is not None:
            return minutes
        if text.upper() in ALWAYS_UTC:
            return 0.0
        offsets = _offsets_by_name(self.zone).get(text.upper(), set())
        if len(offsets) > 1:
            offsets = _offsets_at(self.zone, text.upper(), wall_micros)
        return next(iter(offsets)) if len(offsets) == 1 else None

    def all_minutes_ahead(
        self, texts: Sequence[str | None], codes: npt.NDArray[np.int64], walls: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float64]:
        """The same for many rows: row i has the text `texts[codes[i]]`; NaN if it is null or says nothing known."""
        ahead = np.full(len(codes), np.nan)
        for code, text in enumerate(texts):
            rows = np.flatnonzero(codes == code)
            written = (text or "").strip()
            if not len(rows) or not written:
                continue
            unique, back = np.unique(walls[rows], return_inverse=True)
            if len(_offsets_by_name(self.zone).get(written.upper(), set())) < 2:
                unique, back = unique[:1], np.zeros(len(rows), dtype=np.int64)
            found = [self.minutes_ahead(written, int(wall)) for wall in unique]
            ahead[rows] = np.array(found, dtype=float)[back]
        return ahead


@lru_cache(maxsize=4096)
def numeric_offset(text: str) -> float | None:
    """`+02`, `+0200`, `-03:30`, `UTC+2`, `Z` → minutes ahead of UTC; None if it is none of these."""
    if text in ("Z", "z"):
        return 0.0
    match = _OFFSET.fullmatch(text)
    if match is None:
        return None
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    if minutes > LARGEST_OFFSET_MINUTES or int(match[3] or 0) > 59:
        return None
    return float(minutes if match[1] == "+" else -minutes)


@lru_cache(maxsize=64)
def _offsets_by_name(zone: str) -> dict[str, set[float]]:
    """Every name that the zone's clock went by since 1970, with its minutes ahead of UTC."""
    tz = ZoneInfo(zone)
    found: dict[str, set[float]] = {}
    for month in range(12 * (2038 - 1970)):
        then = datetime(1970 + month // 12, month % 12 + 1, 15, tzinfo=tz)
        found.setdefault((then.tzname() or "").upper(), set()).add(_ahead(then))
    return found


def _offsets_at(zone: str, name: str, wall_micros: int) -> set[float]:
    wall = (_EPOCH + timedelta(microseconds=wall_micros)).replace(tzinfo=ZoneInfo(zone))
    both = (wall.replace(fold=0), wall.replace(fold=1))
    return {_ahead(then) for then in both if (then.tzname() or "").upper() == name}


def _ahead(then: datetime) -> float:
    return (then.utcoffset() or timedelta(0)) / timedelta(minutes=1)
