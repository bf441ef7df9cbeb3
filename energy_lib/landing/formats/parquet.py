"""Parquet: typed columns, one row group at a time."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from energy_lib.landing.files import file_faults
from energy_lib.landing.files.content import Content
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.formats.chunk import Chunk, find_column
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
    try:
        for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=columns, use_threads=False):
            yield Chunk(_plain(pa.Table.from_batches([batch]).select(columns)))
    except (pa.ArrowException, OSError) as error:
        raise FileFault(file_faults.FILE_CORRUPT, f"a page of the Parquet file cannot be read ({error})") from None


def _plain(table: pa.Table) -> pa.Table:
    """Texts as plain strings, however they were written: Polars writes large ones, pandas categories, Spark bytes."""
    return table.cast(pa.schema([pa.field(field.name, _plain_type(field.type)) for field in table.schema]))


def _plain_type(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(type_):
        return _plain_type(type_.value_type)
    texts = pa.types.is_large_string(type_) or pa.types.is_binary(type_) or pa.types.is_large_binary(type_)
    return pa.string() if texts else type_
