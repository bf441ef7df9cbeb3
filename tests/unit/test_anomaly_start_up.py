"""Start-up drift: hours of the morning rise by hand, alarms when workdays begin earlier, none when a clock is late."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meter_profiles import ZONE, office_hours

from energy_lib.insights.anomalies.events import Event, detect
from energy_lib.insights.anomalies.meter_days import MeterDays, meter_days
from energy_lib.insights.anomalies.start_up import rise_and_fall, start_up

DAYS = 200
# A Monday.
BEGINS = 140


def begun_earlier(hours_earlier: np.ndarray, *, noise: float = 0.03) -> MeterDays:
    """Offices that open at 8; from BEGINS on each workday so many whole hours earlier as said for the day."""
    energy = office_hours("2023-01-02", DAYS, noise=noise)
    days = meter_days(energy, ZONE)
    matrix = days.energy.copy()
    for day, earlier in enumerate(hours_earlier, BEGINS):
        if days.kind[day] == 0:
            matrix[day, 8 - int(earlier) : 8] = matrix[day, 8 : 8 + int(earlier)]
    return days.with_energy(matrix)


def drifts(days: MeterDays) -> list[Event]:
    events = detect(days, fuel="electricity", imports=True, alarms_per_month=1.0, since=BEGINS - 10)
    return [event for event in events if event.type == "start_up_drift"]


def test_rise_and_fall_by_hand() -> None:
    energy = np.full((3, 24), 10.0)
    # From 8 to 18 o'clock 30; at 7 o'clock half way up: it rises at 7:30.
    energy[:2, 8:18] = 30.0
    energy[1, 7] = 20.0
    # The third day hardly rises.
    energy[2, 8:18] = 12.0
    days = MeterDays(
        np.arange("2024-01-01", "2024-01-04", dtype="datetime64[D]"),
        energy,
        np.zeros((3, 24), bool),
        np.full(3, 10.0),
        np.zeros(3, dtype=np.int64),
        ZONE,
    )
    rise, fall = rise_and_fall(days)
    np.testing.assert_allclose(rise, [8.0, 7.5, np.nan])
    np.testing.assert_allclose(fall, [18.0, 18.0, np.nan])


def test_days_that_begin_three_hours_earlier_are_found_within_the_week() -> None:
    (event,) = drifts(begun_earlier(np.full(30, 3)))[:1]
    first = pd.Timestamp("2023-05-22", tz=ZONE)
    assert first - pd.Timedelta(days=3) <= event.start <= first + pd.Timedelta(days=1)
    assert event.raised <= first + pd.Timedelta(days=4)
    assert any("begin" in line and "startup_3" in line for line in event.evidence)


def test_a_drift_says_when_workdays_begin_two_hours_earlier() -> None:
    # An hour a fortnight: single days jump, the fortnight's mean does not.
    days = begun_earlier(np.floor(np.arange(56) / 14 + np.tile([0, 0.5], 28)))
    grown = [event.growth for event in drifts(days) if event.growth is not None]
    assert grown
    assert 0.02 <= grown[-1].per_day <= 0.15
    assert grown[-1].earliest <= grown[-1].days_left


@pytest.mark.parametrize("lag", [1, 3])
def test_a_late_clock_is_no_longer_day(lag: int) -> None:
    days = begun_earlier(np.zeros(30))
    moved = days.energy.copy()
    moved[BEGINS : BEGINS + 14] = np.roll(moved[BEGINS : BEGINS + 14], -lag, axis=1)
    assert drifts(days.with_energy(moved)) == []


@settings(deadline=None, max_examples=25)
@given(st.integers(60, 190), st.integers(0, 2**31))
def test_moving_the_future_changes_no_score(cut: int, seed: int) -> None:
    days = begun_earlier(np.full(30, 2))
    moved = days.energy.copy()
    moved[cut:] = np.random.default_rng(seed).gamma(2.0, 20.0, moved[cut:].shape)
    now, then = start_up(days), start_up(days.with_energy(moved))
    for name, scores in now.items():
        np.testing.assert_array_equal(scores[:cut], then[name][:cut])
