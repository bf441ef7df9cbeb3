"""Laws of savings for random inputs: hours make up their days, and intervals of sums lie where they must."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_lib.insights.savings.baseline import hourly_shape, spread_over_hours
from energy_lib.insights.savings.correction import combined
from energy_lib.insights.savings.local_days import local_days
from energy_lib.insights.savings.shipped_correction import SHIPPED

ZONES = st.sampled_from(["UTC", "Europe/London", "America/Los_Angeles", "Asia/Kolkata", "Australia/Lord_Howe"])
STARTS = st.dates(date(2019, 1, 1), date(2024, 12, 1))


@given(zone=ZONES, first=STARTS, seed=st.integers(0, 99), missing=st.floats(0, 0.9))
def test_hours_make_up_their_day(zone: str, first: date, seed: int, missing: float) -> None:
    rng = np.random.default_rng(seed)
    starts = pd.date_range(first - timedelta(days=2), periods=24 * 9, freq="h", tz="UTC")
    energy = np.where(rng.uniform(size=len(starts)) < missing, np.nan, rng.gamma(2, 1, len(starts)))
    hourly = pd.DataFrame({"interval_start_utc": starts, "energy_kwh": energy, "imputed_share": 0.0})
    end = first + timedelta(days=5)
    local = local_days(hourly, pd.Series(9.0, starts), zone, first, end, zero_day_is_missing=True)
    assert len(local.days) == 5
    assert local.days["hours"].between(23, 25).all()
    summed = local.hours.groupby("date")["energy_kwh"].sum(min_count=1)
    assert summed.to_numpy() == pytest.approx(local.days["energy_kwh"].to_numpy(), nan_ok=True)
    assert local.days["imputed_share"].between(0, 1).all()
    wanted = pd.Series(rng.uniform(1, 50, 5), local.days.index)
    spread = pd.Series(spread_over_hours(wanted, local.hours, hourly_shape(local.hours)))
    assert spread.groupby(local.hours["date"].to_numpy()).sum().to_numpy() == pytest.approx(wanted.to_numpy())


@given(halves=st.lists(st.floats(0.1, 1e6), min_size=1, max_size=30), correlation=st.floats(0, 1))
def test_a_sum_is_as_wide_as_independent_errors_at_least_and_as_one_at_most(
    halves: list[float], correlation: float
) -> None:
    half = combined(np.array(halves), correlation)
    assert np.sqrt(np.square(halves).sum()) * (1 - 1e-9) <= half <= sum(halves) * (1 + 1e-9)


@given(days=st.integers(7, 730), cvrmse=st.floats(0.02, 0.9), used=st.floats(1, 1e5))
def test_an_interval_grows_with_what_is_measured_and_with_a_worse_fit(days: int, cvrmse: float, used: float) -> None:
    half = float(SHIPPED.half_width_kwh(used * days, used, days, cvrmse, cvrmse / 2))
    assert half > 0
    assert half <= float(SHIPPED.half_width_kwh(used * days, used, days, cvrmse * 1.1, cvrmse * 0.55)) * (1 + 1e-9)
    assert half == pytest.approx(float(SHIPPED.half_width_kwh(2 * used * days, 2 * used, days, cvrmse, cvrmse / 2)) / 2)
