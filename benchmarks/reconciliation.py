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
    """[days from `start`, 24] by name: both seasonal naives, and a ridge autoregression trained up to `start`."""
    return {
        "seasonal naive 24 h": total[start - 1 : -1],
        "seasonal naive 168 h": total[start - 7 : -7],
        "ridge autoregression": ridge(total, days, start),
    }


def ridge(total: Array, days: pd.DatetimeIndex, start: int) -> Array:
    """A ridge regression for each hour of the day.

    Its inputs are the hour's values LAG_DAYS before, the 24 hours of the last day, the type of the day (working day or
    not) and of the days of its lags, and the weekday; energies are divided by the mean of the last 28 days.
    """
    off = np.asarray((days.dayofweek >= 5) | days.isin(BANK_HOLIDAYS), dtype=np.float64)
    first = max(LAG_DAYS)
    at = np.arange(first, len(total))
    level = np.stack([total[d - 28 : d].mean() for d in at])[:, None]
    weekday = np.eye(7)[days.dayofweek.to_numpy()[at]]
    types = np.stack([off[at], *(off[at - lag] for lag in LAG_DAYS[:7])], axis=1)
    types = np.concatenate([types, types[:, :1] * types[:, 1:], weekday], axis=1)
    forecasts = np.empty((len(at), 24))
    in_training = at < start
    for hour in range(24):
        lags = np.stack([total[at - lag, hour] for lag in LAG_DAYS], axis=1) / level
        inputs = np.concatenate([lags, total[at - 1] / level, types, np.ones((len(at), 1))], axis=1)
        centre, spread = inputs[in_training].mean(axis=0), inputs[in_training].std(axis=0) + 1e-9
        scaled = np.concatenate([(inputs - centre)[:, :-1] / spread[:-1], np.ones((len(at), 1))], axis=1)
        penalty = RIDGE * np.eye(scaled.shape[1])
        penalty[-1, -1] = 0
        known = scaled[in_training]
        weights = np.linalg.solve(
            known.T @ known + penalty, known.T @ (total[at, hour][in_training] / level[in_training, 0])
        )
        forecasts[:, hour] = scaled @ weights * level[:, 0]
    return forecasts[at >= start]


def ordinary(errors: Array) -> Array:
    """W of OLS: the identity."""
    return np.eye(errors.shape[1])


def scaled(errors: Array) -> Array:
    """W of WLS: the series' error variances."""
    variances: Array = np.diag((errors**2).mean(axis=0) + 1e-9)
    return variances


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
    covariance: Array = correlation * np.outer(spread, spread)
    return covariance


METHODS: dict[str, Callable[[Array], Array]] = {"OLS": ordinary, "WLS": scaled, "MinT": shrunk}


def reconciled(direct: Array, parts: Array, actual: Array) -> dict[str, Array]:
    """Forecasts of the total [days, 24] by way: bottom-up, direct (`alone`), and reconciled by each of METHODS.

    `direct` [days, 24] are forecasts of the total, `parts` [days, 24, n] those of its parts, `actual` their actuals.
    W is estimated from the errors of the PAST_ORIGINS days before; the first PAST_ORIGINS days stay bottom-up.
    """
    bottom = parts.sum(axis=2)
    base = np.concatenate([direct[:, :, None], parts], axis=2)
    errors = np.concatenate([actual.sum(axis=2)[:, :, None], actual], axis=2) - base
    totals = {"bottom-up": bottom, "alone": direct, **{name: bottom.copy() for name in METHODS}}
    for day in range(PAST_ORIGINS, len(parts)):
        past = errors[day - PAST_ORIGINS : day].reshape(-1, errors.shape[2])
        for name, weigh in METHODS.items():
            # With one constraint (total = sum of parts) the projection has a closed form.
            constraint = np.r_[1.0, -np.ones(parts.shape[2])]
            correction = weigh(past) @ constraint
            gap = direct[day] - bottom[day]
            totals[name][day] = direct[day] - gap * correction[0] / (constraint @ correction)
    return totals
