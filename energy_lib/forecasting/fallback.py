"""What to say when the model cannot: a chain from the meter's own weeks down to what such meters use.

Every row ends with finite, monotone quantiles, and with `<why>: <what was used>` in `fallback`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from energy_lib.forecasting.answer_checks import Reasons
from energy_lib.models.baselines import (
    MEAN_OF_4_WEEKS,
    MIN_SAMPLES,
    SEASONAL_NAIVE_24H,
    SEASONAL_NAIVE_168H,
    SPREAD_LEVELS,
    around,
)
from energy_lib.models.recent_history import Array, History, pooled, quantiles_of
from energy_lib.vocabulary import QUANTILES, Fuel

PROFILE = tuple(f"profile_{name}" for name in QUANTILES)
# A medium household in Great Britain: 2,700 kWh of electricity and 11,500 kWh of gas a year
# (Ofgem, typical domestic consumption values, 2023); here as kWh in a mean hour.
DEFAULT_KWH = {Fuel.ELECTRICITY.value: 2_700 / 8_760, Fuel.GAS.value: 11_500 / 8_760}
# Meters of one fuel differ by orders of magnitude: p05 … p95 as multiples of the default.
DEFAULT_WIDTH = (0.0, 0.1, 0.4, 1.0, 3.0, 10.0, 30.0)


def same_hour_mean(features: pd.DataFrame, history: History) -> pd.DataFrame:
    """Mean of what is known of the same hour of day in two weeks, with the spread of the days around it."""
    known = np.isfinite(history.known)
    count = known.sum(axis=1)
    total = np.where(known, history.known, 0).sum(axis=1)
    mean = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    deviations = np.abs(history.known - mean[:, None, :])
    spread = quantiles_of(pooled(deviations), SPREAD_LEVELS, MIN_SAMPLES)
    return around(mean[history.group, history.hour], spread[history.group, history.hour], features.index)


def level(features: pd.DataFrame, history: History) -> pd.DataFrame:
    """The meter's mean over four weeks, hour or not, with wide quantiles."""
    point = features["level_28d"].to_numpy(np.float64)
    return around(point, np.full((len(point), len(SPREAD_LEVELS)), np.nan), features.index)


def fuel_profile(features: pd.DataFrame, history: History) -> pd.DataFrame:
    """What the meters of the fuel use at that hour (PROFILE columns, see `profile`); NaN without them."""
    values = features.reindex(columns=PROFILE).to_numpy(np.float64)
    return pd.DataFrame(values, index=features.index, columns=list(QUANTILES))


def fuel_default(features: pd.DataFrame, history: History) -> pd.DataFrame:
    """A household's mean hour with very wide quantiles: for the first meters of a lake."""
    point: Array = features["fuel"].map(DEFAULT_KWH).to_numpy(np.float64)
    return pd.DataFrame(np.outer(point, DEFAULT_WIDTH), index=features.index, columns=list(QUANTILES))


CHAIN: tuple[tuple[str, Callable[[pd.DataFrame, History], pd.DataFrame]], ...] = (
    (MEAN_OF_4_WEEKS.name, lambda features, history: MEAN_OF_4_WEEKS.predict(features)),
    (SEASONAL_NAIVE_168H.name, lambda features, history: SEASONAL_NAIVE_168H.predict(features)),
    (SEASONAL_NAIVE_24H.name, lambda features, history: SEASONAL_NAIVE_24H.predict(features)),
    ("same_hour_mean", same_hour_mean),
    ("level_28d", level),
    ("fuel_profile", fuel_profile),
    ("fuel_default", fuel_default),
)


def filled(features: pd.DataFrame, quantiles: pd.DataFrame, why: Reasons) -> pd.DataFrame:
    """QUANTILES and `fallback`: rows with a reason in `why` [N] get the first link of the chain that knows them.

    `features` holds whole (meter, origin) groups; only the groups with such a row are computed.
    """
    made = quantiles.assign(fallback=pd.Series(None, index=quantiles.index, dtype=object))
    open_rows = np.array([reason is not None for reason in why], dtype=bool)
    if not open_rows.any():
        return made
    touched = _whole_groups(features, open_rows)
    part, reasons, left = features[touched], why[touched], open_rows[touched]
    answers = quantiles[touched].to_numpy(np.float64)
    words = np.full(len(part), None, dtype=object)
    for name, answer in _links(part):
        usable = left & np.isfinite(answer).all(axis=1)
        answers[usable] = answer[usable]
        words[usable] = [f"{reason}: {name}" for reason in reasons[usable]]
        left &= ~usable
        if not left.any():
            break
    made.loc[touched, list(QUANTILES)] = answers
    made.loc[touched, "fallback"] = words
    return made


def _links(features: pd.DataFrame) -> Iterator[tuple[str, Array]]:
    history = History.of(features)
    for name, link in CHAIN:
        yield name, link(features, history).to_numpy(np.float64)


def _whole_groups(features: pd.DataFrame, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Array:
    group = features.groupby(["meter_id", "origin_utc"], sort=False).ngroup().to_numpy()
    return np.asarray(np.isin(group, np.unique(group[rows])))
