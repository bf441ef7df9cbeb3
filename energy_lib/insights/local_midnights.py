"""The instants at which local days begin."""

from __future__ import annotations

import numpy as np
import pandas as pd


def at_midnight(dates: pd.DatetimeIndex, zone: str) -> pd.DatetimeIndex:
    """The instants at which local days begin; where clocks skip midnight, the first there is, and of two the first."""
    return dates.tz_localize(zone, ambiguous=np.ones(len(dates), bool), nonexistent="shift_forward")
