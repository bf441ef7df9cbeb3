"""The rows of every figure, as CSV and Parquet."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from energy_lib.reporting.figure import Figure


def write_figures(figures: Iterable[Figure], folder: Path) -> int:
    """Write `<name>.csv` and `<name>.parquet` of each figure; returns how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    written = list(figures)
    for figure in written:
        figure.rows.to_csv(folder / f"{figure.name}.csv", index=False, encoding="utf-8")
        figure.rows.to_parquet(folder / f"{figure.name}.parquet", index=False)
    return len(written)
