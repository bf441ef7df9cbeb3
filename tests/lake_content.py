"""What a lake holds, read without Spark: to hold two lakes against each other."""

from __future__ import annotations

from pathlib import Path

import polars as pl

# The ledger, the lease and the progress speak of runs (when, how often), not of the data.
ABOUT_RUNS = ("ops",)


def tables_of(lake: Path) -> dict[str, pl.DataFrame]:
    """Every table's content by <layer>.<name>, rows in one order, lists as text, floats to nine digits."""
    found = {}
    for log in sorted(lake.glob("*/*/_delta_log")):
        layer, name = log.parent.parent.name, log.parent.name
        if layer not in ABOUT_RUNS:
            found[f"{layer}.{name}"] = canonical(pl.read_delta(str(log.parent)))
    return found


def canonical(frame: pl.DataFrame) -> pl.DataFrame:
    lists = [c for c, t in frame.schema.items() if t == pl.List]
    floats = [c for c, t in frame.schema.items() if t.is_float()]
    flat = frame.with_columns(
        *(pl.col(c).list.join(",") for c in lists),
        *(pl.col(c).cast(pl.Float64).round_sig_figs(9) for c in floats),
    ).select(sorted(frame.columns))
    return flat.sort(flat.columns, nulls_last=True)


def differences(left: Path, right: Path) -> list[str]:
    """One line for each table whose content differs; empty if the lakes hold the same."""
    ours, theirs = tables_of(left), tables_of(right)
    lines = [f"{name}: only in one lake" for name in sorted(set(ours) ^ set(theirs))]
    for name in sorted(set(ours) & set(theirs)):
        a, b = ours[name], theirs[name]
        if a.equals(b, null_equal=True):
            continue
        if a.height != b.height:
            lines.append(f"{name}: {a.height} rows against {b.height}")
        else:
            columns = [c for c in a.columns if not a[c].equals(b[c], null_equal=True)]
            lines.append(f"{name}: columns {columns} differ")
    return lines
