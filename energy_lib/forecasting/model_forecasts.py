"""One model's forecasts of whole (meter, origin) groups: features in, gold.forecasts rows out. Pure pandas.

A batch, a service and a stream all forecast by `forecast_rows`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from energy_lib.forecasting.answer_checks import Reasons, monotone, no_reasons, refused, thin_history
from energy_lib.forecasting.fallback import PROFILE, filled
from energy_lib.models.baselines import BASELINES
from energy_lib.models.protocol import QuantileModel
from energy_lib.models.recent_history import History
from energy_lib.tables import gold
from energy_lib.vocabulary import QUANTILES


@dataclass(frozen=True, slots=True)
class ModelRef:
    """A model by name and version; `path` is its exported folder, None for a baseline or when there is none."""

    name: str
    version: str
    path: str | None = None

    @classmethod
    def baseline(cls, name: str) -> ModelRef:
        return cls(name, name)


# Before the first champion the chain of fallbacks forecasts alone.
NO_MODEL = ModelRef("fallback", "fallback")


def forecast_rows(features: pd.DataFrame, model: ModelRef, run_kind: str) -> pd.DataFrame:
    """gold.forecasts rows of one model for whole (meter, origin) groups of gold.features rows, in their order.

    Columns are those of gold.forecasts, quantiles in kWh. It never raises for what a model does: a row whose answer
    cannot be published gets the first link of the fallbacks that knows it, and `fallback` says why and which.

        rows = forecast_rows(features_at(features, meter, hourly, origin, weather), ModelRef(*version.ref), "live")
    """
    features = features.reset_index(drop=True)
    history = History.of(features)
    quantiles, why = _answer(features, history, model)
    filled_quantiles = filled(features, quantiles, why)
    rows = features[["meter_id", "origin_utc", "interval_start_utc", "fuel", "horizon_hours", "feature_set"]]
    rows = rows.assign(model_name=model.name, model_version=model.version, run_kind=run_kind)
    # Nothing known of the inputs means nothing of them was measured.
    rows["imputed_share"] = features["imputed_share"].fillna(1.0).clip(0, 1).astype(np.float32)
    return pd.concat([rows, filled_quantiles], axis=1)[list(gold.FORECASTS.column_names)]


def whole_groups(batches: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Sorted batches, cut so that no (meter, origin) group is split between two."""
    carried: pd.DataFrame | None = None
    for batch in batches:
        if carried is not None:
            batch = pd.concat([carried, batch], ignore_index=True)
        if batch.empty:
            continue
        last = batch.iloc[-1]
        open_group = (batch["meter_id"] == last["meter_id"]) & (batch["origin_utc"] == last["origin_utc"])
        carried = batch[open_group]
        if not open_group.all():
            yield batch[~open_group]
    if carried is not None and not carried.empty:
        yield carried


def _answer(features: pd.DataFrame, history: History, model: ModelRef) -> tuple[pd.DataFrame, Reasons]:
    """The model's quantiles and, where they cannot stand, why."""
    nothing = pd.DataFrame(np.nan, index=features.index, columns=list(QUANTILES))
    if model == NO_MODEL:
        return nothing, np.full(len(features), "no_model", dtype=object)
    if model.path is None:
        quantiles = BASELINES[model.name].predict(features)
        why = no_reasons(len(features))
        why[~np.isfinite(quantiles.to_numpy()).all(axis=1)] = "unknown_lag"
        return quantiles, why
    try:
        quantiles = monotone(_loaded(model.path).predict(features.drop(columns=list(PROFILE), errors="ignore")))
    except Exception as error:  # a broken model costs its forecasts, never the night
        return nothing, np.full(len(features), f"model_failed ({type(error).__name__})", dtype=object)
    why, thin = refused(quantiles, history), thin_history(features, history)
    return quantiles, np.where(pd.isna(thin), why, thin)


@lru_cache(maxsize=4)
def _loaded(path: str) -> QuantileModel:
    """The model at `path`, once per Python worker."""
    from energy_lib.models.exported_model import load_model

    return load_model(path)
