"""One meter's readings as a dense hourly grid: sub-hourly summed, longer ones spread evenly. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from energy_lib.vocabulary import Quality

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Small = npt.NDArray[np.int8]

# From best to worst: an hour has the worst quality of its readings.
QUALITIES = (Quality.MEASURED, Quality.EDITED, Quality.ESTIMATED, Quality.IMPUTED)
HOUR_MINUTES = 60
# Meters read their registers some seconds before or after the hour. The ends of a reading of at least LONG_MINUTES
# that lie within EDGE_MINUTES of an hour count as that hour's.
EDGE_MINUTES, LONG_MINUTES = 1, 10
# An index, or a rank, beyond every series: there is no such hour or instant.
FAR = 1 << 40


@dataclass(frozen=True, slots=True)
class Readings:
    """One version of each interval, sorted by start. Arrays of one length."""

    start: Ints  # minutes since the epoch
    minutes: Ints  # 0 between two register reads of one minute
    kwh: Floats
    quality: Small  # index into QUALITIES
    flags: Ints  # bits of rules.FLAGS
    available: Ints  # microseconds since the epoch

    def __len__(self) -> int:
        return len(self.start)

    def take(self, chosen: npt.NDArray[np.int64] | Bools) -> Readings:
        return Readings(*(getattr(self, name)[chosen] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Grid:
    """The hours `first`, first + 1, … of one meter, without holes.

    Arrays of one length, one entry an hour. An hour that was not read has NaN kWh, 0 minutes, quality -1 and rank -1.
    """

    first: int  # hours since the epoch
    read_kwh: Floats  # energy of readings that lie within one hour
    spread_kwh: Floats  # energy from readings longer than their hour
    covered: Ints  # minutes covered by readings, 0 … 60
    spread: Ints  # minutes of those that came from longer readings
    quality: Small  # index into QUALITIES of the worst reading
    flags: Ints  # bits of rules.FLAGS, of all readings of the hour
    rank: Floats  # availability as index into `instants` (floats: bottleneck's windows are exact on them)
    instants: Ints  # sorted instants, microseconds since the epoch

    def __len__(self) -> int:
        return len(self.covered)

    @property
    def observed(self) -> Bools:
        return self.covered > 0

    @property
    def full(self) -> Bools:
        """Hours that were read whole."""
        full: Bools = (self.covered == HOUR_MINUTES) & (self.spread == 0)
        return full


def to_grid(readings: Readings) -> Grid:
    """The dense grid from the first to the last hour that a reading lies in; `readings` must not be empty.

    Readings shorter than an hour are summed. A longer one is spread evenly over its minutes.
    """
    readings = on_the_hour(without_overlaps(readings))
    rank, instants = _ranked(readings.available)
    if _is_hourly(readings):
        return _hourly(readings, rank, instants)
    return _overlapped(readings, rank, instants)


def without_overlaps(readings: Readings) -> Readings:
    """Of intervals that overlap (a correction in another interval length), keep the one that became known later."""
    end = readings.start + readings.minutes
    reach = np.maximum.accumulate(end)
    overlaps = np.r_[False, readings.start[1:] < reach[:-1]]
    if not overlaps.any():
        return readings
    cluster = np.cumsum(~overlaps)
    crowded = np.flatnonzero(np.bincount(cluster)[cluster] > 1)
    keep = np.ones(len(readings), dtype=bool)
    keep[crowded] = False
    # Newest first; of those known at one instant the shorter interval, which is more exact.
    order = crowded[np.lexsort((readings.start[crowded], readings.minutes[crowded], -readings.available[crowded]))]
    order = order[np.argsort(cluster[order], kind="stable")]
    kept: list[int] = []
    for i in order:
        kept = [k for k in kept if cluster[k] == cluster[i]]
        if all(end[i] <= readings.start[k] or end[k] <= readings.start[i] for k in kept):
            kept.append(int(i))
            keep[i] = True
    return readings.take(keep)


def on_the_hour(readings: Readings) -> Readings:
    """Readings whose ends lie just beside an hour moved onto it, so that an hour's reading is not spread over two.

    An end that meets a short reading stays: what is moved there would be missing on the other side.
    """
    end = readings.start + readings.minutes
    is_long = readings.minutes >= LONG_MINUTES
    meets = readings.start[1:] == end[:-1]
    start_moves = is_long & np.r_[True, is_long[:-1] | ~meets]
    end_moves = is_long & np.r_[is_long[1:] | ~meets, True]
    start = np.where(start_moves, _nearest_hour(readings.start), readings.start)
    end = np.where(end_moves, _nearest_hour(end), end)
    return replace(readings, start=start, minutes=end - start)


def _nearest_hour(minute: Ints) -> Ints:
    """The hour, in minutes, that is at most EDGE_MINUTES away; else the minute itself."""
    nearest = (minute + EDGE_MINUTES) // HOUR_MINUTES * HOUR_MINUTES
    return np.where(np.abs(minute - nearest) <= EDGE_MINUTES, nearest, minute)


def neighbours(chosen: Bools) -> tuple[Ints, Ints]:
    """Index of the hour before and after each hour that is one of `chosen`; -FAR and FAR where there is none."""
    at = np.arange(len(chosen))
    seen = np.maximum.accumulate(np.where(chosen, at, -FAR))
    coming = np.minimum.accumulate(np.where(chosen, at, FAR)[::-1])[::-1]
    return np.r_[-FAR, seen[:-1]], np.r_[coming[1:], FAR]


def _ranked(available: Ints) -> tuple[Floats, Ints]:
    steps = np.diff(available)
    if (steps >= 0).all():  # the usual case needs no sort
        rank = np.r_[0, np.cumsum(steps > 0)]
        return rank.astype(np.float64), available[np.r_[True, steps > 0]]
    instants, inverse = np.unique(available, return_inverse=True)
    return inverse.astype(np.float64), instants


def _is_hourly(readings: Readings) -> bool:
    return bool((readings.minutes == HOUR_MINUTES).all() and (readings.start % HOUR_MINUTES == 0).all())


def _hourly(readings: Readings, rank: Floats, instants: Ints) -> Grid:
    hour = readings.start // HOUR_MINUTES
    first, count = int(hour[0]), int(hour[-1] - hour[0]) + 1
    grid = _empty(first, count, instants)
    at: Ints | slice = slice(None) if count == len(hour) else hour - first
    grid.read_kwh[at] = readings.kwh
    grid.covered[at] = HOUR_MINUTES
    grid.quality[at] = readings.quality
    grid.flags[at] = readings.flags
    grid.rank[at] = rank
    return grid


def _overlapped(readings: Readings, rank: Floats, instants: Ints) -> Grid:
    end = readings.start + readings.minutes
    first_hour, last_hour = readings.start // HOUR_MINUTES, np.maximum(end - 1, readings.start) // HOUR_MINUTES
    pieces = last_hour - first_hour + 1
    of = np.repeat(np.arange(len(readings)), pieces)
    hour = first_hour[of] + np.arange(len(of)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    minutes = np.minimum(end[of], (hour + 1) * HOUR_MINUTES) - np.maximum(readings.start[of], hour * HOUR_MINUTES)
    kwh = readings.kwh[of] * np.where(minutes > 0, minutes / np.maximum(readings.minutes[of], 1), 1.0)
    longer = pieces[of] > 1

    first, count = int(first_hour[0]), int(last_hour.max() - first_hour[0]) + 1
    at = hour - first
    grid = _empty(first, count, instants)
    read, spread = ~longer, longer
    grid.read_kwh[:] = np.bincount(at[read], kwh[read], count)
    grid.read_kwh[np.bincount(at[read], minlength=count) == 0] = np.nan
    grid.spread_kwh[:] = np.bincount(at[spread], kwh[spread], count)
    # An end that was moved onto the hour may have met a shorter reading's minutes there.
    grid.covered[:] = np.minimum(np.bincount(at, minutes, count).astype(np.int64), HOUR_MINUTES)
    grid.spread[:] = np.minimum(np.bincount(at[spread], minutes[spread], count).astype(np.int64), HOUR_MINUTES)
    np.maximum.at(grid.quality, at, readings.quality[of])
    np.bitwise_or.at(grid.flags, at, readings.flags[of])
    np.maximum.at(grid.rank, at, rank[of])
    return grid


def _empty(first: int, count: int, instants: Ints) -> Grid:
    return Grid(
        first=first,
        read_kwh=np.full(count, np.nan),
        spread_kwh=np.zeros(count),
        covered=np.zeros(count, dtype=np.int64),
        spread=np.zeros(count, dtype=np.int64),
        quality=np.full(count, -1, dtype=np.int8),
        flags=np.zeros(count, dtype=np.int64),
        rank=np.full(count, -1.0),
        instants=instants,
    )
