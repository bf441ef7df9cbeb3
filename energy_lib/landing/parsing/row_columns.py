"""The columns of a chunk that hold for a whole row: its stamp, its meter, and what the YAML names beside them."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

import pyarrow as pa

from energy_lib.landing.files import file_faults
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.formats import Chunk
from energy_lib.landing.formats.chunk import find_column
from energy_lib.landing.parsing.arrow_columns import as_shown
from energy_lib.landing.parsing.ignored_rows import ignored_rows
from energy_lib.landing.parsing.stamp_parser import joined_stamps
from energy_lib.landing.parsing.stamp_ranges import range_parts
from energy_lib.landing.sources.linear_regex import first_group
from energy_lib.landing.sources.source import Source
from energy_lib.landing.sources.yaml_sections import (
    Available,
    FlowOfRegister,
    FuelColumn,
    Meter,
    QualityColumn,
    Time,
    Value,
)


class RowColumns:
    """One chunk's columns as the source's YAML names them. Raises FileFault for a column that is not there."""

    def __init__(self, chunk: Chunk, source: Source, path: str) -> None:
        self.source = source
        self.names: list[str] = chunk.table.column_names
        self.rows: int = chunk.table.num_rows
        self._table = chunk.table
        self._path = path
        self._above_header = chunk.above_header

    def column(self, name: str) -> pa.Array:
        return as_shown(self._table.column(find_column(self.names, name)).combine_chunks())

    def stamps(self) -> pa.Array:
        """The stamps; of ranges the starts, whose ends stand `beside`."""
        separator = time_of(self.source).range_separator
        return self._shown_stamps() if separator is None else range_parts(self._shown_stamps(), separator)[0]

    def _shown_stamps(self) -> pa.Array:
        return joined_stamps([self.column(name) for name in time_of(self.source).columns])

    def meter(self) -> pa.Array:
        meter = self.source.meter
        assert meter is not None, "the source was checked when it was read"
        if meter.column is not None:
            return self.column(meter.column)
        id_ = _meter_of_file(meter, self._path, self._above_header)
        return pa.repeat(pa.scalar(id_, pa.string()), self.rows)

    def beside(self) -> dict[str, pa.Array]:
        """Field of RawReadings → its column; rows that the YAML ignores have a rule."""
        columns = {field: self.column(name) for field, name in optional_columns(self.source).items()}
        separator = time_of(self.source).range_separator
        if separator is not None:
            columns["raw_stamp"] = self._shown_stamps()
            columns["until"] = range_parts(columns["raw_stamp"], separator)[1]
        if self.source.ignore.rows:
            patterns = {name: (self.column(name), texts) for name, texts in self.source.ignore.rows.items()}
            columns["rule"], columns["reason"] = ignored_rows(patterns, self.rows)
        return columns

    def named(self) -> set[str]:
        """All columns that hold for the row, and so no values."""
        source = self.source
        meter = source.meter.column if source.meter else None
        named = [*time_of(source).columns, *optional_columns(source).values(), *source.ignore.rows, meter]
        return {find_column(self.names, name) for name in named if name is not None}

    def matching(self, patterns: Iterable[str]) -> list[str]:
        """The columns of values that have one of the names or match one of the patterns, in the file's order."""
        wanted, ignored = tuple(patterns), self.source.ignore.columns
        apart = self.named()
        found = [n for n in self.names if n not in apart and _matches(n, wanted) and not _matches(n, ignored)]
        if not found:
            reason = f"no column of values matches {', '.join(wanted)}; the file has {', '.join(self.names)}"
            raise FileFault(file_faults.FILE_MISSING_COLUMN, reason)
        return found


def optional_columns(source: Source) -> dict[str, str]:
    """Field of RawReadings → column of the file, for those that the YAML names."""
    time, value = time_of(source), value_of(source)
    named = {
        "minutes": time.interval_column,
        "offset": time.offset_column,
        "period": time.period_column,
        "unit": value.unit_column,
        "building": source.building,
        "tariff": value.sum_over,
        "fuel": source.fuel.column if isinstance(source.fuel, FuelColumn) else None,
        "flow": source.flow.column if isinstance(source.flow, FlowOfRegister) else None,
        "quality": source.quality.column if isinstance(source.quality, QualityColumn) else None,
        "available": source.available.column if isinstance(source.available, Available) else None,
    }
    return {field: column for field, column in named.items() if column is not None}


def time_of(source: Source) -> Time:
    assert source.time is not None, "the source was checked when it was read"
    return source.time


def value_of(source: Source) -> Value:
    assert source.value is not None, "the source was checked when it was read"
    return source.value


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(name == pattern or fnmatchcase(name, pattern) for pattern in patterns)


def _meter_of_file(meter: Meter, path: str, above_header: str) -> str:
    if meter.constant is not None:
        return meter.constant
    if meter.above_header is not None:
        found = first_group(meter.above_header, above_header, lines=True)
        reason = f"the lines above the header do not match meter.above_header {meter.above_header!r}"
        fault = FileFault(file_faults.FILE_LAYOUT, reason)
    else:
        found = first_group(meter.file_name or "", path.rsplit("/", 1)[-1])
        reason = f"the file's name does not match meter.file_name {meter.file_name!r}"
        fault = FileFault(file_faults.FILE_NAME, reason)
    if found is None:
        raise fault
    return found
