"""What the latest days say, and residuals against it: by hand and against a slow, plain loop."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.append(str(Path(__file__).parent))
from test_features_kernels import at, hourly_of

EWM = "energy_same_day_type_hour_ewm_5d"
FRESH = "energy_same_day_type_hour_ewm_2d"


def local(stamps: pd.DatetimeIndex) -> pd.DatetimeIndex:
    return stamps.tz_localize("UTC").tz_convert("Europe/London").tz_localize(None)


def working_days(first: str, days: int) -> pd.DataFrame:
    """Five on working days and two at weekends, by the London clock; 2023 has no holiday from January 3 to April 6."""
    start = pd.date_range(first, periods=24 * days, freq="h")
    return hourly_of(first, np.where(local(start).weekday < 5, 5.0, 2.0))


def test_a_meter_that_keeps_its_habits_leaves_no_residual_over_a_clock_change() -> None:
    rows = at(working_days("2023-01-03", 90), "2023-03-31")
    # March 31st is a Friday by the London clock, its last hour in UTC already Saturday.
    assert list(rows[EWM]) == [5.0] * 23 + [2.0]
    for name in (c for c in rows.columns if c.startswith("energy_residual_")):
        np.testing.assert_allclose(rows[name], 0, atol=1e-6, err_msg=name)


def test_residuals_are_the_last_hours_against_the_days_before_them() -> None:
    hourly = working_days("2023-01-03", 60)
    hourly.loc[hourly["interval_start_utc"] >= "2023-02-27", "energy_kwh"] += 1.0
    hourly.loc[hourly["interval_start_utc"] == "2023-02-27 23:00", "energy_kwh"] += 6.0
    rows = at(hourly, "2023-02-28")
    first = rows.iloc[0]
    assert first["energy_residual_mean_1h"] == pytest.approx(7)
    assert first["energy_residual_mean_6h"] == pytest.approx(2)
    assert first["energy_residual_mean_48h"] == pytest.approx((24 + 6) / 48)
    assert first["energy_residual_abs_mean_168h"] == pytest.approx(30 / 168)
    assert list(rows["energy_residual_wall_lag_1d"]) == pytest.approx([1.0] * 23 + [7.0])
    assert list(rows["energy_residual_wall_lag_2d"]) == pytest.approx([0.0] * 24)
    assert first["energy_before_origin_1h"] == pytest.approx(12)
    assert first["energy_day_mean_1d"] == pytest.approx(6 + 6 / 24)
    assert first["energy_day_mean_2d"] == pytest.approx(2), "the day before yesterday was a Sunday"
    # Yesterday counts thrice exp(-7/5) … less than the newest day, by hand for the last hour:
    back = {day: 12.0 if day == 1 else 5.0 for day in range(1, 29) if (28 - day - 5) % 7 not in (0, 6)}
    weight = {day: np.exp(-day / 5) * (3 if day % 7 == 0 else 1) for day in back}
    expected = sum(weight[d] * back[d] for d in back) / sum(weight.values())
    assert rows[EWM].iloc[-1] == pytest.approx(expected)


def test_recent_days_and_residuals_against_a_plain_loop_with_gaps() -> None:
    rng = np.random.default_rng(5)
    hourly = hourly_of("2023-02-01", rng.random(24 * 70))
    hourly = hourly.drop(index=rng.choice(len(hourly), 300, replace=False)).reset_index(drop=True)
    energy = hourly.set_index("interval_start_utc")["energy_kwh"]
    origin = pd.Timestamp("2023-04-04")

    def said(hour: pd.Timestamp, memory_days: int, other_type: float) -> float:
        """London's clock moved on March 26th: a skipped hour gives the one after it."""
        here = local(pd.DatetimeIndex([hour]))[0]
        total = weight = 0.0
        for day in range(1, 29):
            there = here - pd.Timedelta(days=day)
            stamp = there.tz_localize("Europe/London", nonexistent="shift_forward").tz_convert("UTC").tz_localize(None)
            value = energy.get(stamp, np.nan)
            if stamp < origin and not np.isnan(value):
                share = np.exp(-day / memory_days) * (3 if there.weekday() == here.weekday() else 1)
                share *= 1 if (there.weekday() >= 5) == (here.weekday() >= 5) else other_type
                total, weight = total + share * value, weight + share
        return total / weight

    rows = at(hourly, str(origin))
    for hour in ("2023-04-04 00:00", "2023-04-04 11:00", "2023-04-04 23:00"):
        assert rows.loc[hour, EWM] == pytest.approx(said(pd.Timestamp(hour), 5, 0), rel=1e-6)
        assert rows.loc[hour, FRESH] == pytest.approx(said(pd.Timestamp(hour), 2, 0.05), rel=1e-6)
    past = energy[(energy.index < origin) & (energy.index >= origin - pd.Timedelta(hours=24))]
    expected = np.mean([value - said(stamp, 5, 0) for stamp, value in past.items()])
    assert rows["energy_residual_mean_24h"].iloc[0] == pytest.approx(expected, rel=1e-5)
