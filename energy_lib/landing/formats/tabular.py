"""Which reader cuts a file of columns (CSV, Parquet, JSON lines) into chunks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from energy_lib.landing.files.content import Content
from energy_lib.landing.formats.chunk import Chunk
from energy_lib.landing.formats.delimited import read_delimited
from energy_lib.landing.formats.json_lines import read_json_lines
from energy_lib.landing.formats.parquet import read_parquet
from energy_lib.landing.sources.source import Source
from energy_lib.landing.sources.words import Format


def read_chunks(content: Content, source: Source, wanted: Sequence[str]) -> Iterator[Chunk]:
    """Chunks with (at least) the `wanted` columns; none wanted means all there are."""
    if source.format is Format.PARQUET:
        return read_parquet(content, wanted)
    if source.format is Format.JSON_LINES:
        return read_json_lines(content, source.encoding, wanted)
    return read_delimited(content, source, wanted)
