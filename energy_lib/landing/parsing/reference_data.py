"""Reference data of one file (weather, prices, meters, tariffs …) → rows of the table of its kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.landing.files import file_faults
from energy_lib.landing.files.content import Content
from energy_lib.landing.formats import Chunk, read_chunks
from energy_lib.landing.formats.chunk import find_column
from energy_lib.landing.parsing.arrow_columns import as_shown, flags, instants, not_empty, trimmed, with_broken
from energy_lib.landing.parsing.declarations import judged_together
from energy_lib.landing.parsing.durations import LONGEST_MINUTES
from energy_lib.landing.parsing.hourly_weather import hourly_weather
from energy_lib.landing.parsing.interval_lengths import lengths_in_minutes
from energy_lib.landing.parsing.numbers import read_numbers
from energy_lib.landing.parsing.parse_failures import BrokenRules
from energy_lib.landing.parsing.reference_cells import mapped, not_whole, shown_days
from energy_lib.landing.parsing.reference_ranges import mark_implausible
from energy_lib.landing.parsing.reference_rules import check_location, require_column
from energy_lib.landing.parsing.reference_tables import JUDGES, TABLE_OF, fill_empty
from energy_lib.landing.parsing.stamp_parser import StampParser, joined_stamps
from energy_lib.landing.parsing.stamp_ranges import range_parts
from energy_lib.landing.parsing.timestamps import MINUTE, NAT
from energy_lib.landing.sources.source import Kind, Source
from energy_lib.landing.sources.yaml_sections import Available, Reference, Time, Value
from energy_lib.tables import Table
from energy_lib.tables.arrow import ARROW_TYPES
from energy_lib.tables.table import Column
from energy_lib.vocabulary import WeatherKind

Longs = npt.NDArray[np.int64]

HOUR_MINUTES = 60
LARGEST_INT = 2**31 - 1
# The stamps of a source without the key `time`.
ISO_UTC = Time(column="", zone="UTC")
START, AVAILABLE, LENGTH, NUMBER = "interval_start_utc", "available_at_utc", "interval_minutes", "row_number"


def parse_reference(content: Content, source: Source, landed_at_utc: datetime) -> Iterator[pa.Table]:
    """Tables with the columns of the kind's table (TABLE_OF), and row_number, raw_row, rule_id, reason.

    Stamps are read as those of readings are (`StampParser`). A row that breaks a rule keeps its text in `raw_row`.
    Weather comes as one table, with one row an hour; kinds in JUDGES come as one, judged together. Raises FileFault for
    a file that cannot be used as a whole.
    """
    tables = _rows(content, source, landed_at_utc)
    if source.kind is Kind.WEATHER:
        yield hourly_weather(pa.concat_tables(tables))
    elif source.kind in JUDGES:
        yield judged_together(pa.concat_tables(tables), TABLE_OF[source.kind], JUDGES[source.kind])
    else:
        yield from tables


def _rows(content: Content, source: Source, landed_at_utc: datetime) -> Iterator[pa.Table]:
    """The rows of a file as they stand there, numbered."""
    wanted = [spec.column for spec in source.columns.values() if spec.column is not None]
    wanted += list(source.time.columns) if source.time else []
    wanted += [source.time.period_column] if source.time and source.time.period_column else []
    if isinstance(source.available, Available) and source.available.column:
        wanted.append(source.available.column)
    landed_micros, rows = int(landed_at_utc.timestamp() * 1_000_000), 0
    stamps = StampParser(source.time or ISO_UTC)
    for chunk in read_chunks(content, source, wanted):
        parsed = _ReferenceRows(chunk, source, landed_micros, stamps).table()
        numbers = pa.array(np.arange(rows + 1, rows + 1 + parsed.num_rows))
        rows += parsed.num_rows
        yield parsed.append_column(NUMBER, numbers)


@dataclass
class _ReferenceRows:
    """One chunk's rows while they are parsed; `stamps` is the file's parser of stamps."""

    chunk: Chunk
    source: Source
    landed_micros: int
    stamps: StampParser

    def __post_init__(self) -> None:
        self.count = self.chunk.table.num_rows
        self.rules = BrokenRules(self.count)
        # Of stamps that are ranges.
        self.told_minutes: Longs | None = None
        self.target: Table = TABLE_OF[self.source.kind]

    def table(self) -> pa.Table:
        named = self.source.columns
        values = {
            column.name: self._values(column, named[column.name])
            for column in self.target.columns
            if column.name in named
        }
        if START in self.target.column_names:
            values[START] = instants(self._starts(values))
        if AVAILABLE in self.target.column_names:
            values[AVAILABLE] = instants(self._available(values))
        self._defaults(values)
        for column in self.target.columns:
            require_column(column, values.get(column.name), self.count, self.rules)
        mark_implausible(self.target, values, self.rules)
        if self.source.kind is Kind.METERS:
            check_location(values, self.count, self.rules)
        rule_id, reason = self.rules.arrays()
        columns = {
            c.name: values.get(c.name, pa.nulls(self.count, ARROW_TYPES[c.type]))
            for c in self.target.columns
            if c.name != NUMBER
        }
        raw_row = self._raw_rows()
        return with_broken(
            pa.table({**columns, "raw_row": raw_row, "rule_id": rule_id, "reason": reason}), self.chunk.broken
        )

    def _column(self, name: str) -> pa.Array:
        return as_shown(self.chunk.table.column(find_column(self.chunk.table.column_names, name)).combine_chunks())

    def _values(self, column: Column, spec: Reference) -> pa.Array:
        """The column's values as the YAML says where they stand, in the column's type."""
        type_ = ARROW_TYPES[column.type]
        if spec.column is None:
            return pa.repeat(pa.scalar(spec.constant).cast(type_), self.count)
        raw = self._column(spec.column)
        if column.type == "string":
            texts = not_empty(trimmed(raw))
            return mapped(texts, spec.mapping) if spec.mapping else texts
        if column.type in ("timestamp", "date"):
            return self._instants(column, raw)
        return self._number(column, raw, spec.scale)

    def _instants(self, column: Column, raw: pa.Array) -> pa.Array:
        if column.type == "date":
            read = shown_days(raw, (self.source.time or ISO_UTC).format)
        else:
            read = instants(self.stamps.instants(raw))
        filled = flags(pc.fill_null(pc.not_equal(trimmed(raw), ""), False))
        self.rules.mark(
            file_faults.UNPARSEABLE_TIMESTAMP,
            filled & flags(read.is_null()),
            lambda i: f"{column.name}: {str(raw[i])!r} is not a time in the years 1900 to 2200",
        )
        return read

    def _number(self, column: Column, raw: pa.Array, scale: float) -> pa.Array:
        value = self.source.value or Value()
        numbers = read_numbers(raw, value.decimal, value.thousands, value.missing)
        found = numbers.values
        if column.name == LENGTH:
            # PT15M and such; a bare number is minutes too.
            found = np.where(np.isnan(found) & ~numbers.missing, lengths_in_minutes(raw), found)
        bad = np.isnan(found) & ~numbers.missing
        self.rules.mark(file_faults.UNPARSEABLE_VALUE, bad, lambda i: f"{column.name}: {str(raw[i])!r} is not a number")
        with np.errstate(over="ignore"):  # what becomes infinite is out of every range
            array = pa.array(found * scale, mask=np.isnan(found))
        if column.type != "int":
            return array
        self.rules.mark(
            file_faults.IMPLAUSIBLE_VALUE,
            not_whole(column.name, array),
            lambda i: f"{column.name}: {raw[i].as_py()} is no whole number",
        )
        fits = pc.less_equal(pc.abs(array), LARGEST_INT)
        self.rules.mark(
            file_faults.IMPLAUSIBLE_VALUE,
            flags(pc.fill_null(pc.invert(fits), False)),
            lambda i: f"{column.name}: {raw[i].as_py()} is too large",
        )
        return pc.round(pc.if_else(fits, array, None)).cast(ARROW_TYPES["int"])

    def _starts(self, values: dict[str, pa.Array]) -> Longs:
        time = self.source.time
        assert time is not None, "the source was checked when it was read"
        shown = joined_stamps([self._column(name) for name in time.columns])
        if time.range_separator is not None:
            shown, ends = range_parts(shown, time.range_separator)
            self.told_minutes = self.stamps.range_minutes(shown, ends)
        clock = self.stamps.wall_clock(shown, self.rules)
        keys = [values[k] for k in self.target.key if k in values and pa.types.is_string(values[k].type)]
        series = pc.binary_join_element_wise(*keys, "|") if keys else pa.repeat(pa.scalar(""), self.count)
        minutes = self._minutes(values)
        wrong = (minutes <= 0) | (minutes > LONGEST_MINUTES)
        self.rules.mark(
            file_faults.UNKNOWN_INTERVAL, wrong, lambda i: f"{minutes[i]} minutes are no length of an interval"
        )
        minutes = np.where(wrong, HOUR_MINUTES, minutes)
        if time.period_column is not None:
            periods = self._column(time.period_column)
            return self.stamps.period_starts(shown, clock, periods, minutes, self.rules).micros
        return self.stamps.interval_starts(shown, clock, minutes, series, self.rules).micros

    def _minutes(self, values: dict[str, pa.Array]) -> Longs:
        if self.told_minutes is not None:
            return self.told_minutes
        if LENGTH in values:
            minutes = pc.fill_null(values[LENGTH], HOUR_MINUTES).cast(pa.int64())
            return np.asarray(minutes.to_numpy(zero_copy_only=False))
        time = self.source.time
        length = time.interval_minutes if time and isinstance(time.interval_minutes, int) else HOUR_MINUTES
        return np.full(self.count, length, dtype=np.int64)

    def _available(self, values: dict[str, pa.Array]) -> Longs:
        """As the source says; prices and forecasts may be known before their interval."""
        available = self.source.available
        if not isinstance(available, Available):
            return np.full(self.count, self.landed_micros, dtype=np.int64)
        if available.column is not None:
            known = self.stamps.instants(self._column(available.column))
            return np.where(known == NAT, self.landed_micros, known)
        starts = np.asarray(pc.fill_null(values[START].cast(pa.int64()), NAT).to_numpy(zero_copy_only=False))
        ends = starts + (self._minutes(values) + (available.after_interval_end_minutes or 0)) * MINUTE
        return np.where(starts == NAT, NAT, ends)

    def _defaults(self, values: dict[str, pa.Array]) -> None:
        fill_empty(self.source.kind, values, self.count)
        if self.source.kind is Kind.METERS:
            values["registered_by"] = pa.repeat(pa.scalar("registry"), self.count)
        if self.source.kind is Kind.WEATHER:
            values.setdefault("kind", pa.repeat(pa.scalar(WeatherKind.OBSERVED.value), self.count))
            values.setdefault("issued_at_utc", values[START])
            # Nothing is known before it is issued, whatever the file's own times say.
            too_soon = pc.fill_null(pc.less(values[AVAILABLE], values["issued_at_utc"]), False)
            values[AVAILABLE] = pc.if_else(too_soon, values["issued_at_utc"], values[AVAILABLE])
        if LENGTH in self.target.column_names:
            values.setdefault(LENGTH, pa.array(self._minutes(values).astype(np.int32)))

    def _raw_rows(self) -> pa.Array:
        """The row as it stood, kept where it broke a rule, or may yet be found to break one beside others."""
        rows = np.arange(self.count) if self.source.kind in JUDGES else np.flatnonzero(self.rules.broken)
        texts = np.full(self.count, None, dtype=object)
        if len(rows):
            broken = self.chunk.table.take(pa.array(rows)).to_pylist()
            texts[rows] = [self.source.separator.join(str(v) for v in row.values()) for row in broken]
        return pa.array(texts, pa.string())
