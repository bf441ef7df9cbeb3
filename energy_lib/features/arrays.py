"""Array types of the kernels, and timestamps as whole numbers since 1970-01-01T00Z."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Whole hours since 1970-01-01T00Z.
Hours = NDArray[np.int64]

NEVER = np.iinfo(np.int64).max
MICROSECONDS_PER_HOUR = 3_600_000_000


def epoch_hours(timestamps: pd.Series | pd.DatetimeIndex) -> Hours:
    """Whole hours since 1970-01-01T00Z of naive UTC timestamps."""
    return np.asarray(timestamps).astype("datetime64[h]").astype(np.int64)


def epoch_microseconds(timestamps: pd.Series) -> NDArray[np.int64]:
    """Microseconds since 1970-01-01T00Z of naive UTC timestamps; NaT is NEVER."""
    values = np.asarray(timestamps).astype("datetime64[us]")
    return np.where(np.isnat(values), NEVER, values.astype(np.int64))
