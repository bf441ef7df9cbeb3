"""Where in its day the interval of a column lies, told from the column's name: a time of day, or a number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from energy_lib.landing.files import file_faults
from energy_lib.landing.files.file_faults import FileFault

DAY_MINUTES = 1440
LONGEST_DAY_MINUTES = 1500
SHORTEST_DAY_MINUTES = 1380
LENGTHS = (60, 30, 20, 15, 10, 5)
_CLOCK = re.compile(r"(?<![\d.])(\d{1,2})[:.hH](\d{2})(?!\d)(?::\d{2})?\s*([AaPp])?\.?(?:[Mm]\b)?")
_HOURS_AND_MINUTES = re.compile(r"(?<!\d)(\d{1,2})(\d{2})(?!\d)")
_NUMBER = re.compile(r"(\d+)\D*$")


@dataclass(frozen=True, slots=True)
class DayColumns:
    """Columns of a day in file order.

    `offset_minutes` is counted from midnight: on the wall clock if `on_clock`, else as elapsed time. `second` marks
    the columns that the header names a second time: the second passage of the doubled hour. `numbered` columns of 24
    hours say nothing of the clock themselves.
    """

    length_minutes: int
    offset_minutes: npt.NDArray[np.int64]
    second: npt.NDArray[np.bool_]
    on_clock: bool
    numbered: bool


def day_columns(names: Sequence[str], length: int | Literal["infer"] | None, *, starts: bool) -> DayColumns:
    """Raises FileFault where names and `length` (minutes, or infer) do not make a day.

    `starts`: of a name with two times (00:00-00:15) the first counts, else the last.
    """
    offsets = clock_offsets(names, starts=starts)
    if offsets is not None:
        return _on_clock(names, offsets, length, starts=starts)
    return _numbered(names, length)


def clock_offsets(names: Sequence[str], *, starts: bool) -> list[int] | None:
    """Minutes after midnight that the names say; None unless all of them name a time of day."""
    for pattern in (_CLOCK, _HOURS_AND_MINUTES):
        times = [_times(pattern, re.sub(r"_\d+$", "", name)) for name in names]
        if not all(times):
            continue
        offsets = [one[0 if starts else -1] for one in times]
        if not starts:
            # Midnight ends the day, unless the file begins with it.
            offsets = [offset or (DAY_MINUTES if at else 0) for at, offset in enumerate(offsets)]
        if _plausible(offsets):
            return offsets
    return None


def _times(pattern: re.Pattern[str], name: str) -> list[int]:
    minutes = []
    for match in pattern.finditer(name):
        hour, minute, half = int(match[1]), int(match[2]), match[3] if pattern is _CLOCK else None
        if half:
            hour = hour % 12 + (12 if half in "Pp" else 0)
        if minute < 60 and hour * 60 + minute <= DAY_MINUTES:
            minutes.append(hour * 60 + minute)
    return minutes


def _plausible(offsets: list[int]) -> bool:
    """Times of day rise, an hour may come twice, and they are minutes apart that divide an hour."""
    steps = np.diff(offsets)
    return len(offsets) > 1 and _step(offsets) in LENGTHS and bool((steps >= 0).mean() > 0.9)


def _step(offsets: Sequence[int]) -> int:
    steps = Counter(int(step) for step in np.diff(sorted(set(offsets))))
    return steps.most_common(1)[0][0] if steps else 0


def _on_clock(
    names: Sequence[str], offsets: list[int], length: int | Literal["infer"] | None, *, starts: bool
) -> DayColumns:
    step = _step(offsets)
    if isinstance(length, int) and length != step:
        raise _fault(
            f"the columns {names[0]} … {names[-1]} are {step} minutes apart, and time.interval_minutes is {length}"
        )
    if starts and offsets[-1] in (0, DAY_MINUTES):
        raise _fault(f"no interval of the day starts with the last column, {names[-1]}: write time.stamp end")
    counts: Counter[int] = Counter()
    second = []
    for offset in offsets:
        second.append(counts[offset] == 1)
        counts[offset] += 1
    if counts.most_common(1)[0][1] > 2:
        raise _fault("a time of day names more than two columns")
    return DayColumns(step, np.array(offsets, dtype=np.int64), np.array(second), on_clock=True, numbered=False)


def _numbered(names: Sequence[str], length: int | Literal["infer"] | None) -> DayColumns:
    found = [_NUMBER.search(name) for name in names]
    numbers = [int(match[1]) for match in found if match]
    # Names without a number, or with one twice, say nothing: then the file's order counts.
    if len(set(numbers)) < len(names) or max(numbers) - min(numbers) >= LONGEST_DAY_MINUTES:
        numbers = list(range(len(names)))
    places = np.array(numbers, dtype=np.int64) - min(numbers)
    count = int(places.max()) + 1
    minutes = length if isinstance(length, int) else _length_of(count)
    if minutes is None or count * minutes > LONGEST_DAY_MINUTES:
        of = f" of {minutes} minutes" if minutes else ""
        raise _fault(f"{count} columns{of} ({names[0]} … {names[-1]}) are no day: narrow value.day_columns")
    on_clock = count * minutes == DAY_MINUTES
    return DayColumns(minutes, places * minutes, np.zeros(len(names), dtype=bool), on_clock, numbered=True)


def _length_of(count: int) -> int | None:
    fits = [n for n in LENGTHS if SHORTEST_DAY_MINUTES <= count * n <= LONGEST_DAY_MINUTES]
    return fits[0] if fits else None


def _fault(reason: str) -> FileFault:
    return FileFault(file_faults.FILE_LAYOUT, reason)
