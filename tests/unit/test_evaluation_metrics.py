"""Metrics by hand, against scikit-learn, and against the benchmark's own scorer."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_pinball_loss

from energy_lib.metrics import arrays as metrics

Y = np.array([2.0, 4.0, 0.0, 10.0])
F = np.array([3.0, 2.0, 0.0, 11.0])
SCORE_PY = Path(__file__).parents[3] / "shared" / "forecast_bench" / "score.py"


def test_metrics_by_hand() -> None:
    assert metrics.wape(Y, F) == 4 / 16
    assert metrics.mase(Y, F, scale=2.0) == 1.0 / 2.0
    assert metrics.smape(Y, F) == pytest.approx((2 / 5 + 4 / 6 + 0 + 2 / 21) / 4)
    assert metrics.cvrmse(Y, F) == pytest.approx(np.sqrt((1 + 4 + 0 + 1) / 4) / 4)
    assert metrics.nmbe(Y, F) == 0.0
    assert metrics.nmbe(Y, F + 1) == -4 / 16, "over-forecast is negative: observed - predicted"
    assert metrics.pinball(Y, F, 0.9) == pytest.approx((0.1 + 1.8 + 0 + 0.1) / 4)
    assert metrics.coverage(Y, F - 1, F + 1) == 3 / 4
    assert metrics.crossings(np.array([1.0, 2.0]), np.array([1.0, 3.0]), np.array([2.0, 2.5])) == 1


def test_the_scale_is_the_seasonal_naives_error_and_skips_unknown_hours() -> None:
    week = np.arange(168.0)
    history = np.concatenate([week, week + 2, week + 5])
    assert metrics.mase_scale(history) == pytest.approx(2.5)
    history[168:336] = np.nan
    assert np.isnan(metrics.mase_scale(history))


def test_undefined_is_nan_and_never_an_exception() -> None:
    nothing, zeros = np.array([]), np.zeros(3)
    assert all(
        np.isnan(metric(nothing, nothing)) for metric in (metrics.wape, metrics.smape, metrics.cvrmse, metrics.nmbe)
    )
    assert all(np.isnan(metric(zeros, zeros + 1)) for metric in (metrics.wape, metrics.cvrmse, metrics.nmbe))
    assert np.isnan(metrics.mase(Y, F, scale=0.0))


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 1e4)), min_size=1, max_size=50), st.floats(0.01, 0.99))
def test_pinball_is_scikit_learns(pairs: list[tuple[float, float]], level: float) -> None:
    actual, forecast = np.array(pairs).T
    assert metrics.pinball(actual, forecast, level) == pytest.approx(mean_pinball_loss(actual, forecast, alpha=level))


def test_the_benchmarks_scorer_says_the_same() -> None:
    if not SCORE_PY.is_file():
        pytest.skip(f"the benchmark is not at {SCORE_PY.parent}")
    spec = importlib.util.spec_from_file_location("score", SCORE_PY)
    assert spec is not None
    assert spec.loader is not None
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    cells = pd.read_parquet(SCORE_PY.parent / "actuals.parquet").query("scored and task == 'CAM-E'")
    noise = np.random.default_rng(7).normal(0, 0.1, len(cells))
    cells = cells.assign(p50=cells["y"] * (1 + noise))
    cells = cells.assign(p10=cells["p50"] * 0.9, p90=cells["p50"] * 1.08).reset_index(drop=True)
    theirs, per_meter = score.metrics(cells)
    y, p10, p50, p90 = (cells[name].to_numpy(float) for name in ("y", "p10", "p50", "p90"))
    assert metrics.wape(y, p50) == pytest.approx(theirs["wape_pooled"])
    assert metrics.nmbe(y, p50) == pytest.approx(-theirs["nmbe_pooled"]), "their sign is the other one"
    assert metrics.wql(y, {0.1: p10, 0.5: p50, 0.9: p90}) == pytest.approx(theirs["wql"])
    assert metrics.coverage(y, p10, p90) == pytest.approx(theirs["coverage_p10_p90"])
    one = cells[cells["meter_id"] == "b0_e"]
    actual, forecast = one["y"].to_numpy(float), one["p50"].to_numpy(float)
    assert metrics.cvrmse(actual, forecast) == pytest.approx(per_meter.loc["b0_e", "cvrmse"])
    assert metrics.mase(actual, forecast, float(one["mase_scale"].iloc[0])) == pytest.approx(
        per_meter.loc["b0_e", "mase"]
    )
