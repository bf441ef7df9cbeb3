"""A column for each meter: the header names the meters."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.landing.files import file_faults
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.formats import Chunk, RawReadings
from energy_lib.landing.parsing.day_columns import clock_offsets
from energy_lib.landing.parsing.melting import melted
from energy_lib.landing.parsing.row_columns import RowColumns, value_of
from energy_lib.landing.sources.source import Source

# Fewer times of day in a header may be names of meters.
LEAST_COLUMNS_OF_A_DAY = 23


def meter_columns(chunk: Chunk, source: Source, path: str) -> RawReadings:
    """The readings of one stamp stand together, in the order of the columns.

    A column without a name is no meter: it is left out if it is empty (a line that ends in a separator makes one),
    and its values have a rule if it is not. Raises FileFault if the header names times of the day.
    """
    row = RowColumns(chunk, source, path)
    meters = [name for name in row.matching([value_of(source).column]) if not _is_empty_and_nameless(row, name)]
    if not meters:
        raise FileFault(file_faults.FILE_MISSING_COLUMN, "beside the stamp there is no column with a name")
    if len(meters) >= LEAST_COLUMNS_OF_A_DAY and clock_offsets(meters, starts=True) is not None:
        reason = f"the columns {meters[0]} … {meters[-1]} are times of the day, and wide_csv takes them for meters"
        raise FileFault(file_faults.FILE_LAYOUT, f"{reason}: write format csv with value.day_columns and a meter")
    cells = melted([row.column(name) for name in meters])
    ids = pa.array([None if _nameless(name) else name for name in meters], pa.string())
    beside = cells.of_rows(row.beside())
    return RawReadings(
        ids.take(pa.array(cells.column_of)),
        row.stamps().take(pa.array(cells.row_of)),
        cells.values,
        broken=chunk.broken,
        **beside,
    )


def _nameless(name: str) -> bool:
    return re.fullmatch(r"column_\d+", name) is not None


def _is_empty_and_nameless(row: RowColumns, name: str) -> bool:
    if not _nameless(name):
        return False
    texts = pc.utf8_trim_whitespace(row.column(name).cast(pa.string()))
    return not bool(np.any(pc.fill_null(pc.not_equal(texts, ""), False).to_numpy(zero_copy_only=False)))
