"""Autocorrelated noise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def autocorrelated(rng: np.random.Generator, length: int, correlation: float) -> NDArray[Any]:
    """A stationary AR(1) series of unit variance; `correlation` is that of one step with the next."""
    shocks = rng.standard_normal(length)
    # ewm computes y[t] = correlation * y[t-1] + (1 - correlation) * x[t] with y[0] = x[0]. Scaling x[0] gives y[0] the
    # variance of the rest.
    gain = np.sqrt(1 - correlation**2) / (1 - correlation)
    shocks[:1] /= gain
    return np.asarray(pd.Series(shocks).ewm(alpha=1 - correlation, adjust=False).mean() * gain)
