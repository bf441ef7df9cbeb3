"""Weather, carbon intensity, prices, meters and buildings of one file → rows of their tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.lake.schemas import ARROW_TYPES
from energy_lib.landing.files import faults
from energy_lib.landing.files.content import Content
from energy_lib.landing.formats import Chunk, read_chunks
from energy_lib.landing.formats.chunk import find_column
from energy_lib.landing.parsing.arrow_columns import flags, instants, not_empty, trimmed, with_broken
from energy_lib.landing.parsing.broken_rules import Rules
from energy_lib.landing.parsing.doubled_hour import Passages
from energy_lib.landing.parsing.numbers import read_numbers
from energy_lib.landing.parsing.timestamps import MINUTE, NAT, read_clock, to_utc
from energy_lib.landing.sources.geography import country_fault, zone_fault
from energy_lib.landing.sources.source import Available, Kind, Reference, Source, Value
from energy_lib.landing.sources.words import DoubledHour, Stamp
from energy_lib.tables import Table, silver
from energy_lib.tables.table import Column
from energy_lib.vocabulary import WeatherKind

Longs = npt.NDArray[np.int64]

TABLE_OF = {
    Kind.WEATHER: silver.WEATHER,
    Kind.CARBON_INTENSITY: silver.CARBON_INTENSITY,
    Kind.PRICES: silver.PRICES,
    Kind.METERS: silver.METERS,
    Kind.BUILDINGS: silver.BUILDINGS,
}
HOUR_MINUTES = 60
START, AVAILABLE = "interval_start_utc", "available_at_utc"


def parse_reference(content: Content, source: Source, landed_at_utc: datetime) -> Iterator[pa.Table]:
    """Tables with the columns of the kind's table and row_number, raw_row, rule_id, reason. Raises FileFault."""
    wanted = [spec.column for spec in source.columns.values() if spec.column is not None]
    wanted += list(source.time.columns) if source.time else []
    if isinstance(source.available, Available) and source.available.column:
        wanted.append(source.available.column)
    landed, rows, passages = int(landed_at_utc.timestamp() * 1_000_000), 0, Passages()
    for chunk in read_chunks(content, source, wanted):
        parsed = _Rows(chunk, source, landed, passages).table()
        numbers = pa.array(np.arange(rows + 1, rows + 1 + parsed.num_rows))
        rows += parsed.num_rows
        yield parsed.append_column("row_number", numbers)


