"""Placebos and the correction that is learnt from them, on meters whose drift is known."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from energy_lib.insights.savings.change_point import fit_change_point
from energy_lib.insights.savings.correction import (
    Correction,
    common_correlation,
    half_widths,
    learn_correction,
    relative_error,
    weighted_quantile,
)
from energy_lib.insights.savings.placebos import quarterly_starts, quick_placebos
from energy_lib.insights.savings.shipped_correction import SHIPPED

DATES = pd.date_range("2016-01-01", "2021-12-31")
TEMPERATURE = 10 - 8 * np.cos(2 * np.pi * DATES.dayofyear.to_numpy() / 365.25)


def meters(count: int, seed: int, drift: float = 0.1, common: float = 0.0) -> dict[str, pd.DataFrame]:
    """Heated buildings whose level of each year differs by `drift`, of which `common` (a variance share) is shared."""
    rng = np.random.default_rng(seed)
    years = DATES.year.to_numpy() - DATES.year.min()
    shared = rng.normal(0, 1, 6)
    found = {}
    for at in range(count):
        level = 1 + drift * (np.sqrt(common) * shared + np.sqrt(1 - common) * rng.normal(0, 1, 6))
        energy = (50 + 4 * np.maximum(15 - TEMPERATURE, 0)) * level[years] * rng.normal(1, 0.05, len(DATES))
        found[f"m{at}"] = pd.DataFrame({"energy_kwh": energy, "temperature_c": TEMPERATURE}, index=DATES)
    return found


def starts() -> list[date]:
    return [date(year, 1, 1) for year in range(2017, 2022)]


def test_a_quick_model_finds_the_balance_point() -> None:
    energy = 50 + 4 * np.maximum(15.5 - TEMPERATURE, 0)
    model = fit_change_point(DATES, energy, TEMPERATURE)
    assert model.heating_c == 15.5
    assert model.predict(DATES[:1], np.array([0.0])) == pytest.approx([50 + 4 * 15.5], rel=1e-3)


def test_placebos_need_a_baseline_and_a_known_period() -> None:
    [frame] = meters(1, 0).values()
    broken = frame.copy()
    broken.loc["2018-03-01":"2018-08-31", "energy_kwh"] = np.nan
    found = quick_placebos({"whole": frame, "broken": broken}, starts(), (365,))
    assert found.groupby("meter_id")["first_date"].apply(list).to_dict() == {
        "whole": starts(),
        "broken": [date(2017, 1, 1), date(2020, 1, 1), date(2021, 1, 1)],
    }
    assert quarterly_starts(date(2016, 1, 1), date(2017, 6, 1)) == [date(2017, 1, 1), date(2017, 4, 1)]


def test_what_is_learnt_covers_zero_on_meters_it_was_not_learnt_from() -> None:
    learnt = learn_correction(quick_placebos(meters(25, 1), starts()), "made up")
    other = quick_placebos(meters(60, 2), starts(), (90, 365))
    error = np.abs(other["observed_kwh"] - other["counterfactual_kwh"]).to_numpy()
    assert 0.85 <= (error <= half_widths(other, learnt)).mean() <= 0.95
    # Two years' levels differ by sqrt(2) · 10 %: 90 % of them by 23 %.
    assert (half_widths(other, learnt) / other["counterfactual_kwh"]).median() == pytest.approx(0.23, abs=0.05)


def test_the_correlation_of_meters_is_that_of_their_drift() -> None:
    flat = Correction(np.log(0.2), 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, "")
    apart = common_correlation(quick_placebos(meters(30, 3), starts(), (365,)), flat)
    shared = common_correlation(quick_placebos(meters(30, 3, common=0.7), starts(), (365,)), flat)
    assert apart < 0.1
    assert shared == pytest.approx(0.7, abs=0.2)


def test_quantiles_heed_weights() -> None:
    values = np.array([3.0, 1.0, 2.0])
    assert weighted_quantile(values, np.ones(3), 0.9) == 3
    assert weighted_quantile(values, np.array([0.05, 1.0, 1.0]), 0.9) == 2


def test_relative_errors_are_of_half_the_counterfactual_and_half_the_mean() -> None:
    placebo = pd.DataFrame(
        {"observed_kwh": [120.0], "counterfactual_kwh": [100.0], "mean_kwh_per_day": [30.0], "days": [10.0]}
    )
    assert relative_error(placebo) == pytest.approx([0.1])


def test_the_shipped_correction_widens_with_a_worse_fit_and_says_where_it_is_from() -> None:
    good, bad = (float(SHIPPED.half_width_kwh(3650.0, 10.0, 365, fit, fit / 2)) for fit in (0.1, 0.4))
    assert 0.05 * 3650 < good < bad < 0.7 * 3650
    assert "10.5281/zenodo.10955332" in SHIPPED.learnt_from
