"""Direct forecasts of a total, and their reconciliation with the forecasts of its parts. NumPy only."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from energy_lib.forecasting.group_spread import PAST_ORIGINS
from energy_lib.models.recent_history import Array

LAG_DAYS = (1, 2, 3, 4, 5, 6, 7, 14, 21, 28)
RIDGE = 10.0
BANK_HOLIDAYS = pd.to_datetime(["2022-01-03", "2022-04-15", "2022-04-18", "2022-05-02", "2022-06-02", "2022-06-03",
                                "2022-08-29", "2022-09-19", "2022-12-26", "2022-12-27"])  # fmt: skip


def direct_forecasts(total: Array, days: pd.DatetimeIndex, start: int) -> dict[str, Array]:
    """[days from `start`, 24] by name: both seasonal naives, and a ridge autoregression learnt up to `start`."""
    return {
        "seasonal naive 24 h": total[start - 1 : -1],
        "seasonal naive 168 h": total[start - 7 : -7],
        "ridge autoregression": ridge(total, days, start),
    }


def ridge(total: Array, days: pd.DatetimeIndex, start: int) -> Array:
    """An hour of the day each: its lags of days, the last day's 24 hours, the day's type and that of its lags."""
    off = np.asarray((days.dayofweek >= 5) | days.isin(BANK_HOLIDAYS), dtype=np.float64)
    first = max(LAG_DAYS)
    at = np.arange(first, len(total))
    level = np.stack([total[d - 28 : d].mean() for d in at])[:, None]
    weekday = np.eye(7)[days.dayofweek.to_numpy()[at]]
    types = np.stack([off[at], *(off[at - lag] for lag in LAG_DAYS[:7])], axis=1)
    types = np.concatenate([types, types[:, :1] * types[:, 1:], weekday], axis=1)
    made = np.empty((len(at), 24))
    learnt = at < start
    for hour in range(24):
        lags = np.stack([total[at - lag, hour] for lag in LAG_DAYS], axis=1) / level
        inputs = np.concatenate([lags, total[at - 1] / level, types, np.ones((len(at), 1))], axis=1)
        centre, spread = inputs[learnt].mean(axis=0), inputs[learnt].std(axis=0) + 1e-9
        scaled = np.concatenate([(inputs - centre)[:, :-1] / spread[:-1], np.ones((len(at), 1))], axis=1)
        penalty = RIDGE * np.eye(scaled.shape[1])
        penalty[-1, -1] = 0
        known = scaled[learnt]
        weights = np.linalg.solve(known.T @ known + penalty, known.T @ (total[at, hour][learnt] / level[learnt, 0]))
        made[:, hour] = scaled @ weights * level[:, 0]
    return made[at >= start]


def ordinary(errors: Array) -> Array:
    """W of OLS: all series alike."""
    return np.eye(errors.shape[1])


def scaled(errors: Array) -> Array:
    """W of WLS: the series' error variances."""
    made: Array = np.diag((errors**2).mean(axis=0) + 1e-9)
    return made


def shrunk(errors: Array) -> Array:
    """W of MinT: the errors' covariance, its correlations shrunk to zero (Schäfer & Strimmer 2005)."""
    count = len(errors)
    spread = np.sqrt((errors**2).mean(axis=0)) + 1e-9
    unit = errors / spread
    correlation = unit.T @ unit / count
    variance = ((unit**2).T @ unit**2 / count - correlation**2) / (count - 1)
    apart = np.eye(len(correlation)) == 0
    share = np.clip(variance[apart].sum() / (correlation[apart] ** 2).sum(), 0, 1)
    correlation = (1 - share) * correlation
    np.fill_diagonal(correlation, 1.0)
    made: Array = correlation * np.outer(spread, spread)
    return made


METHODS: dict[str, Callable[[Array], Array]] = {"OLS": ordinary, "WLS": scaled, "MinT": shrunk}


def reconciled(direct: Array, said: Array, actual: Array) -> dict[str, Array]:
    """The total [days, 24] by way: the sum of what is `said` of the parts [days, 24, n], `direct`, each of METHODS.

    W is learnt from the errors of the PAST_ORIGINS days before; the first of them are left as the sum.
    """
    bottom = said.sum(axis=2)
    base = np.concatenate([direct[:, :, None], said], axis=2)
    errors = np.concatenate([actual.sum(axis=2)[:, :, None], actual], axis=2) - base
    made = {"bottom-up": bottom, "alone": direct, **{name: bottom.copy() for name in METHODS}}
    for day in range(PAST_ORIGINS, len(said)):
        past = errors[day - PAST_ORIGINS : day].reshape(-1, errors.shape[2])
        for name, weigh in METHODS.items():
            # One constraint, total = sum of parts: the projection has a closed form.
            constraint = np.r_[1.0, -np.ones(said.shape[2])]
            moved = weigh(past) @ constraint
            gap = direct[day] - bottom[day]
            made[name][day] = direct[day] - gap * moved[0] / (constraint @ moved)
    return made
