"""The stamps of a file → instants in UTC: one parser for readings and reference data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.landing.files import file_faults
from energy_lib.landing.parsing.arrow_columns import not_empty, stamp_texts, trimmed
from energy_lib.landing.parsing.doubled_hour import RepeatedStamps
from energy_lib.landing.parsing.local_periods import period_starts
from energy_lib.landing.parsing.parse_failures import BrokenRules
from energy_lib.landing.parsing.stamp_ranges import range_minutes
from energy_lib.landing.parsing.stamp_texts import read_clock
from energy_lib.landing.parsing.timestamps import MINUTE, NAT, Clock, Instants, to_utc
from energy_lib.landing.parsing.zone_names import ZoneNames
from energy_lib.landing.sources.allowed_values import DoubledHour, Stamp
from energy_lib.landing.sources.yaml_sections import Time

Longs = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def joined_stamps(columns: Sequence[pa.Array]) -> pa.Array:
    """The stamp that stands in one column, or in several as texts that a blank joins (date and time)."""
    if len(columns) == 1:
        return columns[0]
    return pc.binary_join_element_wise(*(column.cast(pa.string()) for column in columns), " ")


class StampParser:
    """Reads stamps as a source's `time` says: format, zone, doubled hour, and what a stamp marks.

    One parser serves all chunks of a file, in file order: of a doubled hour told by order it remembers the first
    passage. Instants are microseconds since 1970 in UTC, NAT where a stamp cannot be read.
    """

    def __init__(self, time: Time) -> None:
        self._time = time
        self._names = ZoneNames(time.zone, time.offsets)
        self._repeated = RepeatedStamps()

    def wall_clock(self, stamps: pa.Array, rules: BrokenRules) -> Clock:
        """What the stamps show; one that is no time, or of no year that a meter was read in, breaks its rule."""
        clock = read_clock(stamps, self._time.format, self._names)
        rules.mark(
            file_faults.UNPARSEABLE_TIMESTAMP,
            clock.micros == NAT,
            lambda i: f"{_shown(stamps, i)} is not a time in {self._format()}",
        )
        far = clock.out_of_range
        rules.mark(
            file_faults.TIMESTAMP_OUT_OF_RANGE, far, lambda i: f"{_shown(stamps, i)} is not in the years 1900 to 2200"
        )
        return clock.without(far)

    def interval_starts(
        self,
        stamps: pa.Array,
        clock: Clock,
        minutes: Longs,
        series: pa.Array,
        rules: BrokenRules,
        *,
        offsets: pa.Array | None = None,
        in_order: Mask | None = None,
    ) -> Instants:
        """Where the intervals start, given what their stamps show (`wall_clock`) and their lengths in minutes.

        The arguments are those of `marks`.
        """
        if self._time.stamp is Stamp.HOUR_ENDING:
            clock = clock.shifted(-minutes)
        marks = self.marks(stamps, clock, series, rules, offsets=offsets, in_order=in_order)
        return self.starts_of(marks, minutes)

    def starts_of(self, marks: Instants, minutes: Longs) -> Instants:
        """Where the intervals start whose stamps are these instants (of hour_ending labels: shifted already)."""
        return marks.shifted(-minutes) if self._time.stamp is Stamp.END else marks

    def marks(
        self,
        stamps: pa.Array,
        clock: Clock,
        series: pa.Array,
        rules: BrokenRules,
        *,
        offsets: pa.Array | None = None,
        in_order: Mask | None = None,
    ) -> Instants:
        """The instants that stamps mark.

        `series` says which rows follow one another in time (a meter, a location); `offsets` are the texts of
        `time.offset_column`. Rows outside the mask `in_order` are not counted as a passage of the doubled hour.
        Breaks `nonexistent_local_time`, and `ambiguous_local_time` where nothing tells the passages apart.
        """
        marks = self._to_utc(clock, offsets, rules)
        zone = self._time.zone
        rules.mark(
            file_faults.NONEXISTENT_LOCAL_TIME,
            marks.nonexistent,
            lambda i: f"the clock of {zone} never showed the time of {_shown(stamps, i)}",
        )
        if self._time.doubled_hour is DoubledHour.REFUSE:
            rules.mark(
                file_faults.AMBIGUOUS_LOCAL_TIME,
                marks.ambiguous,
                lambda i: f"the clock of {zone} showed the time of {_shown(stamps, i)} twice",
            )
        elif self._time.doubled_hour is DoubledHour.ORDER:
            counted = clock.micros != NAT if in_order is None else in_order & (clock.micros != NAT)
            marks = marks.chosen(self._repeated.second_passage(series, clock.micros, marks.ambiguous, counted))
        return marks

    def range_minutes(self, starts: pa.Array, ends: pa.Array) -> Longs:
        """The lengths of intervals whose stamps say start and end (`time.range_separator`); 0 where there is none."""
        clocks = [read_clock(texts, self._time.format, self._names) for texts in (starts, ends)]
        first, last = (clock.without(clock.out_of_range) for clock in clocks)
        return range_minutes(first, last, self._time.zone)

    def period_starts(
        self, stamps: pa.Array, clock: Clock, periods: pa.Array, minutes: Longs, rules: BrokenRules
    ) -> Instants:
        """Where the numbered periods of local days start (`time.period_column`): the first at midnight.

        Breaks `unparseable_timestamp` where there is no number, and `nonexistent_local_time` where the day is shorter.
        """
        found = period_starts(clock.micros, periods, minutes, self._time.zone)
        rules.mark(
            file_faults.UNPARSEABLE_TIMESTAMP,
            found.unread,
            lambda i: f"{periods[i].as_py()!r} is no number of a period",
        )
        rules.mark(
            file_faults.NONEXISTENT_LOCAL_TIME,
            found.beyond,
            lambda i: f"{_shown(stamps, i)} has no period {periods[i].as_py()} of {minutes[i]} minutes",
        )
        nothing = np.zeros(len(minutes), dtype=bool)
        return Instants(found.micros, found.micros, nothing, nothing)

    def instants(self, stamps: pa.Array) -> Longs:
        """Stamps beside the interval's own (when a row was received or issued), in the source's format.

        If none of them fits it, they are read as ISO 8601. In a doubled hour the second passage counts, so that
        nothing is known too early.
        """
        clock = read_clock(stamps, self._time.format, self._names)
        if (clock.micros == NAT).all():
            clock = read_clock(stamps, None, self._names)
        return to_utc(clock.without(clock.out_of_range), self._time.zone).second_micros

    def _format(self) -> str:
        format_ = self._time.format
        if format_ is None:
            return "ISO 8601"
        of_zone = f" with the name of a clock in {self._time.zone} (time.offsets explains others)"
        return f"the format {format_}{of_zone if '%Z' in format_ else ''}"

    def _to_utc(self, clock: Clock, offsets: pa.Array | None, rules: BrokenRules) -> Instants:
        """By the row's own offset where it has one, else by the zone."""
        by_zone = to_utc(clock, self._time.zone)
        if offsets is None:
            return by_zone
        texts = not_empty(trimmed(offsets)).dictionary_encode()
        codes = pc.fill_null(texts.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
        ahead = self._names.all_minutes_ahead(texts.dictionary.to_pylist(), codes, clock.micros)
        rules.mark(
            file_faults.UNPARSEABLE_TIMESTAMP,
            np.isnan(ahead) & (codes >= 0) & (clock.micros != NAT),
            lambda i: f"{offsets[i].as_py()!r} is no offset from UTC",
        )
        has_offset = ~np.isnan(ahead) & ~clock.absolute & (clock.micros != NAT)
        by_offset = clock.micros - np.nan_to_num(ahead).astype(np.int64) * MINUTE
        return Instants(
            np.where(has_offset, by_offset, by_zone.micros),
            np.where(has_offset, by_offset, by_zone.second_micros),
            by_zone.nonexistent & ~has_offset,
            by_zone.ambiguous & ~has_offset,
        )


def _shown(stamps: pa.Array, row: int) -> str:
    return repr(stamp_texts(stamps.slice(row, 1))[0].as_py())
