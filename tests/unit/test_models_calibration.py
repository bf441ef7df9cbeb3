"""Calibrated spreads: they cover what they promise, and nothing else moves."""

from __future__ import annotations

import numpy as np
import pytest

from energy_lib.models.calibration import Calibration, fit
from energy_lib.vocabulary import COMMODITIES, MEDIAN, QUANTILES

LEVELS = np.array(list(QUANTILES.values()))
# Quantiles of a standard normal at LEVELS.
NORMAL = np.array([-1.6449, -1.2816, -0.6745, 0.0, 0.6745, 1.2816, 1.6449])


def said(groups: int, hours: int, sigma: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles for a noise of 0.1 in all groups, and targets with a noise of `sigma`."""
    rng = np.random.default_rng(seed)
    middle = 1 + 0.3 * rng.random((groups, hours))
    relative = middle[..., None] + 0.1 * NORMAL
    return relative.astype(np.float32), (middle + sigma * rng.normal(size=middle.shape)).astype(np.float32)


@pytest.mark.parametrize("sigma", [0.07, 0.1, 0.2])
def test_new_days_are_covered_as_promised(sigma: float) -> None:
    relative, target = said(1000, 24, sigma, 1)
    fuel = np.zeros(1000, np.int64)
    made = fit(relative, target, np.ones(target.shape, bool), fuel)
    later, actual = said(1000, 24, sigma, 2)
    calibrated = made.applied(later, fuel)
    below = (actual[..., None] <= calibrated).mean(axis=(0, 1))
    np.testing.assert_allclose(below, LEVELS, atol=0.015)
    np.testing.assert_array_equal(calibrated[..., MEDIAN], later[..., MEDIAN])


def test_a_month_that_stood_too_high_widens_both_sides_alike() -> None:
    """A factor a side would promise that the next month's median stands too high as well."""
    relative, target = said(1000, 24, 0.1, 7)
    fuel = np.zeros(1000, np.int64)
    made = fit(relative, target - 0.1, np.ones(target.shape, bool), fuel)
    later, actual = said(1000, 24, 0.1, 8)
    calibrated = made.applied(later, fuel)
    below, above = (actual < calibrated[..., 1]).mean(), (actual > calibrated[..., 5]).mean()
    assert below == pytest.approx(above, abs=0.01)
    assert below < 0.1
    np.testing.assert_array_equal(made.factors[..., [0, 1, 2]], made.factors[..., [6, 5, 4]])


def test_fuels_and_days_ahead_have_their_own_factors_and_few_cells_take_the_pooled_ones() -> None:
    rng = np.random.default_rng(3)
    relative, _ = said(300, 48, 0.1, 3)
    sigma = np.where(np.arange(48) < 24, 0.1, 0.2)[None, :] * np.where(np.arange(300) < 290, 1.0, 4.0)[:, None]
    target = (relative[..., MEDIAN] + sigma * rng.normal(size=sigma.shape)).astype(np.float32)
    fuel = np.where(np.arange(300) < 290, 0, 1)
    factors = fit(relative, target, np.ones(target.shape, bool), fuel).factors
    assert factors.shape == (len(COMMODITIES), 2, len(LEVELS))
    np.testing.assert_allclose(factors[0, 0, [1, 5]], 1.0, atol=0.08)
    np.testing.assert_allclose(factors[0, 1, [1, 5]], 2.0, atol=0.15)
    # Ten gas meters have 240 hours a day ahead: too few to speak for themselves.
    np.testing.assert_array_equal(factors[1, 0], factors[1, 1])
    # A model of before heat was a fuel has factors for two, and answers for heat as for the second.
    of_before, heat = Calibration(factors[:2]), np.full(300, 2)
    np.testing.assert_array_equal(of_before.applied(relative, heat), of_before.applied(relative, heat - 1))


def test_hours_that_were_not_measured_do_not_count_and_json_keeps_the_factors() -> None:
    relative, target = said(100, 24, 0.1, 4)
    known = np.arange(24)[None, :] < np.full((100, 1), 12)
    spoilt = np.where(known, target, 50.0)
    fuel = np.zeros(100, np.int64)
    made = fit(relative, spoilt, known, fuel)
    np.testing.assert_allclose(made.factors[0, 0], fit(relative, target, known, fuel).factors[0, 0])
    again = Calibration.from_json(made.as_json())
    np.testing.assert_allclose(again.applied(relative, fuel), made.applied(relative, fuel), rtol=1e-3)


def test_hours_of_next_to_nothing_do_not_stretch_the_others() -> None:
    """Nine of ten hours are all but off and missed tenfold; the tenth is right."""
    relative, target = said(500, 24, 0.1, 5)
    off = np.arange(500) % 10 > 0
    relative[off] = 0.5 + 1e-4 * NORMAL
    target[off] = 0.5 + 1e-3 * np.random.default_rng(6).normal(size=target[off].shape)
    made = fit(relative, target, np.ones(target.shape, bool), np.zeros(500, np.int64))
    np.testing.assert_allclose(made.factors[0, 0, [1, 5]], 1.0, atol=0.1)
