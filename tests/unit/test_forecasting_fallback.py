"""Whatever the model does, every meter gets a finite forecast that says what it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_forecasting_baselines import ORIGIN, features_of

from energy_lib.forecasting import model_forecasts as batch
from energy_lib.forecasting.fallback import PROFILE
from energy_lib.forecasting.model_forecasts import NO_MODEL, ModelRef, forecast_rows, whole_groups
from energy_lib.vocabulary import QUANTILES

REGULAR = 5 + np.tile(np.sin(np.arange(168.0) / 12), 4)
DENSE = ModelRef("dense", "3", "models/3")


class Says:
    """A model that answers `value` times the quantile levels, or raises."""

    name, version = "dense", "3"

    def __init__(self, value: float | Exception) -> None:
        self.value = value

    def predict(self, features: pd.DataFrame) -> pd.DataFrame:
        if isinstance(self.value, Exception):
            raise self.value
        values = np.tile([self.value * (1 + level) for level in QUANTILES.values()], (len(features), 1))
        return pd.DataFrame(values, index=features.index, columns=list(QUANTILES))


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch):
    return lambda value: monkeypatch.setattr(batch, "loaded_model", lambda path: Says(value))


def honest(rows: pd.DataFrame) -> None:
    values = rows[list(QUANTILES)].to_numpy()
    assert np.isfinite(values).all()
    assert (values >= 0).all()
    assert (np.diff(values, axis=1) >= 0).all()


def test_a_good_model_is_left_alone(model) -> None:
    model(5.0)
    rows = forecast_rows(features_of(REGULAR), DENSE, "live")
    honest(rows)
    assert rows["fallback"].isna().all()
    assert rows["p50"].iloc[0] == 7.5
    assert (rows["model_name"] + rows["model_version"]).unique() == ["dense3"]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (float("nan"), "model_not_finite"),
        (1e9, "model_absurd"),
        (RuntimeError("no such node"), "model_failed (RuntimeError)"),
    ],
)
def test_a_broken_model_is_replaced_by_four_weeks(model, value: float | Exception, why: str) -> None:
    model(value)
    rows = forecast_rows(features_of(REGULAR), DENSE, "live")
    honest(rows)
    assert set(rows["fallback"]) == {f"{why}: mean_of_4_weeks"}
    np.testing.assert_allclose(rows["p50"], REGULAR[:24])


def test_a_model_that_is_not_there_costs_no_night(tmp_path: Path) -> None:
    rows = forecast_rows(features_of(REGULAR), ModelRef("dense", "9", str(tmp_path / "gone")), "live")
    honest(rows)
    assert rows["fallback"].str.startswith("model_failed (").all()


def test_crossed_and_negative_quantiles_are_sorted_and_lifted(model) -> None:
    model(-5.0)
    rows = forecast_rows(features_of(REGULAR), DENSE, "live")
    honest(rows)


def test_before_the_first_champion_the_chain_forecasts() -> None:
    rows = forecast_rows(features_of(REGULAR), NO_MODEL, "live")
    assert set(rows["fallback"]) == {"no_model: mean_of_4_weeks"}


def test_each_link_of_the_chain_in_turn() -> None:
    def used(past: np.ndarray, **columns: float) -> str:
        rows = forecast_rows(features_of(past).assign(**columns), NO_MODEL, "live")
        honest(rows)
        (one,) = set(rows["fallback"])
        return one.removeprefix("no_model: ")

    gap = np.full(1000, np.nan)
    assert used(np.concatenate([REGULAR[:168], gap[:504]])) == "mean_of_4_weeks"
    nowhere = {"energy_same_hour_of_week_mean_4w": np.nan}
    assert used(REGULAR, **nowhere) == "seasonal_naive_168h"
    assert used(REGULAR[:24]) == "seasonal_naive_24h"
    two_days_old = np.concatenate([REGULAR[:24], gap[:48]])
    assert used(two_days_old) == "same_hour_mean"
    assert used(gap[:0], level_28d=3.0) == "level_28d"
    profile = dict(zip(PROFILE, np.arange(7.0), strict=True))
    assert used(gap[:0], **profile) == "fuel_profile"
    assert used(gap[:0]) == "fuel_default"


def test_why_tells_new_silent_and_unread_meters_apart(model) -> None:
    model(5.0)

    def why(past: np.ndarray) -> str:
        rows = forecast_rows(features_of(past), DENSE, "live")
        honest(rows)
        (one,) = {text.split(":")[0] for text in rows["fallback"]}
        return one

    assert why(REGULAR[:5]) == "new_meter"
    assert why(np.concatenate([REGULAR[:200], np.full(400, np.nan)])) == "silent_meter"
    assert why(np.array([])) == "no_readings"


def test_only_the_broken_rows_are_replaced_in_a_batch_of_groups(model) -> None:
    model(5.0)
    features = pd.concat([features_of(REGULAR), features_of(np.array([]), meter_id="m2")], ignore_index=True)
    rows = forecast_rows(features, DENSE, "live").set_index("meter_id")
    assert rows.loc["m1", "fallback"].isna().all()
    assert set(rows.loc["m2", "fallback"]) == {"no_readings: fuel_default"}
    assert set(rows.loc["m2", "imputed_share"]) == {1.0}


@pytest.mark.parametrize("size", [1, 7, 24, 50, 1000])
def test_batches_of_any_size_give_whole_groups(size: int) -> None:
    features = pd.concat(
        [
            features_of(REGULAR, meter_id=f"m{i}").assign(origin_utc=ORIGIN + pd.Timedelta(days=d))
            for i in range(3)
            for d in range(2)
        ],
        ignore_index=True,
    )
    batches = [features.iloc[start : start + size] for start in range(0, len(features), size)]
    parts = list(whole_groups(batches))
    assert all((part.groupby(["meter_id", "origin_utc"]).size() == 24).all() for part in parts)
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), features)
