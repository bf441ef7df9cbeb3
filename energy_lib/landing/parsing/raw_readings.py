"""From chunks of columns to readings, as the source's YAML says: long (a row a reading) or wide (a column a meter)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

import numpy as np
import pyarrow as pa

from energy_lib.landing.files import file_faults
from energy_lib.landing.files.content import Content
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.formats import READINGS_READERS, Chunk, RawReadings, read_chunks
from energy_lib.landing.formats.chunk import find_column
from energy_lib.landing.parsing.stamp_parser import joined_stamps
from energy_lib.landing.sources.allowed_values import Format
from energy_lib.landing.sources.source import Source
from energy_lib.landing.sources.yaml_sections import Available, FuelColumn, Meter, QualityColumn, Time, Value


def raw_readings(content: Content, source: Source) -> Iterator[RawReadings]:
    """The readings of one file, chunk by chunk, in file order."""
    if source.format in READINGS_READERS:
        yield from READINGS_READERS[source.format](content, source)
    elif source.format is Format.WIDE_CSV:
        for chunk in read_chunks(content, source, ()):
            yield _wide(chunk, source, content.name)
    else:
        for chunk in read_chunks(content, source, _long_columns(source)):
            yield _long(chunk, source, content.name)


def _long_columns(source: Source) -> list[str]:
    time, value = _time(source), _value(source)
    meter = source.meter.column if source.meter else None
    named = [*time.columns, value.column, meter, *_optional_columns(source).values()]
    return [name for name in named if name is not None]


def _optional_columns(source: Source) -> dict[str, str]:
    """Field of RawReadings → column of the file, for those that the YAML names."""
    time, value = _time(source), _value(source)
    named = {
        "minutes": time.interval_column,
        "offset": time.offset_column,
        "period": time.period_column,
        "unit": value.unit_column,
        "building": source.building,
        "fuel": source.fuel.column if isinstance(source.fuel, FuelColumn) else None,
        "quality": source.quality.column if isinstance(source.quality, QualityColumn) else None,
        "available": source.available.column if isinstance(source.available, Available) else None,
    }
    return {field: column for field, column in named.items() if column is not None}


def _long(chunk: Chunk, source: Source, path: str) -> RawReadings:
    names, rows = chunk.table.column_names, chunk.table.num_rows

    def column(name: str) -> pa.Array:
        return _array(chunk.table.column(find_column(names, name)))

    assert source.meter is not None
    meter = column(source.meter.column) if source.meter.column else _repeat(_meter_of_file(source.meter, path), rows)
    optional = {field: column(name) for field, name in _optional_columns(source).items()}
    value = column(_value(source).column)
    return RawReadings(meter, _stamps(chunk, _time(source)), value, broken=chunk.broken, **optional)


def _wide(chunk: Chunk, source: Source, path: str) -> RawReadings:
    """Melt, row by row: the readings of one stamp stand together, in the order of the columns."""
    time, value = _time(source), _value(source)
    names = chunk.table.column_names
    for name in time.columns:
        find_column(names, name)
    offsets = find_column(names, time.offset_column) if time.offset_column else None
    periods = find_column(names, time.period_column) if time.period_column else None
    apart = {*time.columns, offsets, periods}
    meters = [name for name in names if name not in apart and fnmatchcase(name, value.column)]
    # A line that ends in a separator makes a last column without a name and without values.
    meters = [name for name in meters if not re.fullmatch(r"column_\d+", name)]
    if not meters:
        raise FileFault(file_faults.FILE_MISSING_COLUMN, f"no column beside the stamp matches {value.column!r}")
    rows, columns = chunk.table.num_rows, len(meters)
    by_row = pa.array(np.arange(rows * columns).reshape(columns, rows).T.ravel())
    values = pa.concat_arrays([_array(chunk.table.column(name)) for name in meters]).take(by_row)
    row_of = pa.array(np.repeat(np.arange(rows), columns))
    meter_of = pa.array(np.tile(np.arange(columns), rows))
    offset = _array(chunk.table.column(offsets)).take(row_of) if offsets else None
    period = _array(chunk.table.column(periods)).take(row_of) if periods else None
    ids = pa.array(meters, pa.string()).take(meter_of)
    stamps = _stamps(chunk, time).take(row_of)
    return RawReadings(ids, stamps, values, offset=offset, period=period, broken=chunk.broken)


def _stamps(chunk: Chunk, time: Time) -> pa.Array:
    names = chunk.table.column_names
    return joined_stamps([_array(chunk.table.column(find_column(names, name))) for name in time.columns])


def _meter_of_file(meter: Meter, path: str) -> str:
    if meter.constant is not None:
        return meter.constant
    match = re.search(meter.file_name or "", path.rsplit("/", 1)[-1])
    if match is None:
        raise FileFault(file_faults.FILE_NAME, f"the file's name does not match meter.file_name {meter.file_name!r}")
    return match.group(1) if match.groups() else match.group(0)


def _repeat(text: str, rows: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), rows)


def _array(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks()


def _time(source: Source) -> Time:
    assert source.time is not None, "the source was checked when it was read"
    return source.time


def _value(source: Source) -> Value:
    assert source.value is not None, "the source was checked when it was read"
    return source.value
