"""How long each reading's interval is: the YAML or a column gives it, or the steps between a meter's stamps tell it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.landing.parsing.durations import LONGEST_MINUTES, Duration, calendar_minutes, read_duration
from energy_lib.landing.parsing.stretches import stretch_minutes
from energy_lib.landing.parsing.timestamps import NAT

Longs = npt.NDArray[np.int64]
NO_DURATION = Duration()


class InferredLengths:
    """The lengths of a whole file, told by the steps between its stamps (stretches.py).

    First every chunk is observed, then lengths can be asked for: a file's order does not matter. It holds each meter's
    stamps once.
    """

    def __init__(self, zone: str, *, at_end: bool) -> None:
        self._zone, self._at_end = zone, at_end
        self._number_of: dict[str, int] = {}
        self._seen: list[tuple[npt.NDArray[np.int32], Longs]] = []
        self._stamps = self._keys = self._minutes = np.empty(0, dtype=np.int64)

    def observe(self, meter: pa.Array, micros: Longs) -> None:
        """Stamps (UTC microseconds) of some rows; a row with a null meter, or with NAT, is none."""
        numbers = self._numbers(meter, new=True)
        known = (numbers >= 0) & (micros != NAT)
        self._seen.append((numbers[known].astype(np.int32), micros[known]))

    def settle(self) -> None:
        """All chunks have been observed."""
        numbers = np.concatenate([np.empty(0, np.int32), *(numbers for numbers, _ in self._seen)]).astype(np.int64)
        stamps = np.concatenate([np.empty(0, np.int64), *(stamps for _, stamps in self._seen)])
        self._seen = []
        order = np.lexsort((stamps, numbers))
        numbers, stamps = numbers[order], stamps[order]
        again = (np.diff(numbers, prepend=-1) == 0) & (np.diff(stamps, prepend=0) == 0)
        numbers, stamps = numbers[~again], stamps[~again]
        self._stamps = np.unique(stamps)
        self._keys = self._key(numbers, stamps)
        edges = np.append(np.flatnonzero(np.diff(numbers, prepend=-1)), len(numbers))
        lengths = [
            stretch_minutes(stamps[first:end], self._zone, at_end=self._at_end)
            for first, end in pairwise(edges.tolist())
        ]
        self._minutes = np.concatenate([np.empty(0, np.int64), *lengths])

    def minutes(self, meter: pa.Array, micros: Longs) -> Longs:
        """The length of each row's interval; 0 where nothing tells it."""
        if len(self._keys) == 0:
            return np.zeros(len(micros), dtype=np.int64)
        keys = self._key(self._numbers(meter, new=False), micros)
        place = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where((self._keys[place] == keys) & (micros != NAT), self._minutes[place], 0)

    def _key(self, numbers: Longs, micros: Longs) -> Longs:
        return numbers * (len(self._stamps) + 1) + np.searchsorted(self._stamps, micros)

    def _numbers(self, meter: pa.Array, *, new: bool) -> Longs:
        """The number of each row's meter; -1 for a null."""
        encoded = meter.dictionary_encode()
        names = encoded.dictionary.to_pylist()
        for name in names if new else ():
            self._number_of.setdefault(name, len(self._number_of))
        numbers = np.array([*(self._number_of.get(name, -1) for name in names), -1], dtype=np.int64)
        codes = pc.fill_null(encoded.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
        return np.asarray(numbers[codes])


def lengths_of_column(column: pa.Array, micros: Longs, zone: str, *, at_end: bool) -> Longs:
    """Minutes from a column of the file (`read_duration`; numbers are minutes); 0 for what is no length.

    Days and months are those of the zone's calendar that begin (`at_end`: end) at the stamps `micros`.
    """
    encoded = _as_texts(column).dictionary_encode()
    durations = [read_duration(text) or NO_DURATION for text in encoded.dictionary.to_pylist()]
    codes = pc.fill_null(encoded.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    parts = np.array([(d.minutes, d.days, d.months) for d in [*durations, NO_DURATION]], dtype=np.int64)
    minutes, days, months = (np.ascontiguousarray(part) for part in parts[codes].T)
    by_calendar = (days + months) > 0
    if by_calendar.any():
        rows = np.flatnonzero(by_calendar)
        minutes[rows] = calendar_minutes(micros[rows], days[rows], months[rows], zone, backwards=at_end)
    return np.where(minutes <= LONGEST_MINUTES, minutes, 0)


def lengths_in_minutes(column: pa.Array) -> npt.NDArray[np.float64]:
    """The same where a day always has 24 hours; NaN for months, and for what is no length."""
    encoded = _as_texts(column).dictionary_encode()
    durations = [read_duration(text) or NO_DURATION for text in encoded.dictionary.to_pylist()]
    minutes = [float(d.minutes + d.days * 1440) if d != NO_DURATION and not d.months else np.nan for d in durations]
    codes = pc.fill_null(encoded.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    return np.asarray(np.array([*minutes, np.nan])[codes])


def _as_texts(column: pa.Array) -> pa.Array:
    """Lengths as texts; typed durations as minutes."""
    if pa.types.is_duration(column.type):
        seconds = column.cast(pa.duration("us")).cast(pa.int64())
        column = pc.divide(seconds.cast(pa.float64()), 60e6)
    return column.cast(pa.string())
