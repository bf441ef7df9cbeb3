"""Seasonal naive against the series itself, whatever the horizon; quantiles from its own errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from energy_lib.models.baselines import MEAN_OF_4_WEEKS, SEASONAL_NAIVE_24H, SEASONAL_NAIVE_168H
from energy_lib.models.recent_history import quantiles_of
from energy_lib.vocabulary import QUANTILES

ORIGIN = pd.Timestamp("2024-03-20")


def features_of(
    past: NDArray[np.float64], horizon: int = 24, meter_id: str = "m1", fuel: str = "electricity"
) -> pd.DataFrame:
    """gold.features rows at ORIGIN for a meter whose hours before it were `past` (oldest first, NaN unknown)."""
    known = np.concatenate([np.full(max(0, 672 - len(past)), np.nan), past])[-672:]
    steps = np.arange(horizon)
    lags = {f"energy_lag_{24 * d}h": known[672 + steps % 24 - 24 * d] for d in range(1, 15)}
    weeks = np.stack([known[steps % 168 + 168 * week] for week in range(4)])
    counted = np.isfinite(weeks).sum(axis=0)
    mean = np.where(counted > 0, np.nansum(weeks, axis=0) / np.maximum(counted, 1), np.nan)
    measured = np.isfinite(known[::-1])
    return pd.DataFrame(
        {
            "meter_id": meter_id,
            "origin_utc": ORIGIN,
            "interval_start_utc": ORIGIN + pd.to_timedelta(steps, unit="h"),
            "fuel": fuel,
            "horizon_hours": steps + 1,
            "feature_set": "hash",
            **lags,
            "energy_same_hour_of_week_mean_4w": mean,
            "level_28d": np.nanmean(np.abs(known)) if measured.any() else np.nan,
            "imputed_share": 1 - measured[:336].mean(),
            "staleness_hours": float(measured.argmax()) if measured.any() else 672.0,
            "log_floor_area": np.nan,
        }
    )


@pytest.mark.parametrize("horizon", [1, 24, 48, 168])
def test_p50_is_the_freshest_whole_period_that_is_known(horizon: int) -> None:
    past = np.arange(672.0)
    features = features_of(past, horizon)
    steps = np.arange(horizon)
    daily = SEASONAL_NAIVE_24H.predict(features)["p50"]
    weekly = SEASONAL_NAIVE_168H.predict(features)["p50"]
    assert list(daily) == [past[672 - 24 + step % 24] for step in steps]
    assert list(weekly) == [past[672 - 168 + step] for step in steps]
    assert list(MEAN_OF_4_WEEKS.predict(features)["p50"]) == [np.mean(past[step::168][:4]) for step in steps]


def test_the_interval_is_the_absolute_errors_of_the_same_naive() -> None:
    """A series that steps up by 1 a day: the daily naive was always wrong by 1, three days ahead by 3."""
    past = 100 + np.repeat(np.arange(28.0), 24)
    answer = SEASONAL_NAIVE_24H.predict(features_of(past, 72))
    first, third = answer.iloc[0], answer.iloc[48]
    assert (first["p10"], first["p50"], first["p90"]) == pytest.approx((126, 127, 128))
    assert (third["p10"], third["p50"], third["p90"]) == pytest.approx((124, 127, 130))


def test_a_perfectly_regular_meter_gets_a_narrow_interval_and_an_unknown_lag_none() -> None:
    past = np.tile(np.arange(168.0), 4)
    answer = SEASONAL_NAIVE_168H.predict(features_of(past))
    assert (answer["p90"] - answer["p10"]).max() == 0
    past[672 - 168 + 5] = np.nan
    answer = SEASONAL_NAIVE_168H.predict(features_of(past))
    assert list(np.flatnonzero(answer["p50"].isna())) == [5]


def test_groups_do_not_mix_and_order_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    parts = [features_of(rng.gamma(2, scale, 672), meter_id=f"m{scale}") for scale in (1, 10, 100)]
    together = pd.concat(parts, ignore_index=True)
    shuffled = together.sample(frac=1, random_state=3)
    for model in (SEASONAL_NAIVE_24H, SEASONAL_NAIVE_168H, MEAN_OF_4_WEEKS):
        alone = pd.concat([model.predict(part) for part in parts], ignore_index=True)
        pd.testing.assert_frame_equal(model.predict(together), alone)
        pd.testing.assert_frame_equal(model.predict(shuffled).sort_index(), alone)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.one_of(st.floats(0, 1e5), st.just(float("nan"))), min_size=0, max_size=400), st.sampled_from([24, 168])
)
def test_quantiles_are_monotone_and_not_negative_or_unknown_together(past: list[float], horizon: int) -> None:
    features = features_of(np.array(past, dtype=float), horizon)
    for model in (SEASONAL_NAIVE_24H, SEASONAL_NAIVE_168H, MEAN_OF_4_WEEKS):
        values = model.predict(features)[list(QUANTILES)].to_numpy()
        known = np.isfinite(values)
        assert (known.all(axis=1) == known.any(axis=1)).all()
        assert (values[known] >= 0).all()
        assert (np.diff(values[known.all(axis=1)], axis=1) >= 0).all()


@given(st.lists(st.one_of(st.floats(-1e3, 1e3), st.just(float("nan"))), min_size=1, max_size=30))
def test_quantiles_of_is_numpys(sample: list[float]) -> None:
    values = np.array([sample, sample[::-1]])
    known = np.isfinite(values[0]).sum()
    answer = quantiles_of(values, (0.1, 0.5, 0.9), at_least=2)
    if known < 2:
        assert np.isnan(answer).all()
    else:
        np.testing.assert_allclose(answer, np.nanquantile(values, (0.1, 0.5, 0.9), axis=1).T, atol=1e-9)
