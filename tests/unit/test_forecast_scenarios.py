"""Given a meter's past and a model's answer, then its forecast: tests/scenarios/forecasts/<name>/*.csv."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_forecasting_baselines import ORIGIN, features_of

from energy_lib.forecasting import model_forecasts
from energy_lib.forecasting.model_forecasts import ModelRef, forecast_rows
from energy_lib.models.baselines import BASELINES
from energy_lib.vocabulary import QUANTILES

SCENARIOS = sorted(p for p in (Path(__file__).parents[1] / "scenarios" / "forecasts").iterdir() if p.is_dir())


class Flat:
    """A model that says the same of every hour and quantile."""

    name, version = "dense", "1"

    def __init__(self, answer_kwh: float) -> None:
        self.answer_kwh = answer_kwh

    def predict(self, features: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame(self.answer_kwh, index=features.index, columns=list(QUANTILES))


def past_hours(runs: pd.DataFrame, origin: pd.Timestamp) -> np.ndarray:
    """Hourly kWh up to the origin, oldest first; NaN where no run says anything."""
    hours = pd.date_range(runs["first_hour_utc"].min(), origin, freq="h", inclusive="left")
    kwh = pd.Series(np.nan, index=hours)
    for run in runs.itertuples():
        kwh[run.first_hour_utc : run.first_hour_utc + pd.Timedelta(hours=run.hours - 1)] = run.energy_kwh
    return kwh.to_numpy()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda folder: folder.name)
def test_given_then(scenario: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = pd.read_csv(scenario / "given.csv", parse_dates=["first_hour_utc"])
    (when,) = pd.read_csv(scenario / "when.csv", parse_dates=["origin_utc"]).itertuples()
    then = pd.read_csv(scenario / "then.csv", parse_dates=["interval_start_utc"])
    features = features_of(past_hours(given, when.origin_utc), when.horizon_hours)
    moved = features[["origin_utc", "interval_start_utc"]] + (when.origin_utc - ORIGIN)
    monkeypatch.setattr(model_forecasts, "loaded_model", lambda path: Flat(when.answer_kwh))
    model = ModelRef.baseline(when.model) if when.model in BASELINES else ModelRef(when.model, "1", "models/1")
    forecast = forecast_rows(features.assign(**moved), model, "live")[list(then.columns)]
    forecast = forecast.assign(fallback=forecast["fallback"].astype(object).fillna(""))
    then = then.assign(fallback=then["fallback"].astype(object).fillna(""))
    pd.testing.assert_frame_equal(forecast, then, check_dtype=False)
