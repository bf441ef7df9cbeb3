"""What a lake holds, read without Spark: to hold two lakes against each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

# A resumed training equals an uninterrupted one to the bit (docs/training.md); of whole nights that is not proven yet.
FLOAT_NOISE = {"gold.forecasts": 1e-4, "gold.group_forecasts": 1e-4, "gold.scores": 1e-4}
# The ledger, the lease and the progress speak of runs (when, how often), not of the data.
ABOUT_RUNS = ("ops",)


def tables_of(lake: Path) -> dict[str, pl.DataFrame]:
    """Every table's content by <layer>.<name>, rows in one order, lists as text."""
    found = {}
    for log in sorted(lake.glob("*/*/_delta_log")):
        layer, name = log.parent.parent.name, log.parent.name
        if layer not in ABOUT_RUNS:
            found[f"{layer}.{name}"] = canonical(pl.read_delta(str(log.parent)))
    return found


def canonical(frame: pl.DataFrame) -> pl.DataFrame:
    lists = [c for c, t in frame.schema.items() if t == pl.List]
    flat = frame.with_columns(*(pl.col(c).list.join(",") for c in lists)).select(sorted(frame.columns))
    keys = [c for c, t in flat.schema.items() if not t.is_float()]
    return flat.sort([*keys, *(c for c in flat.columns if c not in keys)], nulls_last=True)


def differences(left: Path, right: Path) -> list[str]:
    """One line for each table whose content differs; empty if the lakes hold the same."""
    ours, theirs = tables_of(left), tables_of(right)
    lines = [f"{name}: only in one lake" for name in sorted(set(ours) ^ set(theirs))]
    for name in sorted(set(ours) & set(theirs)):
        a, b = ours[name], theirs[name]
        if a.height != b.height:
            lines.append(f"{name}: {a.height} rows against {b.height}")
        elif columns := [c for c in a.columns if not same(a[c], b[c], FLOAT_NOISE.get(name, 0.0))]:
            lines.append(f"{name}: columns {columns} differ")
    return lines


def same(left: pl.Series, right: pl.Series, noise: float) -> bool:
    """Equal to the bit, or of floats within a relative `noise`."""
    if not left.dtype.is_float() or not noise:
        return left.equals(right, null_equal=True)
    return np.allclose(left.to_numpy(), right.to_numpy(), rtol=noise, atol=noise, equal_nan=True)
