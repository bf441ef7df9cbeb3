"""A linear program as arrays: columns and rows are added in blocks, and the matrix is ordered by column at the end."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ModelArrays:
    """A program as HiGHS takes it: minimise cost · x, bounds on columns and rows, the matrix column by column."""

    cost: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]
    starts: NDArray[np.int32]
    rows: NDArray[np.int32]
    values: NDArray[np.float64]
    integer: NDArray[np.int32]


@dataclass(slots=True)
class LinearModel:
    """Grows by blocks; nothing is copied until `arrays`."""

    column_count: int = 0
    row_count: int = 0
    _columns: list[tuple[NDArray[np.float64], ...]] = field(default_factory=list)
    _integer: list[NDArray[np.int32]] = field(default_factory=list)
    _row_bounds: list[tuple[NDArray[np.float64], ...]] = field(default_factory=list)
    _entries: list[tuple[Index, Index, NDArray[np.float64]]] = field(default_factory=list)

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
        self._columns.append(tuple(_each(values, count) for values in (cost, lower, upper)))
        self._integer.append(np.full(count, integer, dtype=np.int32))
        self.column_count += count
        return np.arange(self.column_count - count, self.column_count)

    def add_rows(self, count: int, *, lower: ArrayLike = -np.inf, upper: ArrayLike = np.inf) -> Index:
        """Add so many rows and return their numbers."""
        self._row_bounds.append(tuple(_each(values, count) for values in (lower, upper)))
        self.row_count += count
        return np.arange(self.row_count - count, self.row_count)

    def add(self, rows: Index, columns: Index, values: ArrayLike) -> None:
        """Set entries of the matrix, no place twice."""
        self._entries.append((rows, columns, _each(values, len(rows))))

    def arrays(self) -> ModelArrays:
        cost, lower, upper = (np.concatenate(part) for part in zip(*self._columns, strict=True))
        bounds = [np.concatenate(part) for part in zip(*self._row_bounds, strict=True)] or [np.zeros(0)] * 2
        entries = self._entries or [(np.zeros(0, int), np.zeros(0, int), np.zeros(0))]
        rows, columns, values = (np.concatenate(part) for part in zip(*entries, strict=True))
        order = np.argsort(columns, kind="stable")
        starts = np.zeros(self.column_count + 1, dtype=np.int32)
        np.cumsum(np.bincount(columns, minlength=self.column_count), out=starts[1:])
        return ModelArrays(
            cost=cost,
            lower=lower,
            upper=upper,
            row_lower=bounds[0],
            row_upper=bounds[1],
            starts=starts,
            rows=rows[order].astype(np.int32),
            values=values[order],
            integer=np.concatenate(self._integer),
        )


def _each(values: ArrayLike, count: int) -> NDArray[np.float64]:
    given = np.asarray(values, dtype=np.float64)
    return given if given.ndim else np.full(count, given)
