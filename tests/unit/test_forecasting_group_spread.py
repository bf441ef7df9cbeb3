"""Where a sum stood among past sums, and what that makes of today's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_lib.forecasting.group_spread import FARTHEST, SCORES, around, own_quantiles, position
from energy_lib.vocabulary import MEDIAN

CURVE = np.array([[10.0, 20.0, 40.0, 50.0, 60.0, 80.0, 90.0]])
ZERO = np.zeros(1)
FLAT = np.array([[0.0, 0.0, 0.0, 0.0, 5.0, 9.0, 9.0]])


def at(curve: np.ndarray, actual: float) -> float:
    return float(position(curve, np.array([actual]))[0])


def test_a_position_by_hand() -> None:
    for place, quantile in enumerate(CURVE[0]):
        assert at(CURVE, quantile) == SCORES[place]
    assert at(CURVE, 55.0) == pytest.approx(SCORES[4] / 2), "half-way from the median to p75"
    assert at(CURVE, 100.0) == pytest.approx(SCORES[6] + (SCORES[6] - SCORES[5])), "the last line goes on"
    assert at(CURVE, 1e6) == FARTHEST
    assert at(CURVE, -1e6) == -FARTHEST
    assert at(FLAT, 0.0) == pytest.approx(SCORES[:4].mean(), abs=0.4), "the middle of the equal quantiles"
    assert at(FLAT, 0.0) == (SCORES[0] + SCORES[3]) / 2
    assert at(FLAT, 9.5) == FARTHEST, "beyond quantiles without any width between them"


@given(st.lists(st.floats(0, 1e4), min_size=7, max_size=7), st.floats(-10, 2e4), st.floats(-10, 2e4))
def test_positions_rise_with_the_actual(quantiles: list[float], one: float, other: float) -> None:
    curve = np.sort(np.array([quantiles]), axis=1)
    low, high = sorted((one, other))
    assert at(curve, low) <= at(curve, high) + 1e-9


def test_meters_that_err_together_keep_the_sums_of_quantiles() -> None:
    np.testing.assert_allclose(own_quantiles(CURVE, SCORES[None, :], ZERO), CURVE)


def test_meters_that_err_apart_are_narrower_by_the_root_of_their_number() -> None:
    rng, meters, levels = np.random.default_rng(3), 16, [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95]
    # Each meter is normal: 100 kWh, standard deviation 4; its quantiles say so.
    sums = meters * (100 + 4 * SCORES)[None, :]
    actual = (100 + 4 * rng.standard_normal((5_000, meters))).sum(axis=1)
    past = position(np.repeat(sums, len(actual), axis=0), actual)
    own = own_quantiles(sums, np.quantile(past, levels)[None, :], ZERO)[0]
    np.testing.assert_allclose(own - own[MEDIAN], (sums[0] - sums[0, MEDIAN]) / np.sqrt(meters), atol=1.5)


@given(
    st.lists(st.floats(0, 1e4), min_size=7, max_size=7),
    st.lists(st.floats(-FARTHEST, FARTHEST), min_size=7, max_size=7),
)
def test_quantiles_never_cross_nor_fall_below_zero_and_the_median_stays(
    quantiles: list[float], positions: list[float]
) -> None:
    curve = np.sort(np.array([quantiles]), axis=1)
    own = around(curve[:, MEDIAN], own_quantiles(curve, np.sort(np.array([positions]), axis=1), ZERO))[0]
    assert (np.diff(own) >= -1e-6).all()
    assert (own >= 0).all()
    assert own[MEDIAN] == curve[0, MEDIAN]
