"""Lengths of intervals from the steps between a meter's stamps: each stretch of equal steps has its own.

A missing row makes a step longer than its interval. So a step counts as a length where it repeats, and where it is not
told better by rows that are missing between shorter ones. NumPy only.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from energy_lib.landing.parsing.durations import calendar_minutes, moved_walls
from energy_lib.landing.parsing.timestamps import DAY, MINUTE, wall_micros

Longs = npt.NDArray[np.int64]

# So many rows would have to be missing in a regular pattern before a longer step between shorter ones is believed.
BELIEVED_WITHOUT_ROWS = 6
# Stamps of a clock that is late by some seconds: a step this near to a multiple of five minutes is that.
JITTER_SECONDS = 60
_OF_MONTHS, _OF_DAYS = 1 << 40, 1 << 41


@dataclass(frozen=True, slots=True)
class Run:
    """Equal steps that follow one another: `kind` names their length, first … last are their positions."""

    kind: int
    minutes: int
    first: int
    last: int

    @property
    def steps(self) -> int:
        return self.last - self.first + 1


def stretch_minutes(stamps: Longs, zone: str, *, at_end: bool) -> Longs:
    """The length of the interval of each stamp, in minutes; 0 where nothing tells it.

    `stamps`: one meter's instants in UTC microseconds, ascending, each once. `at_end`: stamps mark the interval's end,
    so that its own step is the one before it. Days and months are those of the zone's calendar.
    """
    if len(stamps) < 2:
        return np.zeros(len(stamps), dtype=np.int64)
    minutes = _rounded(np.diff(stamps))
    kinds = _kinds(minutes, wall_micros(stamps, zone))
    believed = _believed(_runs(kinds, minutes))
    found = _of_stretches(believed, len(stamps), at_end=at_end) if believed else _of_few(kinds, minutes, at_end=at_end)
    lengths = _by_calendar(found, stamps, zone, at_end=at_end)
    # A step of the kind is the length itself: from 31 January to 28 February, say.
    own = slice(1, None) if at_end else slice(None, -1)
    lengths[own] = np.where(found[own] == kinds, minutes, lengths[own])
    return lengths


def _rounded(steps: Longs) -> Longs:
    """Steps in whole minutes."""
    five = 5 * MINUTE
    near = np.rint(steps / five).astype(np.int64) * five
    snapped = (near >= 2 * five) & (np.abs(steps - near) <= JITTER_SECONDS * 1_000_000)
    return np.where(snapped, near // MINUTE, np.rint(steps / MINUTE)).astype(np.int64)


def _kinds(minutes: Longs, walls: Longs) -> Longs:
    """A number for each length: months and days by the calendar, which have no fixed minutes; else the minutes."""
    steps = np.diff(walls)
    kinds = minutes.copy()
    days = np.rint(steps / DAY).astype(np.int64)
    of_days = (days >= 1) & (np.abs(steps - days * DAY) <= JITTER_SECONDS * 1_000_000)
    kinds[of_days] = _OF_DAYS + days[of_days]
    months = (walls // DAY).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    apart = np.diff(months)
    forth = np.abs(moved_walls(walls[:-1], 0, apart) - walls[1:]) <= JITTER_SECONDS * 1_000_000
    back = np.abs(moved_walls(walls[1:], 0, -apart) - walls[:-1]) <= JITTER_SECONDS * 1_000_000
    of_months = (apart >= 1) & (forth | back)
    kinds[of_months] = _OF_MONTHS + apart[of_months]
    return kinds


def _runs(kinds: Longs, minutes: Longs) -> list[Run]:
    edges = np.flatnonzero(np.diff(kinds)) + 1
    firsts, ends = np.append(0, edges), np.append(edges, len(kinds))
    spans = zip(firsts.tolist(), ends.tolist(), strict=True)
    return [Run(int(kinds[first]), int(minutes[first]), first, end - 1) for first, end in spans]


def _believed(runs: list[Run]) -> list[Run]:
    """The runs whose step is a length, in their order: those that repeat, unless missing rows tell them better."""
    believed: list[Run] = []
    for run in sorted((run for run in runs if run.steps > 1 and run.minutes > 0), key=lambda run: run.minutes):
        place = bisect_left(believed, run.first, key=lambda other: other.first)
        before = believed[place - 1] if place > 0 else None
        after = believed[place] if place < len(believed) else None
        if _stands(run, before, after):
            believed.insert(place, run)
    return believed


def _stands(run: Run, before: Run | None, after: Run | None) -> bool:
    """Whether a run is no pattern of missing rows within a stretch of shorter intervals on both of its sides."""
    if before is None or after is None or before.kind != after.kind:
        return True
    if before.minutes == 0 or run.minutes % before.minutes or run.minutes == before.minutes:
        return True
    return run.steps * (run.minutes // before.minutes - 1) >= BELIEVED_WITHOUT_ROWS


def _of_few(kinds: Longs, minutes: Longs, *, at_end: bool) -> Longs:
    """No step repeats: if they are days apart, each is a reading's own length; else the shortest is the length."""
    if (minutes >= DAY // MINUTE).all():
        return np.append(kinds[0], kinds) if at_end else np.append(kinds, kinds[-1])
    whole = minutes[minutes > 0]
    return np.full(len(kinds) + 1, whole.min() if len(whole) else 0, dtype=np.int64)


def _of_stretches(believed: list[Run], count: int, *, at_end: bool) -> Longs:
    """The kind of length of each stamp: its own step's where that is believed, else the stretch's it stands in."""
    run_of_step = np.full(count, -1, dtype=np.int64)
    for number, run in enumerate(believed):
        run_of_step[run.first : run.last + 1] = number
    before, after = np.append(-1, np.arange(count - 1)), np.append(np.arange(count - 1), -1)
    own, other = (before, after) if at_end else (after, before)
    place = np.where(run_of_step[own] >= 0, run_of_step[own], run_of_step[other])
    place = np.where(place >= 0, place, _nearest(believed, count, at_end=at_end))
    return np.asarray(np.array([run.kind for run in believed], dtype=np.int64)[place])


def _nearest(believed: list[Run], count: int, *, at_end: bool) -> Longs:
    """For each stamp the believed run that is nearest; of two equally near the one its interval points to."""
    positions = np.arange(count)
    ends = np.array([run.last + 1 for run in believed], dtype=np.int64)
    after = np.minimum(np.searchsorted(ends, positions), len(believed) - 1)
    before = np.maximum(after - 1, 0)
    firsts = np.array([run.first for run in believed], dtype=np.int64)
    to_after, to_before = np.maximum(firsts[after] - positions, 0), np.abs(positions - ends[before])
    return np.where(to_after + at_end <= to_before, after, before)


def _by_calendar(kinds: Longs, stamps: Longs, zone: str, *, at_end: bool) -> Longs:
    """Lengths in minutes; of days and months, those that the calendar has at each stamp."""
    months = np.where((kinds & _OF_MONTHS) > 0, kinds % _OF_MONTHS, 0)
    days = np.where((kinds & _OF_DAYS) > 0, kinds % _OF_DAYS, 0)
    minutes = kinds.copy()
    whole = (months + days) > 0
    if whole.any():
        minutes[whole] = calendar_minutes(stamps[whole], days[whole], months[whole], zone, backwards=at_end)
    return minutes
