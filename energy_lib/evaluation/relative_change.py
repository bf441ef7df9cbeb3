"""A score relative to a reference's, and how it is printed: a dash where the reference is too good to compare with."""

from __future__ import annotations

import math

# Shares of the energy used (WAPE, WQL). A reference below it is printed as .0000: any model is endlessly worse, by
# rounding alone.
PERFECT = 5e-5
DASH = "–"


def relative_change(score: float, reference: float) -> float:
    """`score` over `reference`, minus 1; NaN where the reference is unknown or as good as perfect."""
    return score / reference - 1 if reference >= PERFECT else math.nan


def signed(value: float, places: int, unit: str = "") -> str:
    """With its sign and unit (` %`); a dash alone for what is not a number or without end."""
    return f"{value:+.{places}f}{unit}" if math.isfinite(value) else DASH


def signed_interval(middle: float, low: float, high: float, places: int, unit: str = "") -> str:
    """`+1.0 % (-0.5 … +2.5)`; a dash alone where there is no middle."""
    if not math.isfinite(middle):
        return DASH
    return f"{signed(middle, places, unit)} ({signed(low, places)} … {signed(high, places)})"
