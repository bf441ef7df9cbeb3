"""A figure of a page: the rows that it shows, and the tables and versions that they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Figure:
    """Rows with units in their columns' names. `name` is that of its file; `sources`: full table name → Delta version.

    A version of -1 says that the lake has no such table.
    """

    name: str
    rows: pd.DataFrame
    sources: Mapping[str, int]

    def showing(self, rows: pd.DataFrame, name: str | None = None) -> Figure:
        """Other rows that follow from the same tables."""
        return replace(self, rows=rows.reset_index(drop=True), name=name or self.name)

    def records(self) -> list[dict[str, Any]]:
        """Rows as dicts; what is not known is None."""
        columns = {
            str(name): [value if known else None for value, known in zip(column, column.notna(), strict=True)]
            for name, column in self.rows.items()
        }
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]

    @property
    def empty(self) -> bool:
        return self.rows.empty


def figures_of(page: Any) -> list[Figure]:
    """Every figure of a page's dataclass, whatever holds it: a field, a tuple or another dataclass."""
    if isinstance(page, Figure):
        return [page]
    if isinstance(page, tuple):
        return [figure for each in page for figure in figures_of(each)]
    if is_dataclass(page):
        return [figure for each in fields(page) for figure in figures_of(getattr(page, each.name))]
    return []