@dataclass
class _Rows:
    """The rows of one chunk on their way."""

    chunk: Chunk
    source: Source
    landed: int
    passages: Passages

    def __post_init__(self) -> None:
        self.count = self.chunk.table.num_rows
        self.rules = Rules(self.count)
        self.target: Table = TABLE_OF[self.source.kind]

    def table(self) -> pa.Table:
        given = {column.name: self._given(column) for column in self.target.columns if column.name in self._named}
        if START in self.target.column_names:
            given[START] = instants(self._starts(given))
        if AVAILABLE in self.target.column_names:
            given[AVAILABLE] = instants(self._available(given))
        self._defaults(given)
        for column in self.target.columns:
            self._require(column, given)
        if self.source.kind is Kind.METERS:
            self._place(given)
        rule_id, reason = self.rules.arrays()
        columns = {c.name: given.get(c.name, pa.nulls(self.count, ARROW_TYPES[c.type])) for c in self.target.columns}
        raw_row = self._raw_rows()
        return with_broken(
            pa.table({**columns, "raw_row": raw_row, "rule_id": rule_id, "reason": reason}), self.chunk.broken
        )

    @property
    def _named(self) -> dict[str, Reference]:
        return self.source.columns

    def _column(self, name: str) -> pa.Array:
        return self.chunk.table.column(find_column(self.chunk.table.column_names, name)).combine_chunks()

    def _given(self, column: Column) -> pa.Array:
        spec, type_ = self._named[column.name], ARROW_TYPES[column.type]
        if spec.column is None:
            return pa.repeat(pa.scalar(spec.constant).cast(type_), self.count)
        raw = self._column(spec.column)
        if column.type == "string":
            texts = not_empty(trimmed(raw))
            return _mapped(texts, spec.mapping) if spec.mapping else texts
        if column.type == "timestamp":
            return instants(self._read(raw))
        return self._number(column, raw, spec.scale)

    def _number(self, column: Column, raw: pa.Array, scale: float) -> pa.Array:
        value = self.source.value or Value()
        numbers = read_numbers(raw, value.decimal, value.thousands, value.missing)
        bad = np.isnan(numbers.values) & ~numbers.missing
        self.rules.mark(faults.UNPARSEABLE_VALUE, bad, lambda i: f"{column.name}: {raw[i].as_py()!r} is not a number")
        array = pa.array(numbers.values * scale, mask=np.isnan(numbers.values))
        return pc.round(array).cast(ARROW_TYPES["int"]) if column.type == "int" else array

    def _read(self, raw: pa.Array) -> Longs:
        """Instants of a column beside the interval's start, in the source's format or else ISO 8601."""
        time = self.source.time
        clock = read_clock(raw, time.format if time else None)
        if (clock.micros == NAT).all():
            clock = read_clock(raw, None)
        return to_utc(clock, time.zone if time else "UTC").second_micros

    def _starts(self, given: dict[str, pa.Array]) -> Longs:
        time = self.source.time
        assert time is not None, "the source was checked when it was read"
        parts = [self._column(name).cast(pa.string()) for name in time.columns]
        raw = self._column(time.columns[0]) if len(parts) == 1 else pc.binary_join_element_wise(*parts, " ")
        minutes = self._minutes(given) * MINUTE
        clock = read_clock(raw, time.format)
        self.rules.mark(
            faults.UNPARSEABLE_TIMESTAMP, clock.micros == NAT, lambda i: f"{raw[i].as_py()!r} is not a time"
        )
        if time.stamp is Stamp.HOUR_ENDING:
            clock = clock.shifted(-minutes // MINUTE)
        passed = to_utc(clock, time.zone)
        self.rules.mark(
            faults.NONEXISTENT_LOCAL_TIME,
            passed.nonexistent,
            lambda i: f"the clock of {time.zone} never showed the time of {raw[i].as_py()!r}",
        )
        starts = passed.micros
        if time.doubled_hour is DoubledHour.ORDER:
            keys = [given[k] for k in self.target.key if k in given and pa.types.is_string(given[k].type)]
            series = pc.binary_join_element_wise(*keys, "|") if keys else pa.repeat(pa.scalar(""), self.count)
            starts = np.where(
                self.passages.second(series, clock.micros, passed.ambiguous), passed.second_micros, starts
            )
        else:
            self.rules.mark(
                faults.AMBIGUOUS_LOCAL_TIME,
                passed.ambiguous,
                lambda i: f"the clock of {time.zone} showed the time of {raw[i].as_py()!r} twice",
            )
        return np.where(starts == NAT, NAT, starts - (minutes if time.stamp is Stamp.END else 0))

    def _minutes(self, given: dict[str, pa.Array]) -> Longs:
        if "interval_minutes" in given:
            minutes = pc.fill_null(given["interval_minutes"], HOUR_MINUTES).cast(pa.int64())
            return np.asarray(minutes.to_numpy(zero_copy_only=False))
        time = self.source.time
        length = time.interval_minutes if time and isinstance(time.interval_minutes, int) else HOUR_MINUTES
        return np.full(self.count, length, dtype=np.int64)

    def _available(self, given: dict[str, pa.Array]) -> Longs:
        """As the source says; prices and forecasts may be known before their interval."""
        available = self.source.available
        if not isinstance(available, Available):
            return np.full(self.count, self.landed, dtype=np.int64)
        if available.column is not None:
            told = self._read(self._column(available.column))
            return np.where(told == NAT, self.landed, told)
        starts = np.asarray(pc.fill_null(given[START].cast(pa.int64()), NAT).to_numpy(zero_copy_only=False))
        ends = starts + (self._minutes(given) + (available.after_interval_end_minutes or 0)) * MINUTE
        return np.where(starts == NAT, NAT, ends)

    def _defaults(self, given: dict[str, pa.Array]) -> None:
        if self.source.kind is Kind.METERS:
            given["registered_by"] = pa.repeat(pa.scalar("registry"), self.count)
        if self.source.kind is Kind.WEATHER:
            given.setdefault("kind", pa.repeat(pa.scalar(WeatherKind.OBSERVED.value), self.count))
            given.setdefault("issued_at_utc", given[START])
        if "interval_minutes" in self.target.column_names:
            given.setdefault("interval_minutes", pa.array(self._minutes(given).astype(np.int32)))

    def _require(self, column: Column, given: dict[str, pa.Array]) -> None:
        array = given.get(column.name)
        if array is None:
            if not column.nullable:
                self.rules.mark(
                    faults.MISSING_VALUE,
                    np.ones(self.count, dtype=bool),
                    lambda i: f"the source's YAML does not say where {column.name} stands",
                )
            return
        if not column.nullable:
            absent = flags(array.is_null())
            self.rules.mark(faults.MISSING_VALUE, absent, lambda i: f"there is no {column.name}")
        if column.allowed:
            known = pc.is_in(array, value_set=pa.array([str(word) for word in column.allowed]))
            strange = pc.and_(array.is_valid(), pc.invert(known))
            self.rules.mark(
                faults.UNPARSEABLE_VALUE,
                flags(strange),
                lambda i: f"{column.name}: {array[i].as_py()!r} is none of {', '.join(column.allowed)}",
            )

    def _place(self, given: dict[str, pa.Array]) -> None:
        """A meter's zone and country are checked here: the features of a whole night would stop at a wrong one."""
        names = ("zone", "country", "subdivision")
        texts = [given[name].to_pylist() if name in given else [None] * self.count for name in names]
        said = [
            (zone is not None and zone_fault(zone)) or country_fault(country, subdivision)
            for zone, country, subdivision in zip(*texts, strict=True)
        ]
        wrong = np.array([fault is not None for fault in said], dtype=bool)
        self.rules.mark(faults.UNPARSEABLE_VALUE, wrong, lambda i: str(said[i]))

    def _raw_rows(self) -> pa.Array:
        """The row as it stood, kept only where it broke a rule."""
        rows = np.flatnonzero(self.rules.broken)
        texts = np.full(self.count, None, dtype=object)
        if len(rows):
            broken = self.chunk.table.take(pa.array(rows)).to_pylist()
            texts[rows] = [self.source.separator.join(str(v) for v in row.values()) for row in broken]
        return pa.array(texts, pa.string())


def _mapped(texts: pa.Array, mapping: dict[str, str]) -> pa.Array:
    encoded = texts.dictionary_encode()
    words = [mapping.get(text, text) for text in encoded.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(encoded.indices)
