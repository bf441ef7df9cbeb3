"""Each format and its reader: a new format is a file of its own, a word in `Format`, and one line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from energy_lib.landing.files.content import Content
from energy_lib.landing.formats.chunk import Chunk, RawReadings
from energy_lib.landing.formats.delimited import read_delimited
from energy_lib.landing.formats.green_button import read_green_button
from energy_lib.landing.formats.json_lines import read_json_lines
from energy_lib.landing.formats.nem12 import read_nem12
from energy_lib.landing.formats.parquet import read_parquet
from energy_lib.landing.sources.allowed_values import Format
from energy_lib.landing.sources.source import Source

# Tables: the source's YAML says which column holds what. The last argument names the columns that are wanted.
TABLE_READERS: dict[Format, Callable[[Content, Source, Sequence[str]], Iterator[Chunk]]] = {
    Format.CSV: read_delimited,
    Format.WIDE_CSV: read_delimited,
    Format.PARQUET: read_parquet,
    Format.JSON_LINES: read_json_lines,
}
# Formats of meters, which describe themselves (choices.SELF_DESCRIBING).
READINGS_READERS: dict[Format, Callable[[Content, Source], Iterator[RawReadings]]] = {
    Format.NEM12: read_nem12,
    Format.GREEN_BUTTON: read_green_button,
}


def read_chunks(content: Content, source: Source, wanted: Sequence[str]) -> Iterator[Chunk]:
    """Chunks of a table, with (at least) the `wanted` columns; none wanted means all there are. Raises FileFault."""
    return TABLE_READERS[source.format](content, source, wanted)
