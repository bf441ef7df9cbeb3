"""From chunks of columns to readings, as the source's YAML lays them out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from energy_lib.landing.files.content import Content
from energy_lib.landing.formats import READINGS_READERS, Chunk, RawReadings, read_chunks
from energy_lib.landing.parsing.day_rows import day_rows
from energy_lib.landing.parsing.meter_columns import meter_columns
from energy_lib.landing.parsing.register_columns import register_columns
from energy_lib.landing.parsing.row_columns import RowColumns, optional_columns, time_of, value_of
from energy_lib.landing.parsing.stamps_in_header import stamps_in_header
from energy_lib.landing.parsing.tariff_rows import tariffs_summed
from energy_lib.landing.sources.allowed_values import Format, Layout
from energy_lib.landing.sources.source import Source


def raw_readings(content: Content, source: Source) -> Iterator[RawReadings]:
    """The readings of one file, chunk by chunk, in file order."""
    if source.format in READINGS_READERS:
        yield from READINGS_READERS[source.format](content, source)
        return
    chunks = read_chunks(content, source, wanted_columns(source))
    lay_out = LAYOUTS[source.layout]
    if value_of(source).sum_over is None:
        for chunk in chunks:
            yield lay_out(chunk, source, content.name)
    else:
        # The tariffs of a stamp may stand far apart.
        yield tariffs_summed(lay_out(_whole(chunks), source, content.name), source)


def long_rows(chunk: Chunk, source: Source, path: str) -> RawReadings:
    """A row a reading."""
    row = RowColumns(chunk, source, path)
    value = row.column(value_of(source).column)
    return RawReadings(row.meter(), row.stamps(), value, broken=chunk.broken, **row.beside())


LAYOUTS: dict[Layout, Callable[[Chunk, Source, str], RawReadings]] = {
    Layout.LONG: long_rows,
    Layout.METER_COLUMNS: meter_columns,
    Layout.DAY_ROWS: day_rows,
    Layout.STAMP_COLUMNS: stamps_in_header,
    Layout.REGISTER_COLUMNS: register_columns,
}


def wanted_columns(source: Source) -> list[str]:
    """The columns to read; none means all, where a pattern may match several."""
    time, value = time_of(source), value_of(source)
    values = {
        Layout.LONG: (value.column,),
        Layout.METER_COLUMNS: (),
        Layout.DAY_ROWS: (value.day_columns,) if isinstance(value.day_columns, str) else value.day_columns or (),
        Layout.STAMP_COLUMNS: (),
        Layout.REGISTER_COLUMNS: tuple(name for register in source.registers for name in register.columns),
    }[source.layout]
    if source.layout is not Layout.LONG and source.format not in (Format.JSON_LINES, Format.KAFKA):
        return []
    meter = source.meter.column if source.meter else None
    named = [*time.columns, *values, meter, *optional_columns(source).values(), *source.ignore.rows]
    return [name for name in named if name is not None]


def _whole(chunks: Iterator[Chunk]) -> Chunk:
    read = list(chunks)
    table = pa.concat_tables([chunk.table for chunk in read])
    broken = tuple(row for chunk in read for row in chunk.broken)
    return Chunk(table.combine_chunks(), broken, read[0].above_header)
