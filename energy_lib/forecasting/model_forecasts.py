"""One model's forecasts of whole (meter, origin) groups: rows of gold.features in, rows of gold.forecasts out.

Pure pandas. Batches, services and streams all forecast with `forecast_rows`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from energy_lib.forecasting.fallback import PROFILE, filled
from energy_lib.forecasting.model_output_checks import Reasons, monotone, no_reasons, refused, thin_history
from energy_lib.models.baselines import BASELINES
from energy_lib.models.lowest_energy import lowest_kwh
from energy_lib.models.protocol import QuantileModel
from energy_lib.models.recent_history import History
from energy_lib.tables import gold
from energy_lib.vocabulary import QUANTILES


@dataclass(frozen=True, slots=True)
class ModelRef:
    """A model by name and version; `path` is the folder of its export, None for baselines and NO_MODEL."""

    name: str
    version: str
    path: str | None = None

    @classmethod
    def baseline(cls, name: str) -> ModelRef:
        return cls(name, name)


# Before the first champion, all forecasts come from the chain of fallbacks.
NO_MODEL = ModelRef("fallback", "fallback")


def forecast_rows(features: pd.DataFrame, model: ModelRef, run_kind: str) -> pd.DataFrame:
    """gold.forecasts rows of one model for whole (meter, origin) groups of gold.features rows, in their order.

    Columns are those of gold.forecasts, quantiles in kWh. A model that fails does not raise here: a row without a
    publishable forecast gets the first known one of the fallbacks, and `fallback` says why and which.

        rows = forecast_rows(features_at(features, meter, hourly, origin, weather), ModelRef(*version.ref), "live")
    """
    features = features.reset_index(drop=True)
    history = History.of(features)
    quantiles, reasons = _model_quantiles(features, history, model)
    filled_quantiles = filled(features, quantiles, reasons)
    named = ["meter_id", "origin_utc", "interval_start_utc", "fuel", "flow", "horizon_hours", "feature_set"]
    rows = features.assign(flow=features.get("flow"))[named]
    rows = rows.assign(model_name=model.name, model_version=model.version, run_kind=run_kind)
    # An unknown share means that no input is known, so that none was measured.
    rows["imputed_share"] = features["imputed_share"].fillna(1.0).clip(0, 1).astype(np.float32)
    return pd.concat([rows, filled_quantiles], axis=1)[list(gold.FORECASTS.column_names)]


def whole_groups(batches: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Batches sorted by meter and origin, cut anew so that no (meter, origin) group is split between two."""
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


def _model_quantiles(features: pd.DataFrame, history: History, model: ModelRef) -> tuple[pd.DataFrame, Reasons]:
    """The model's quantiles [N, Q], and for each row why they cannot be published, or None [N]."""
    no_quantiles = pd.DataFrame(np.nan, index=features.index, columns=list(QUANTILES))
    if model == NO_MODEL:
        return no_quantiles, np.full(len(features), "no_model", dtype=object)
    if model.path is None:
        quantiles = BASELINES[model.name].predict(features)
        reasons = no_reasons(len(features))
        reasons[~np.isfinite(quantiles.to_numpy()).all(axis=1)] = "unknown_lag"
        return quantiles, reasons
    try:
        predicted = loaded_model(model.path).predict(features.drop(columns=list(PROFILE), errors="ignore"))
        quantiles = monotone(predicted, lowest_kwh(features))
    except Exception as error:  # a broken model costs its forecasts, not the night
        return no_quantiles, np.full(len(features), f"model_failed ({type(error).__name__})", dtype=object)
    thin, faults = thin_history(features, history), refused(quantiles, history)
    return quantiles, np.where(pd.isna(thin), faults, thin)


@lru_cache(maxsize=4)
def loaded_model(path: str) -> QuantileModel:
    """The model at `path`, loaded once in each process."""
    from energy_lib.models.exported_model import load_model

    return load_model(path)
