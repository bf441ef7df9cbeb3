"""Usual levels against a plain reading of their definition, and laws of the flags that follow from them."""

from __future__ import annotations

from statistics import median

import numpy as np
import pandas as pd
from hourly_readings import at, readings
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_lib.cleaning import hourly_view
from energy_lib.cleaning.usual_levels import usual_levels
from energy_lib.config import CleaningConfig

HOURS = 90 * 24


def series(seed: int, net: bool) -> np.ndarray:
    """90 days with odd hours, lost hours and, for a net meter, values below zero."""
    rng = np.random.default_rng(seed)
    kwh = rng.lognormal(0, 0.6, HOURS) - (1.0 if net else 0.0)
    kwh[rng.random(HOURS) < 0.01] *= rng.choice([0.0, 20.0, 500.0])
    kwh[rng.random(HOURS) < rng.choice([0.0, 0.05, 0.8])] = np.nan
    return kwh


def by_definition(kwh: np.ndarray, first: int, hour: int) -> tuple[float, float, float]:
    """Peak, cap and trough at an hour, as docs/cleaning.md describes them; NaN where there is nothing."""
    day_of = (first + np.arange(len(kwh))) // 24
    today = day_of[hour]
    days = [[v for v in kwh[day_of == day] if not np.isnan(v)] for day in range(today - 56, today)]
    sizes = [sorted((abs(v) for v in day), reverse=True) for day in days if day]
    if not sizes:
        return np.nan, np.nan, np.nan
    typical, on_most = median(median(day) for day in sizes), median(day[0] for day in sizes)
    kept = sorted((day[3] for day in sizes if len(day) > 3), reverse=True)
    usual = max(kept[7], on_most) if len(kept) > 7 else on_most
    cap = typical + 10 * (usual - typical)
    if len(kept) > 1:
        new = kept[1]
        counts = max(new, usual) if new <= 30 * usual else usual
        cap = max(typical + 10 * (counts - typical), min(new, 30 * usual))
    highest = max(day[0] for day in sizes)
    four = [v for day in sizes for v in day[:4] if v <= cap]
    lows = sorted(sorted(day)[1] for day in days if len(day) > 1)
    peak = highest if highest <= cap else max(four, default=np.nan)
    return peak, cap, lows[3] if len(lows) > 3 else np.nan


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.integers(0, 23), st.lists(st.integers(0, HOURS - 1), min_size=5))
def test_levels_are_those_of_the_definition(seed: int, net: bool, first: int, hours: list[int]) -> None:
    kwh = series(seed, net)
    levels = usual_levels(kwh, 24 * 1000 + first)
    for hour in hours[:8]:
        found = [levels.peak[hour], levels.cap[hour], levels.trough[hour]]
        np.testing.assert_allclose(found, by_definition(kwh, 24 * 1000 + first, hour), rtol=1e-12)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.integers(-12, 20))
def test_flags_know_no_unit(seed: int, net: bool, power: int) -> None:
    kwh = series(seed, net)
    read = np.flatnonzero(~np.isnan(kwh))
    own, scaled = (hourly_view(readings(read, kwh[read] * f), CleaningConfig()) for f in (1.0, 2.0**power))
    assert own["flags"].tolist() == scaled["flags"].tolist()
    pd.testing.assert_series_equal(own["energy_kwh"] * 2.0**power, scaled["energy_kwh"])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.0, 25.0, 400.0, 1e6]), st.integers(20 * 24, HOURS - 30))
def test_no_estimate_of_a_steady_meter_leaves_its_range(seed: int, odd: float, where: int) -> None:
    """Whatever stands beside a gap, an estimate lies within what the meter read otherwise."""
    rng = np.random.default_rng(seed)
    kwh = rng.uniform(0.9, 1.1, HOURS)
    gap = int(rng.integers(1, 5))
    kwh[where : where + gap] = np.nan
    kwh[[where - 1, where + gap][int(rng.integers(2))]] = odd
    read = np.flatnonzero(~np.isnan(kwh))
    view = hourly_view(readings(read, kwh[read]), CleaningConfig()).set_index("interval_start_utc")
    estimates = view.loc[at(where) : at(where + gap - 1), "energy_kwh"]
    assert len(estimates) == gap
    assert estimates.dropna().between(0.9, 1.1).all()
    assert estimates.notna().all()
