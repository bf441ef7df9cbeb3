"""Noise that remembers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def autocorrelated(rng: np.random.Generator, length: int, memory: float) -> NDArray[Any]:
    """A stationary AR(1) series of unit variance; `memory` is its correlation from one step to the next."""
    shocks = rng.standard_normal(length)
    # ewm's recursion is y[t] = memory * y[t-1] + (1 - memory) * x[t], begun at x[0]: begin at the stationary spread.
    gain = np.sqrt(1 - memory**2) / (1 - memory)
    shocks[:1] /= gain
    return np.asarray(pd.Series(shocks).ewm(alpha=1 - memory, adjust=False).mean() * gain)
