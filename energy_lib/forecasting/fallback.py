"""Forecasts for rows that the model cannot forecast: a chain of simpler forecasts, the best known one first.

The chain begins with the meter's own last weeks and ends with what meters of its fuel and flow use. Every row gets
finite, monotone quantiles, and `<reason>: <forecast that was used>` in `fallback`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from energy_lib.forecasting.model_output_checks import Reasons
from energy_lib.models.baselines import (
    MEAN_OF_4_WEEKS,
    MIN_SAMPLES,
    SEASONAL_NAIVE_24H,
    SEASONAL_NAIVE_168H,
    SPREAD_LEVELS,
    around,
)
from energy_lib.models.lowest_energy import lowest_kwh
from energy_lib.models.recent_history import Array, History, pooled, quantiles_of
from energy_lib.vocabulary import QUANTILES, Fuel

PROFILE = tuple(f"profile_{name}" for name in QUANTILES)
# A medium household in Great Britain: 2,700 kWh of electricity and 11,500 kWh of gas a year
# (Ofgem, typical domestic consumption values, 2023); here as kWh in a mean hour. What else is metered heats or cools
# buildings, as gas does.
DEFAULT_KWH = {**dict.fromkeys(map(str, Fuel), 11_500 / 8_760), Fuel.ELECTRICITY.value: 2_700 / 8_760}
# Meters of one fuel differ by orders of magnitude: p05 … p95 as multiples of the default.
DEFAULT_WIDTH = (0.0, 0.1, 0.4, 1.0, 3.0, 10.0, 30.0)
DEFAULT_WIDTH_OF_NET = (-30.0, -10.0, -3.0, 0.0, 3.0, 10.0, 30.0)


def same_hour_mean(features: pd.DataFrame, history: History) -> pd.DataFrame:
    """Mean of the same hour of day over the known days of two weeks; quantiles from the days' deviations from it."""
    known = np.isfinite(history.known)
    count = known.sum(axis=1)
    total = np.where(known, history.known, 0).sum(axis=1)
    mean = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    deviations = np.abs(history.known - mean[:, None, :])
    spread = quantiles_of(pooled(deviations), SPREAD_LEVELS, MIN_SAMPLES)
    return around(mean[history.group, history.hour], spread[history.group, history.hour], features)


def level(features: pd.DataFrame, history: History) -> pd.DataFrame:
    """The meter's mean over four weeks for all hours, with wide quantiles. It knows no signs: NaN of net registers."""
    point = np.where(lowest_kwh(features) < 0, np.nan, features["level_28d"].to_numpy(np.float64))
    return around(point, np.full((len(point), len(SPREAD_LEVELS)), np.nan), features)


def fuel_profile(features: pd.DataFrame, history: History) -> pd.DataFrame:
    """Quantiles over the meters of the commodity at that hour: PROFILE columns of `with_fuel_profile`, NaN without."""
    values = features.reindex(columns=PROFILE).to_numpy(np.float64)
    return pd.DataFrame(values, index=features.index, columns=list(QUANTILES))


def fuel_default(features: pd.DataFrame, history: History) -> pd.DataFrame:
    """A household's mean hour with very wide quantiles, for the first meters of a lake; both ways for net registers."""
    point: Array = features["fuel"].map(DEFAULT_KWH).to_numpy(np.float64)
    width = np.where(lowest_kwh(features)[:, None] < 0, DEFAULT_WIDTH_OF_NET, DEFAULT_WIDTH)
    return pd.DataFrame(point[:, None] * width, index=features.index, columns=list(QUANTILES))


CHAIN: tuple[tuple[str, Callable[[pd.DataFrame, History], pd.DataFrame]], ...] = (
    (MEAN_OF_4_WEEKS.name, lambda features, history: MEAN_OF_4_WEEKS.predict(features)),
    (SEASONAL_NAIVE_168H.name, lambda features, history: SEASONAL_NAIVE_168H.predict(features)),
    (SEASONAL_NAIVE_24H.name, lambda features, history: SEASONAL_NAIVE_24H.predict(features)),
    ("same_hour_mean", same_hour_mean),
    ("level_28d", level),
    ("fuel_profile", fuel_profile),
    ("fuel_default", fuel_default),
)


def filled(features: pd.DataFrame, quantiles: pd.DataFrame, reasons: Reasons) -> pd.DataFrame:
    """`quantiles` with `fallback`; rows with a reason [N] get the first forecast of CHAIN that is known for them.

    `features` holds whole (meter, origin) groups; the chain is computed only for groups that have such a row.
    """
    result = quantiles.assign(fallback=pd.Series(None, index=quantiles.index, dtype=object))
    to_fill = np.array([reason is not None for reason in reasons], dtype=bool)
    if not to_fill.any():
        return result
    in_groups = _in_groups_of(features, to_fill)
    group_reasons, left = reasons[in_groups], to_fill[in_groups]
    values = quantiles[in_groups].to_numpy(np.float64)
    fallbacks = np.full(len(values), None, dtype=object)
    for name, chain_values in _chain_forecasts(features[in_groups]):
        usable = left & np.isfinite(chain_values).all(axis=1)
        values[usable] = chain_values[usable]
        fallbacks[usable] = [f"{reason}: {name}" for reason in group_reasons[usable]]
        left &= ~usable
        if not left.any():
            break
    result.loc[in_groups, list(QUANTILES)] = values
    result.loc[in_groups, "fallback"] = fallbacks
    return result


def _chain_forecasts(features: pd.DataFrame) -> Iterator[tuple[str, Array]]:
    """Name and quantiles [N, Q] of each forecast of the chain, computed when it is asked for."""
    history = History.of(features)
    for name, forecast in CHAIN:
        yield name, forecast(features, history).to_numpy(np.float64)


def _in_groups_of(features: pd.DataFrame, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Array:
    """Whether each row is in a (meter, origin) group with one of `rows` [N]."""
    group = features.groupby(["meter_id", "origin_utc"], sort=False).ngroup().to_numpy()
    return np.asarray(np.isin(group, np.unique(group[rows])))
