"""Baselines that need no training: seasonal naive and the mean of four weeks, with quantiles from their own errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from energy_lib.models.lowest_energy import lowest_kwh
from energy_lib.models.recent_history import LAG_DAYS, Array, History, pooled, quantiles_of
from energy_lib.vocabulary import QUANTILES

WEEK_DAYS = 7
FOUR_WEEKS = "energy_same_hour_of_week_mean_4w"
MIN_SAMPLES = 6
# The error counts as symmetric: the upper quantile `level` lies where |error| has its quantile 2 level - 1.
SPREAD_LEVELS = tuple(2 * level - 1 for level in QUANTILES.values() if level > 0.5)
# Distances of p75, p90 and p95 from p50, as shares of p50, for meters whose errors are unknown: twice the usual ones.
WIDE = (0.5, 1.0, 1.5)


@dataclass(frozen=True, slots=True)
class Baseline:
    """A baseline by name; its version is its name. p50 is the naive itself."""

    name: str
    point: Callable[[pd.DataFrame, History], tuple[Array, npt.NDArray[np.int64]]]

    @property
    def version(self) -> str:
        return self.name

    def predict(self, features: pd.DataFrame) -> pd.DataFrame:
        """Quantiles [kWh] of whole (meter, origin) groups; NaN where the lag is unknown."""
        history = History.of(features)
        point, lag_days = self.point(features, history)
        return around(point, own_spread(history, lag_days), features)


def seasonal(period_days: int) -> Callable[[pd.DataFrame, History], tuple[Array, npt.NDArray[np.int64]]]:
    """The freshest known value a whole number of periods before the interval, and how many days back that is."""

    def point(features: pd.DataFrame, history: History) -> tuple[Array, npt.NDArray[np.int64]]:
        lag_days = period_days * (history.day // period_days + 1)
        return history.back(lag_days), lag_days

    return point


def four_weeks(features: pd.DataFrame, history: History) -> tuple[Array, npt.NDArray[np.int64]]:
    """Mean of the same hour of week in the four weeks before the origin; its errors are taken as the week's."""
    lag_days = WEEK_DAYS * (history.day // WEEK_DAYS + 1)
    return features[FOUR_WEEKS].to_numpy(np.float64), lag_days


def own_spread(history: History, lag_days: npt.NDArray[np.int64]) -> Array:
    """Quantiles of |y[t] - y[t - lag]| in the last two weeks at SPREAD_LEVELS: kWh [N, 3].

    Each hour pools its neighbours; an hour with too few samples takes the whole group's. NaN if that has too few.
    """
    spread = np.full((len(lag_days), len(SPREAD_LEVELS)), np.nan)
    for lag in np.unique(lag_days[lag_days < LAG_DAYS]):
        rows = lag_days == lag
        errors = np.abs(history.known[:, :-lag] - history.known[:, lag:])
        by_hour = quantiles_of(pooled(errors), SPREAD_LEVELS, MIN_SAMPLES)
        whole = quantiles_of(errors.reshape(len(errors), -1), SPREAD_LEVELS, MIN_SAMPLES)[:, None, :]
        spread[rows] = np.where(np.isfinite(by_hour), by_hour, whole)[history.group[rows], history.hour[rows]]
    return spread


def around(point: Array, spread: Array, features: pd.DataFrame) -> pd.DataFrame:
    """QUANTILES from p50 [N] and the distances of p75, p90, p95 [N, 3], on the index of `features` [N].

    Unknown distances become WIDE shares of |p50|. Only net registers go below zero.
    """
    spread = np.where(np.isfinite(spread), spread, np.outer(np.abs(point), WIDE))
    values = np.column_stack([point[:, None] - spread[:, ::-1], point, point[:, None] + spread])
    values = np.maximum(values, lowest_kwh(features)[:, None])
    return pd.DataFrame(values, index=features.index, columns=list(QUANTILES))


SEASONAL_NAIVE_24H = Baseline("seasonal_naive_24h", seasonal(1))
SEASONAL_NAIVE_168H = Baseline("seasonal_naive_168h", seasonal(WEEK_DAYS))
MEAN_OF_4_WEEKS = Baseline("mean_of_4_weeks", four_weeks)
BASELINES = {baseline.name: baseline for baseline in (SEASONAL_NAIVE_24H, SEASONAL_NAIVE_168H, MEAN_OF_4_WEEKS)}
# Every model is scored beside these (law 8).
SEASONAL_NAIVES = (SEASONAL_NAIVE_24H.name, SEASONAL_NAIVE_168H.name)
