"""Raw readings of one file → rows of bronze.readings: stamps in UTC, energy in kWh, or the rule a row broke."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.landing.files import faults
from energy_lib.landing.files.content import Content
from energy_lib.landing.formats import Raw
from energy_lib.landing.parsing.arrow_columns import (
    UTC_STAMP,
    flags,
    instants,
    not_empty,
    replaced,
    stamp_texts,
    trimmed,
    with_broken,
)
from energy_lib.landing.parsing.broken_rules import Rules
from energy_lib.landing.parsing.doubled_hour import Passages
from energy_lib.landing.parsing.extract import raw_readings
from energy_lib.landing.parsing.interval_lengths import Lengths
from energy_lib.landing.parsing.labels import fuels, qualities, units
from energy_lib.landing.parsing.numbers import kwh_factor, read_numbers
from energy_lib.landing.parsing.timestamps import MINUTE, NAT, Clock, Instants, offset_minutes, read_clock, to_utc
from energy_lib.landing.sources.source import Available, Source, Time, Value
from energy_lib.landing.sources.words import DoubledHour, Stamp

Longs = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# NEM12 and Green Button say unit, length and stamp themselves; these are their clocks.
SELF_DESCRIBED_TIME = Time(column="", zone="UTC", interval_column="")
SELF_DESCRIBED_VALUE = Value(unit_column="")


def parse_readings(content: Content, source: Source, landed_at_utc: datetime) -> Iterator[pa.Table]:
    """Tables with the parsed columns of bronze.readings; row_number runs through the file. Raises FileFault."""
    parser = _Parser(source, landed_at_utc)
    for raw in raw_readings(content, source):
        yield parser.parse(raw)


class _Parser:
    """One file's parser: what it learns from earlier chunks holds for later ones."""

    def __init__(self, source: Source, landed_at_utc: datetime) -> None:
        self.source = source
        self.time = source.time or SELF_DESCRIBED_TIME
        self.value = source.value or SELF_DESCRIBED_VALUE
        self.landed_micros = int(landed_at_utc.timestamp() * 1_000_000)
        self.lengths = Lengths(self.time.interval_minutes, register_reads=self.value.register_reads)
        self.passages = Passages()
        self.rows = 0

    def parse(self, raw: Raw) -> pa.Table:
        rules = Rules(len(raw.meter))
        if raw.rule is not None:
            rules.adopt(raw.rule, raw.reason)
        meter = trimmed(raw.meter)
        rules.mark(faults.MISSING_METER, flags(pc.fill_null(pc.equal(meter, ""), True)), lambda i: "no meter is named")
        start, minutes, doubled = self._times(raw, meter, rules)
        energy = self._energies(raw, minutes, rules)
        columns = self._columns(raw, meter, start, minutes, energy, rules)
        if self.time.doubled_hour is DoubledHour.SPLIT and doubled.any():
            columns = self._split(columns, start, doubled)
        table = with_broken(columns, raw.broken)
        numbers = np.arange(self.rows + 1, self.rows + 1 + table.num_rows)
        self.rows += table.num_rows
        return table.append_column("row_number", pa.array(numbers))

    def _times(self, raw: Raw, meter: pa.Array, rules: Rules) -> tuple[Instants, Longs, Mask]:
        """Interval starts in UTC, lengths in minutes (0 for register reads) and the rows in a doubled hour."""
        clock = read_clock(raw.stamp, self.time.format)
        unread = clock.micros == NAT
        rules.mark(faults.UNPARSEABLE_TIMESTAMP, unread, lambda i: f"{raw.stamp[i].as_py()!r} is not a time")
        minutes = self.lengths.of(meter, clock.micros, raw.minutes)
        unknown = (minutes <= 0) & (not self.value.register_reads)
        rules.mark(faults.UNKNOWN_INTERVAL, unknown, lambda i: "the interval's length cannot be told")
        if self.time.stamp is Stamp.HOUR_ENDING:
            clock = clock.shifted(-minutes)
        passed = self._instants(clock, raw.offset)
        zone = self.time.zone
        rules.mark(
            faults.NONEXISTENT_LOCAL_TIME,
            passed.nonexistent,
            lambda i: f"the clock of {zone} never showed the time of {raw.stamp[i].as_py()!r}",
        )
        doubled = passed.ambiguous & ~rules.broken
        if self.time.doubled_hour is DoubledHour.REFUSE:
            rules.mark(
                faults.AMBIGUOUS_LOCAL_TIME,
                passed.ambiguous,
                lambda i: f"the clock of {zone} showed the time of {raw.stamp[i].as_py()!r} twice",
            )
        elif self.time.doubled_hour is DoubledHour.ORDER:
            second = self.passages.second(meter, clock.micros, doubled)
            first = np.where(second, passed.second_micros, passed.micros)
            passed = Instants(first, first, passed.nonexistent, passed.ambiguous)
        if self.time.stamp is Stamp.END:
            back = np.where(passed.micros == NAT, 0, minutes * MINUTE)
            passed = Instants(passed.micros - back, passed.second_micros - back, passed.nonexistent, passed.ambiguous)
        return passed, minutes, doubled

    def _instants(self, clock: Clock, offset: pa.Array | None) -> Instants:
        told_by_zone = to_utc(clock, self.time.zone)
        if offset is None:
            return told_by_zone
        ahead = offset_minutes(offset, self.time.offsets)
        told = ~np.isnan(ahead) & ~clock.absolute & (clock.micros != NAT)
        exact = clock.micros - np.nan_to_num(ahead).astype(np.int64) * MINUTE
        micros = np.where(told, exact, told_by_zone.micros)
        return Instants(
            micros,
            np.where(told, exact, told_by_zone.second_micros),
            told_by_zone.nonexistent & ~told,
            told_by_zone.ambiguous & ~told,
        )

    def _energies(self, raw: Raw, minutes: Longs, rules: Rules) -> npt.NDArray[np.float64]:
        """Energy (or register) in kWh, NaN where there is none."""
        numbers = read_numbers(raw.value, self.value.decimal, self.value.thousands, self.value.missing)
        rules.mark(faults.MISSING_VALUE, numbers.missing, lambda i: "the file says that there is no value")
        bad = np.isnan(numbers.values) & ~numbers.missing
        rules.mark(faults.UNPARSEABLE_VALUE, bad, lambda i: f"{raw.value[i].as_py()!r} is not a number")
        sign = 1.0 if self.value.use_is == "positive" else -1.0
        factor = self._factors(raw.unit, minutes, rules)
        energy = np.asarray(numbers.values * factor * sign)
        # Minus zero is zero.
        return np.where(energy == 0, 0.0, energy)

    def _factors(self, texts: pa.Array | None, minutes: Longs, rules: Rules) -> npt.NDArray[np.float64]:
        """What one unit of each row is in kWh."""
        if texts is None:
            assert self.value.unit is not None, "the source was checked when it was read"
            return kwh_factor(self.value.unit, minutes, self.value)
        factor = np.full(len(minutes), np.nan)
        for unit, here in units(texts, self.value).items():
            factor[here] = kwh_factor(unit, minutes[here], self.value)
        rules.mark(faults.UNKNOWN_UNIT, np.isnan(factor), lambda i: f"unit {texts[i].as_py()!r} is none that is known")
        return factor

    def _columns(
        self,
        raw: Raw,
        meter: pa.Array,
        start: Instants,
        minutes: Longs,
        energy: npt.NDArray[np.float64],
        rules: Rules,
    ) -> pa.Table:
        fuel = fuels(raw.fuel, self.source.fuel, len(meter))
        rules.mark(faults.UNKNOWN_FUEL, flags(pc.is_null(fuel)), lambda i: f"{_said(raw.fuel, i)} is no fuel")
        whole = ~rules.broken
        timed = (start.micros != NAT) & ~start.nonexistent & ~(start.ambiguous & rules.broken)
        registers = self.value.register_reads
        rule_id, reason = rules.arrays()
        nothing = pa.nulls(len(meter), pa.float64())
        kwh = pa.array(energy, mask=~whole | np.isnan(energy))
        return pa.table(
            {
                "raw_meter_id": raw.meter.cast(pa.string()),
                "raw_timestamp": stamp_texts(raw.stamp),
                "raw_value": raw.value.cast(pa.string()),
                "raw_row": pa.nulls(len(meter), pa.string()),
                "meter_id": not_empty(meter),
                "building_id": pa.nulls(len(meter), pa.string()) if raw.building is None else trimmed(raw.building),
                "fuel": fuel,
                "interval_start_utc": instants(start.micros, timed),
                "interval_minutes": pa.array(minutes.astype(np.int32), mask=minutes <= 0),
                "energy_kwh": nothing if registers else kwh,
                "register_kwh": kwh if registers else nothing,
                "quality": qualities(raw.quality, self.source.quality, len(meter)),
                "available_at_utc": instants(self._available(raw, start, minutes), timed),
                "rule_id": rule_id,
                "reason": reason,
            }
        )

    def _available(self, raw: Raw, start: Instants, minutes: Longs) -> Longs:
        """Never before the interval's end: nobody knows a reading while it is being made."""
        ends = np.where(start.micros == NAT, 0, start.micros + minutes * MINUTE)
        given = self.source.available
        if not isinstance(given, Available):
            return np.maximum(ends, self.landed_micros)
        if given.after_interval_end_minutes is not None:
            return np.asarray(ends + given.after_interval_end_minutes * MINUTE)
        if raw.available is None:
            return np.maximum(ends, self.landed_micros)
        told = read_clock(raw.available, self.time.format)
        if (told.micros == NAT).all():
            told = read_clock(raw.available, None)
        known = to_utc(told, self.time.zone).second_micros
        return np.maximum(ends, np.where(known == NAT, self.landed_micros, known))

    def _split(self, columns: pa.Table, start: Instants, doubled: Mask) -> pa.Table:
        """A value that holds both passages of the doubled hour becomes two halves, marked as estimated."""
        whole = doubled & flags(pc.is_null(columns["rule_id"]))
        halves = pc.multiply(columns["energy_kwh"], pa.array(np.where(whole, 0.5, 1.0)))
        quality = pc.if_else(pa.array(whole), pa.scalar("estimated"), columns["quality"].combine_chunks())
        columns = replaced(replaced(columns, "energy_kwh", halves), "quality", quality)
        rows = np.repeat(np.arange(columns.num_rows), np.where(whole, 2, 1))
        again = np.append(False, rows[1:] == rows[:-1])
        moved = np.where(again, start.second_micros[rows] - start.micros[rows], 0)
        columns = columns.take(pa.array(rows))
        # What counts as known so long after its interval moves with it; what landed, landed.
        moves = isinstance(self.source.available, Available) and self.source.available.column is None
        for name in ("interval_start_utc", *(("available_at_utc",) if moves else ())):
            micros = pc.add(columns[name].cast(pa.int64()), pa.array(moved)).cast(UTC_STAMP)
            columns = replaced(columns, name, micros)
        return columns


def _said(texts: pa.Array | None, row: int) -> str:
    return "nothing" if texts is None else repr(texts[row].as_py())
