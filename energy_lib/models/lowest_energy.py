"""Below which energy no forecast goes: zero, unless a register counts import minus export."""

from __future__ import annotations

import numpy as np
import pandas as pd

from energy_lib.models.recent_history import Array
from energy_lib.vocabulary import Flow


def lowest_kwh(rows: pd.DataFrame) -> Array:
    """Of each row [N]: -inf where its `flow` is net, else 0 (also where nothing is said)."""
    if "flow" not in rows:
        return np.zeros(len(rows))
    return np.where((rows["flow"] == str(Flow.NET)).to_numpy(bool), -np.inf, 0.0)
