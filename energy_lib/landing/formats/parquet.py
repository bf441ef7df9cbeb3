"""Parquet: typed columns, one row group at a time."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from energy_lib.landing.files import file_faults
from energy_lib.landing.files.content import Content
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.formats.chunk import BrokenRow, Chunk, find_column
from energy_lib.landing.sources.source import Source

BATCH_ROWS = 250_000


def read_parquet(content: Content, source: Source, wanted: Sequence[str]) -> Iterator[Chunk]:
    """Chunks of the wanted columns, typed as the file has them; the YAML's keys for text files do not apply.

    Raises FileFault if the file is no Parquet, damaged, empty or lacks a column.
    """
    with content.open() as stream:
        try:
            file = pq.ParquetFile(io.BytesIO(stream.read()))
        except pa.ArrowInvalid as error:
            raise FileFault(file_faults.FILE_UNREADABLE, f"this is not a whole Parquet file ({error})") from None
    names = list(file.schema_arrow.names)
    columns = list(dict.fromkeys(find_column(names, column) for column in wanted)) or names
    if file.metadata.num_rows == 0:
        raise FileFault(file_faults.FILE_EMPTY, "the Parquet file holds no rows")
    rows = 0
    try:
        for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=columns, use_threads=False):
            chunk = _readable(pa.Table.from_batches([batch]).select(columns), rows)
            rows += batch.num_rows
            yield Chunk(_plain(chunk.table), chunk.broken)
    except (pa.ArrowException, OSError) as error:
        raise FileFault(file_faults.FILE_CORRUPT, f"a page of the Parquet file cannot be read ({error})") from None
    if rows != file.metadata.num_rows:
        reason = f"{rows:,} of the {file.metadata.num_rows:,} rows that the file's foot names were read"
        raise FileFault(file_faults.FILE_CORRUPT, reason)


def _readable(table: pa.Table, rows_before: int) -> Chunk:
    """The rows whose texts are UTF-8, and those with one that is not."""
    wrong: dict[int, str] = {}
    for name in table.column_names:
        for position in _not_utf8(table.column(name)):
            wrong.setdefault(position, name)
    if not wrong:
        return Chunk(table)
    broken = []
    for position, name in sorted(wrong.items()):
        fields = (_shown(table.column(column).slice(position, 1)) for column in table.column_names)
        reason = f"row {rows_before + position + 1}: the text in {name} is not UTF-8"
        broken.append(BrokenRow(",".join(fields), file_faults.UNPARSEABLE_ROW, reason))
    kept = np.setdiff1d(np.arange(table.num_rows), list(wrong))
    return Chunk(table.take(pa.array(kept, pa.int64())), tuple(broken))


def _not_utf8(column: pa.ChunkedArray) -> list[int]:
    """Positions of the texts whose bytes are no UTF-8."""
    column = _bytes(column)
    if not (pa.types.is_large_binary(column.type) or pa.types.is_binary(column.type)) or _all_utf8(column):
        return []
    return [n for n, value in enumerate(column.to_pylist()) if value is not None and not _is_utf8(value)]


def _bytes(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts as their bytes; other columns as they are."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    texts = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    return column.cast(pa.large_binary()) if texts else column


def _all_utf8(column: pa.ChunkedArray) -> bool:
    try:
        column.cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _shown(cell: pa.ChunkedArray) -> str:
    """One value as text; bytes that are none as backslashes."""
    value = _bytes(cell)[0].as_py()
    return value.decode("utf-8", errors="backslashreplace") if isinstance(value, bytes) else str(value)


def _plain(table: pa.Table) -> pa.Table:
    """Texts as plain strings, however they were written: Polars writes large ones, pandas categories, Spark bytes.

    Lists and structs become texts too, which are no meter's name and no number, but can be shown.
    """
    columns = [_text_of_nested(column) if pa.types.is_nested(column.type) else column for column in table.columns]
    shown = pa.table(columns, names=table.column_names)
    return shown.cast(pa.schema([pa.field(field.name, _plain_type(field.type)) for field in shown.schema]))


def _text_of_nested(column: pa.ChunkedArray) -> pa.Array:
    return pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())


def _plain_type(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(type_):
        return _plain_type(type_.value_type)
    texts = pa.types.is_large_string(type_) or pa.types.is_binary(type_) or pa.types.is_large_binary(type_)
    return pa.string() if texts else type_
