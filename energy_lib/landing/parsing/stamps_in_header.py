"""A column for each stamp: a row holds all readings of one register, and the header says when they were."""

from __future__ import annotations

import pyarrow as pa

from energy_lib.landing.formats import Chunk, RawReadings
from energy_lib.landing.parsing.melting import melted
from energy_lib.landing.parsing.row_columns import RowColumns, value_of
from energy_lib.landing.sources.source import Source


def stamps_in_header(chunk: Chunk, source: Source, path: str) -> RawReadings:
    """The readings of a row stand together, in the order of its columns."""
    row, wanted = RowColumns(chunk, source, path), value_of(source).stamp_columns
    assert wanted is not None, "the layout was chosen by it"
    stamps = row.matching([wanted] if isinstance(wanted, str) else wanted)
    cells = melted([row.column(name) for name in stamps])
    of_row = cells.of_rows({"meter": row.meter(), **row.beside()})
    return RawReadings(
        stamp=pa.array(stamps, pa.string()).take(pa.array(cells.column_of)),
        value=cells.values,
        broken=chunk.broken,
        **of_row,
    )
