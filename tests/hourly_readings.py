"""Rows of silver.readings for tests of the hourly kernel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

MONDAY = pd.Timestamp("2024-01-01")


def readings(
    hours: Sequence[int] | np.ndarray,
    kwh: Sequence[float] | np.ndarray,
    *,
    minutes: int = 60,
    available: Sequence[int] | np.ndarray | None = None,
    fuel: str = "electricity",
) -> pd.DataFrame:
    """Readings that start `hours` after MONDAY; `available` in hours after MONDAY, else at each interval's end."""
    start = MONDAY + pd.to_timedelta(np.asarray(hours, dtype=float), unit="h")
    known = start + pd.Timedelta(minutes=minutes)
    if available is not None:
        known = MONDAY + pd.to_timedelta(np.asarray(available, dtype=float), unit="h")
    return pd.DataFrame(
        {
            "meter_id": "m",
            "fuel": fuel,
            "interval_start_utc": start,
            "interval_minutes": minutes,
            "energy_kwh": np.asarray(kwh, dtype=float),
            "quality": "measured",
            "flags": [[] for _ in start],
            "available_at_utc": known,
        }
    )


def at(hour: float) -> pd.Timestamp:
    return MONDAY + pd.Timedelta(hours=hour)
