"""Several columns of values → one, row by row: the values of a row stand together, in the order of the columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of some columns; `row_of` and `column_of` say where each stood."""

    values: pa.Array
    row_of: Positions
    column_of: Positions

    def of_rows(self, columns: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
        """What holds for a row, for each of its cells."""
        return {name: column.take(pa.array(self.row_of)) for name, column in columns.items()}

    def kept(self, mask: npt.NDArray[np.bool_]) -> Cells:
        return Cells(self.values.filter(pa.array(mask)), self.row_of[mask], self.column_of[mask])


def melted(columns: Sequence[pa.Array]) -> Cells:
    rows, width = len(columns[0]), len(columns)
    by_row = np.arange(rows * width).reshape(width, rows).T.ravel()
    values = pa.concat_arrays(_of_one_type(columns)).take(pa.array(by_row))
    return Cells(values, np.repeat(np.arange(rows), width), np.tile(np.arange(width), rows))


def _of_one_type(columns: Sequence[pa.Array]) -> list[pa.Array]:
    types = {column.type for column in columns}
    if len(types) == 1:
        return list(columns)
    numbers = all(pa.types.is_integer(type_) or pa.types.is_floating(type_) for type_ in types)
    return [column.cast(pa.float64() if numbers else pa.string()) for column in columns]
