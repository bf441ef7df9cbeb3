"""When each reading's interval starts and how long it is: stamps and lengths depend on one another."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from energy_lib.landing.files import file_faults
from energy_lib.landing.formats import RawReadings
from energy_lib.landing.parsing.interval_lengths import InferredLengths, lengths_of_column
from energy_lib.landing.parsing.parse_failures import BrokenRules
from energy_lib.landing.parsing.stamp_parser import StampParser
from energy_lib.landing.parsing.timestamps import NAT, Clock, Instants
from energy_lib.landing.sources.allowed_values import AT_INTERVAL_END, Stamp
from energy_lib.landing.sources.source import Source
from energy_lib.landing.sources.yaml_sections import FromReadings, Time

Longs = npt.NDArray[np.int64]


class ReadingTimes:
    """The times of one file's readings, chunk by chunk in file order.

    With `inferred`, lengths that the whole file has told (`told_by`); else those of the YAML or of a column.
    """

    def __init__(self, source: Source, time: Time, inferred: InferredLengths | None, *, register_reads: bool) -> None:
        self._time = time
        self._zone = calendar_zone(source, time)
        self._inferred = inferred
        self._register_reads = register_reads
        self._read_after_minutes = _read_after_minutes(source, time)
        self._stamps = StampParser(time)

    def observe(self, raw: RawReadings, meter: pa.Array, rules: BrokenRules) -> None:
        """A first look at a chunk, for the lengths that its stamps tell."""
        assert self._inferred is not None
        marks, _ = self._marks(raw, meter, rules)
        self._inferred.observe(meter, np.where(rules.broken, NAT, marks))

    def times(self, raw: RawReadings, meter: pa.Array, rules: BrokenRules) -> tuple[Instants, Longs]:
        """Interval starts in UTC, and lengths in minutes (0 for register reads, and where none can be told).

        Of register reads: when they were read.
        """
        marks, instants = self._marks(raw, meter, rules)
        minutes = self._minutes(raw, meter, marks)
        unknown = (minutes <= 0) & (not (self._register_reads or raw.register_reads))
        rules.mark(file_faults.UNKNOWN_INTERVAL, unknown, lambda i: _unknown(raw, i))
        if isinstance(instants, Instants):
            if self._read_after_minutes:
                instants = instants.shifted(np.full(len(minutes), self._read_after_minutes, dtype=np.int64))
            return self._stamps.starts_of(instants, minutes), minutes
        if raw.period is not None:
            return self._stamps.period_starts(raw.stamp, instants, raw.period, minutes, rules), minutes
        in_order = ~rules.broken
        starts = self._stamps.interval_starts(
            raw.stamp, instants, minutes, meter, rules, offsets=raw.offset, in_order=in_order
        )
        return starts, minutes

    def _marks(self, raw: RawReadings, meter: pa.Array, rules: BrokenRules) -> tuple[Longs, Instants | Clock]:
        """The stamps for the lengths, and what they are: instants, or wall clocks that need the length first.

        Those are labels of ending hours, and days whose periods are numbered.
        """
        clock = self._stamps.wall_clock(raw.stamp, rules)
        if raw.period is not None or self._time.stamp is Stamp.HOUR_ENDING:
            return clock.micros, clock
        instants = self._stamps.marks(raw.stamp, clock, meter, rules, offsets=raw.offset, in_order=~rules.broken)
        return instants.micros, instants

    def _minutes(self, raw: RawReadings, meter: pa.Array, marks: Longs) -> Longs:
        if self._register_reads or raw.register_reads:
            return np.zeros(len(marks), dtype=np.int64)
        if raw.until is not None:
            return self._stamps.range_minutes(raw.stamp, raw.until)
        if raw.minutes is not None:
            return lengths_of_column(raw.minutes, marks, self._zone, at_end=self._time.stamp is not Stamp.START)
        if self._inferred is not None:
            return self._inferred.minutes(meter, marks)
        assert isinstance(self._time.interval_minutes, int), "the source was checked when it was read"
        return np.full(len(marks), self._time.interval_minutes, dtype=np.int64)

    def instants(self, stamps: pa.Array) -> Longs:
        """Stamps beside the interval's own: see StampParser."""
        return self._stamps.instants(stamps)


def told_by(source: Source, time: Time) -> InferredLengths | None:
    """What will hold the lengths, if the YAML says that the file's stamps tell them."""
    if time.interval_minutes != "infer" or (source.value is not None and source.value.register_reads):
        return None
    if time.interval_column is not None:
        return None
    return InferredLengths(calendar_zone(source, time), at_end=time.stamp is not Stamp.START)


def _read_after_minutes(source: Source, time: Time) -> int:
    """How long after its stamp a register was read: at the stamp, or at the end of the interval that starts there."""
    at_end = source.value is not None and source.value.register_reads == AT_INTERVAL_END
    return time.interval_minutes if at_end and isinstance(time.interval_minutes, int) else 0


def calendar_zone(source: Source, time: Time) -> str:
    """The zone whose days and months intervals may cover: the stamps', or the meters' if stamps are in UTC.

    Labels of ending hours and numbered days are wall clocks, whose calendar needs no zone.
    """
    if time.stamp is Stamp.HOUR_ENDING or time.period_column is not None:
        return "UTC"
    if time.zone == "UTC" and isinstance(source.meters, FromReadings):
        return source.meters.zone
    return time.zone


def _unknown(raw: RawReadings, row: int) -> str:
    if raw.until is not None:
        return f"{raw.until[row].as_py()!r} is no end of an interval that starts at {str(raw.stamp[row].as_py())!r}"
    if raw.minutes is None:
        return "the interval's length cannot be told"
    return f"{str(raw.minutes[row].as_py())!r} is no length of an interval"
