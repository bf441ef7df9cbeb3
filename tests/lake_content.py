"""The content of a lake, read without Spark, to compare two lakes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

# A resumed training equals an uninterrupted one to the bit (docs/training.md); of whole nights that is not proven yet.
FLOAT_NOISE = {
    "gold.forecasts": 1e-4,
    "gold.group_forecasts": 1e-4,
    "gold.scores": 1e-4,
    "gold.account_forecasts": 1e-4,
}
# Ledger, lease and progress describe runs (when, how often), not data.
ABOUT_RUNS = ("ops",)
# Delta versions likewise: a lease that is taken over adds one to each table.
DELTA_VERSIONS = {
    "gold.anomalies": ("readings_version", "weather_version"),
    "gold.day_limits": ("readings_version",),
    "gold.recommendations": ("lineage",),
    "gold.savings": ("hourly_version",),
}


def tables_of(lake: Path, layer: str = "*") -> dict[str, pl.DataFrame]:
    """<layer>.<name> → the table's rows in a fixed order, lists as text, without what says how they were written."""
    contents = {}
    for log in sorted(lake.glob(f"{layer}/*/_delta_log")):
        full_name = f"{log.parent.parent.name}.{log.parent.name}"
        if log.parent.parent.name not in ABOUT_RUNS:
            rows = pl.read_delta(str(log.parent))
            contents[full_name] = canonical(rows.drop(DELTA_VERSIONS.get(full_name, ())))
    return contents


def canonical(frame: pl.DataFrame) -> pl.DataFrame:
    lists = [c for c, t in frame.schema.items() if t == pl.List]
    decimals = [c for c, t in frame.schema.items() if t == pl.Decimal]
    flat = frame.with_columns(
        *(pl.col(c).list.eval(pl.element().cast(pl.String).fill_null("null")).list.join(",") for c in lists),
        *(pl.col(c).cast(pl.Float64) for c in decimals),
    ).select(sorted(frame.columns))
    keys = [c for c, t in flat.schema.items() if not t.is_float()]
    return flat.sort([*keys, *(c for c in flat.columns if c not in keys)], nulls_last=True)


def differences(left: Path, right: Path, layer: str = "*") -> list[str]:
    """One line for each table (of a layer) whose content differs; empty if the lakes hold the same."""
    ours, theirs = tables_of(left, layer), tables_of(right, layer)
    lines = [f"{name}: only in one lake" for name in sorted(set(ours) ^ set(theirs))]
    for name in sorted(set(ours) & set(theirs)):
        a, b = ours[name], theirs[name]
        if a.height != b.height:
            lines.append(f"{name}: {a.height} rows against {b.height}")
        elif columns := [c for c in a.columns if not same(a[c], b[c], FLOAT_NOISE.get(name, 0.0))]:
            lines.append(f"{name}: columns {columns} differ")
    return lines


def same(left: pl.Series, right: pl.Series, noise: float) -> bool:
    """Whether they are equal to the bit; with `noise`, floats may differ by that share."""
    if not left.dtype.is_float() or not noise:
        return left.equals(right, null_equal=True)
    return np.allclose(left.to_numpy(), right.to_numpy(), rtol=noise, atol=noise, equal_nan=True)
