"""Made-up meters for tests of the anomalies: a workday profile, weekends, noise, and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd

ZONE = "Europe/London"


def office_hours(first: str, days: int, *, seed: int = 1, noise: float = 0.03, base: float = 20.0) -> pd.Series:
    """kWh by UTC hour from a local midnight on: `base` at night, twice as much on top from 8 to 18 h on workdays."""
    start = pd.Timestamp(first, tz=ZONE).tz_convert("UTC")
    index = pd.date_range(start, periods=days * 24, freq="h")
    local = index.tz_convert(ZONE)
    at_work = (local.weekday < 5) & (local.hour >= 8) & (local.hour < 18)
    rng = np.random.default_rng(seed)
    level = base * (1 + 2.0 * at_work) * np.exp(noise * rng.standard_normal(len(index)))
    return pd.Series(np.round(level, 2), index)
