"""The stamps of a file → instants in UTC: one parser for readings and reference data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.landing.files import file_faults
from energy_lib.landing.parsing.doubled_hour import RepeatedStamps
from energy_lib.landing.parsing.parse_failures import BrokenRules
from energy_lib.landing.parsing.timestamps import MINUTE, NAT, Clock, Instants, offset_minutes, read_clock, to_utc
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
        self._repeated = RepeatedStamps()

    def wall_clock(self, stamps: pa.Array, rules: BrokenRules) -> Clock:
        """What the stamps show; one that is no time breaks `unparseable_timestamp`."""
        clock = read_clock(stamps, self._time.format)
        rules.mark(
            file_faults.UNPARSEABLE_TIMESTAMP, clock.micros == NAT, lambda i: f"{stamps[i].as_py()!r} is not a time"
        )
        return clock

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

        `series` says which rows follow one another in time (a meter, a location); `offsets` are the texts of
        `time.offset_column`. Rows outside the mask `in_order` are not counted as a passage of the doubled hour.
        Breaks `nonexistent_local_time`, and `ambiguous_local_time` where nothing tells the passages apart.
        """
        if self._time.stamp is Stamp.HOUR_ENDING:
            clock = clock.shifted(-minutes)
        starts = self._to_utc(clock, offsets)
        zone = self._time.zone
        rules.mark(
            file_faults.NONEXISTENT_LOCAL_TIME,
            starts.nonexistent,
            lambda i: f"the clock of {zone} never showed the time of {stamps[i].as_py()!r}",
        )
        if self._time.doubled_hour is DoubledHour.REFUSE:
            rules.mark(
                file_faults.AMBIGUOUS_LOCAL_TIME,
                starts.ambiguous,
                lambda i: f"the clock of {zone} showed the time of {stamps[i].as_py()!r} twice",
            )
        elif self._time.doubled_hour is DoubledHour.ORDER:
            doubled = starts.ambiguous if in_order is None else starts.ambiguous & in_order
            starts = starts.chosen(self._repeated.second_passage(series, clock.micros, doubled))
        return starts.shifted(-minutes) if self._time.stamp is Stamp.END else starts

    def instants(self, stamps: pa.Array) -> Longs:
        """Stamps beside the interval's own (when a row was received or issued), in the source's format.

        If none of them fits it, they are read as ISO 8601. In a doubled hour the second passage counts, so that
        nothing is known too early.
        """
        clock = read_clock(stamps, self._time.format)
        if (clock.micros == NAT).all():
            clock = read_clock(stamps, None)
        return to_utc(clock, self._time.zone).second_micros

    def _to_utc(self, clock: Clock, offsets: pa.Array | None) -> Instants:
        """By the row's own offset where it has one, else by the zone."""
        by_zone = to_utc(clock, self._time.zone)
        if offsets is None:
            return by_zone
        ahead = offset_minutes(offsets, self._time.offsets)
        has_offset = ~np.isnan(ahead) & ~clock.absolute & (clock.micros != NAT)
        by_offset = clock.micros - np.nan_to_num(ahead).astype(np.int64) * MINUTE
        return Instants(
            np.where(has_offset, by_offset, by_zone.micros),
            np.where(has_offset, by_offset, by_zone.second_micros),
            by_zone.nonexistent & ~has_offset,
            by_zone.ambiguous & ~has_offset,
        )
