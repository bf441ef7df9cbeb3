"""Checks of a model's quantiles: for each row, the reason why they cannot be published, or None."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from energy_lib.models.recent_history import Array, History
from energy_lib.vocabulary import QUANTILES

# With fewer known hours in the last two weeks, a model has too little to scale by and to extrapolate from.
MIN_KNOWN_HOURS = 24
SILENT_HOURS = 168
# A p95, or a p05 below zero, of more than this many times the highest hour of two weeks is taken as a model's fault.
ABSURD_FACTOR = 10.0

Reasons = npt.NDArray[np.object_]


def monotone(quantiles: pd.DataFrame, lowest: Array) -> pd.DataFrame:
    """Quantiles [kWh] sorted upwards in each row and not below `lowest` [N]; a row with NaN or infinity becomes NaN.

    Sorting never makes quantiles worse (Chernozhukov, Fernández-Val & Galichon 2010, Quantile and probability curves
    without crossing).
    """
    values = quantiles[list(QUANTILES)].to_numpy(np.float64)
    values = np.sort(np.maximum(values, lowest[:, None]), axis=1)
    values[~np.isfinite(values).all(axis=1)] = np.nan
    return pd.DataFrame(values, index=quantiles.index, columns=list(QUANTILES))


def thin_history(features: pd.DataFrame, history: History) -> Reasons:
    """For each row, why too little is known of the meter for a model to be used, or None [N].

    'no_readings': nothing is known of the last four weeks. 'silent_meter': the newest reading is SILENT_HOURS old or
    older. 'new_meter': otherwise, if fewer than MIN_KNOWN_HOURS of the last two weeks are known.
    """
    thin = history.known_hours() < MIN_KNOWN_HOURS
    silent = features["staleness_hours"].to_numpy(np.float64) >= SILENT_HOURS
    unknown = ~np.isfinite(features["level_28d"].to_numpy(np.float64))
    reasons = no_reasons(len(features))
    reasons[thin] = "new_meter"
    reasons[thin & silent] = "silent_meter"
    reasons[thin & unknown] = "no_readings"
    return reasons


def refused(quantiles: pd.DataFrame, history: History) -> Reasons:
    """'model_not_finite' for a row with NaN or infinity, 'model_absurd' for one that is far too high, else None [N]."""
    values = quantiles.to_numpy(np.float64)
    limit = ABSURD_FACTOR * history.peak()
    reasons = no_reasons(len(values))
    reasons[(limit > 0) & (np.abs(values[:, [0, -1]]).max(axis=1) > limit)] = "model_absurd"
    reasons[~np.isfinite(values).all(axis=1)] = "model_not_finite"
    return reasons


def no_reasons(rows: int) -> Reasons:
    return np.full(rows, None, dtype=object)
