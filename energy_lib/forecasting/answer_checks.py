"""Whether a model's answer can be published: why not, for each row."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from energy_lib.models.recent_history import History
from energy_lib.vocabulary import QUANTILES

# Below this much of the last two weeks a model scales and extrapolates from nearly nothing.
MIN_KNOWN_HOURS = 24
SILENT_HOURS = 168
# A model that says more than this many times the highest hour of two weeks is broken, not bold.
ABSURD_FACTOR = 10.0

Reasons = npt.NDArray[np.object_]


def monotone(quantiles: pd.DataFrame) -> pd.DataFrame:
    """Quantiles [kWh] sorted upwards in each row (Chernozhukov et al. 2010) and >= 0; a row with a NaN becomes NaN."""
    values = quantiles[list(QUANTILES)].to_numpy(np.float64)
    values = np.sort(np.maximum(values, 0), axis=1)
    values[~np.isfinite(values).all(axis=1)] = np.nan
    return pd.DataFrame(values, index=quantiles.index, columns=list(QUANTILES))


def thin_history(features: pd.DataFrame, history: History) -> Reasons:
    """Why the meter's past is too thin for a model, None where it is not [N].

    'no_readings': nothing known in four weeks; 'silent_meter': known once, but not in the last; 'new_meter' otherwise.
    """
    thin = history.known_hours() < MIN_KNOWN_HOURS
    silent = features["staleness_hours"].to_numpy(np.float64) >= SILENT_HOURS
    unknown = ~np.isfinite(features["level_28d"].to_numpy(np.float64))
    why = no_reasons(len(features))
    why[thin] = "new_meter"
    why[thin & silent] = "silent_meter"
    why[thin & unknown] = "no_readings"
    return why


def refused(quantiles: pd.DataFrame, history: History) -> Reasons:
    """'model_not_finite' or 'model_absurd' where the answer cannot stand, else None [N]."""
    values = quantiles.to_numpy(np.float64)
    limit = ABSURD_FACTOR * history.peak()
    why = no_reasons(len(values))
    why[(limit > 0) & (values[:, -1] > limit)] = "model_absurd"
    why[~np.isfinite(values).all(axis=1)] = "model_not_finite"
    return why


def no_reasons(rows: int) -> Reasons:
    return np.full(rows, None, dtype=object)
