"""A linear program as arrays: columns, rows and entries are written into room that is there, and ordered at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Index = NDArray[np.int32]
Floats = NDArray[np.float64]
T = TypeVar("T", np.float64, np.int32)
# Room for a site with a battery and two loads; it doubles where a site needs more.
ROOM = 1024


@dataclass(frozen=True, slots=True)
class ModelArrays:
    """A program as HiGHS takes it: minimise cost · x, bounds on columns and rows, the matrix column by column."""

    cost: Floats
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    starts: Index
    rows: Index
    values: Floats
    integer: Index


class LinearModel:
    """Grows by blocks of columns, rows and entries."""

    def __init__(self) -> None:
        self.column_count = self.row_count = self._entry_count = 0
        # Cost, lower, upper and whether whole; lower and upper; and of entries their value.
        self._columns, self._rows, self._values = np.empty((4, ROOM)), np.empty((2, ROOM)), np.empty((1, 2 * ROOM))
        self._places = np.empty((2, 2 * ROOM), dtype=np.int32)

    def add_columns(
        self,
        count: int,
        *,
        cost: ArrayLike = 0.0,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = np.inf,
        integer: bool = False,
    ) -> Index:
        """Add so many columns and return their numbers; costs and bounds are one for all, or one each."""
        first, self.column_count = self.column_count, self.column_count + count
        self._columns = _with_room(self._columns, self.column_count)
        for values, given in zip(self._columns, (cost, lower, upper, integer), strict=True):
            values[first : self.column_count] = given
        return np.arange(first, self.column_count, dtype=np.int32)

    def add_rows(self, count: int, *, lower: ArrayLike = -np.inf, upper: ArrayLike = np.inf) -> Index:
        """Add so many rows and return their numbers."""
        first, self.row_count = self.row_count, self.row_count + count
        self._rows = _with_room(self._rows, self.row_count)
        self._rows[0, first : self.row_count] = lower
        self._rows[1, first : self.row_count] = upper
        return np.arange(first, self.row_count, dtype=np.int32)

    def add(self, rows: Index, columns: Index, values: ArrayLike) -> None:
        """Set entries of the matrix, no place twice."""
        first, self._entry_count = self._entry_count, self._entry_count + len(rows)
        self._values, self._places = (
            _with_room(self._values, self._entry_count),
            _with_room(self._places, self._entry_count),
        )
        self._places[0, first : self._entry_count] = rows
        self._places[1, first : self._entry_count] = columns
        self._values[0, first : self._entry_count] = values

    def arrays(self) -> ModelArrays:
        rows, columns = self._places[:, : self._entry_count]
        cost, lower, upper, whole = self._columns[:, : self.column_count]
        order = np.argsort(columns, kind="stable")
        starts = np.zeros(self.column_count + 1, dtype=np.int32)
        np.cumsum(np.bincount(columns, minlength=self.column_count), out=starts[1:])
        return ModelArrays(
            cost=cost,
            lower=lower,
            upper=upper,
            row_lower=self._rows[0, : self.row_count],
            row_upper=self._rows[1, : self.row_count],
            starts=starts,
            rows=rows[order],
            values=self._values[0, order],
            integer=whole.astype(np.int32),
        )


def _with_room(array: NDArray[T], size: int) -> NDArray[T]:
    """The array itself, or a longer copy where it is too short."""
    if size <= array.shape[1]:
        return array
    longer = np.empty((len(array), 2 * size), dtype=array.dtype)
    longer[:, : array.shape[1]] = array
    return longer
