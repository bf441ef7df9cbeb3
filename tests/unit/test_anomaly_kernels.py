"""The kernels of gold.anomalies: local days, limits that hold, scores that know no future, events by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from meter_profiles import ZONE, office_hours

from energy_lib.insights.anomalies.detector import daily_limits
from energy_lib.insights.anomalies.events import Event, detect
from energy_lib.insights.anomalies.growth import Growth, growth
from energy_lib.insights.anomalies.limits import episode_levels, limit
from energy_lib.insights.anomalies.meter_days import MeterDays, meter_days
from energy_lib.insights.anomalies.statistics import LEAST, POOLED, REACH_DAYS, statistics

DAYS = 150


def made(energy: pd.Series, **more) -> MeterDays:
    return meter_days(energy, ZONE, **more)


def found(energy: pd.Series, *, fuel: str = "electricity", since: int = 90) -> list[Event]:
    return detect(made(energy), fuel=fuel, imports=True, alarms_per_month=1.0, since=since)


def at(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz=ZONE).tz_convert("UTC")


def test_days_of_23_and_25_hours_are_days_of_24_wall_clock_hours() -> None:
    hours = pd.date_range(at("2024-03-30"), at("2024-04-01"), freq="h", inclusive="left")
    days = made(pd.Series(np.arange(len(hours), dtype=float), hours))
    assert days.energy.shape == (2, 24)
    # 31 March has no hour 1: the mean of the hours 0 and 2 stands there.
    assert list(days.energy[1, :4]) == [24.0, 24.5, 25.0, 26.0]
    hours = pd.date_range(at("2024-10-27"), at("2024-10-28"), freq="h", inclusive="left")
    days = made(pd.Series(np.arange(25, dtype=float), hours))
    # Its hour 1 comes twice: the mean of both.
    assert list(days.energy[0, :3]) == [0.0, 1.5, 3.0]
    assert days.utc(0, 24) == at("2024-10-28")


def test_holidays_are_days_off_and_imputed_hours_are_marked() -> None:
    energy = office_hours("2024-05-04", 3)
    imputed = pd.Series(False, energy.index)
    imputed.iloc[5] = True
    days = made(energy, holidays=[date(2024, 5, 6)], imputed=imputed)
    assert list(days.kind) == [1, 2, 2]
    assert list(zip(*np.nonzero(days.imputed), strict=True)) == [(0, 5)]


def test_levels_of_episodes_by_hand() -> None:
    scores = np.zeros(40)
    scores[[3, 5, 20, 36]] = [9.0, 8.0, 7.0, 8.5]
    # 3 and 5 are one episode.
    assert list(episode_levels(scores, 3)) == [9.0, 8.5, 7.0]
    assert limit(scores, 2 / 40) == 8.5
    assert limit(scores, 1.5 / 40) == pytest.approx(8.75)
    assert limit(scores, 0.5 / 40) > 9.0
    assert limit(np.full(10, np.nan), 0.1) == np.inf


@given(st.integers(0, 2**31), st.floats(0.005, 0.02))
def test_a_limit_lets_the_wanted_number_of_episodes_pass(seed: int, rate: float) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.gumbel(size=3650)
    above = np.flatnonzero(scores > limit(scores, rate))
    episodes = int((np.diff(above, prepend=-100) > 6).sum())
    assert abs(episodes - rate * len(scores)) <= 1


def test_scores_of_a_part_are_those_of_the_whole_and_know_no_future() -> None:
    days = made(office_hours("2023-01-02", 260, noise=0.2))
    whole, part = statistics(days), statistics(days.between(40, 230))
    for name, values in whole.items():
        np.testing.assert_allclose(part[name][REACH_DAYS:], values[40 + REACH_DAYS : 230], atol=1e-9, err_msg=name)


def test_a_meter_without_a_fault_is_quiet() -> None:
    events = found(office_hours("2023-01-02", 400), since=200)
    assert len(events) <= 200 / 30 * 1.5


@pytest.mark.parametrize("days", [1, 2, 5, 20, 40])
@pytest.mark.parametrize("factor", [1.0, 0.0, -1.0, np.nan])
def test_short_dead_negative_and_unread_meters_cost_no_night(days: int, factor: float) -> None:
    for event in found(office_hours("2024-01-01", days) * factor, since=0):
        assert event.start < event.end


def test_a_statistic_without_a_past_has_its_pooled_limit() -> None:
    days = np.arange("2024-01-01", "2024-07-01", dtype="datetime64[D]")
    scores = np.full(len(days), np.nan)
    scores[130:] = 0.01
    limits = daily_limits({"both_5": scores}, days, 1.0)["both_5"]
    assert set(limits[130:150]) == {POOLED["both_5"]}
    # From June on twenty days of May say what is usual.
    assert set(limits[160:]) == {LEAST["both_5"]}


def test_a_new_meter_has_pooled_limits() -> None:
    energy = office_hours("2023-02-02", 45)
    dead = (energy.index >= at("2023-03-10")) & (energy.index < at("2023-03-12"))
    energy[dead] = 0.0
    assert [(event.type, event.start) for event in found(energy, since=0)] == [("dead", at("2023-03-10"))]


@pytest.mark.parametrize(
    ("change", "kind", "start"),
    [
        (lambda e: 0.0, "dead", "2023-05-10 00:00"),
        (lambda e: e * 2, "multiplier_change", "2023-05-10 00:00"),
        (lambda e: e * 1000, "unit_change", "2023-05-10 00:00"),
        (lambda e: np.nan, "missing_data", "2023-05-10 00:00"),
        (lambda e: np.full(len(e), e.iloc[0]), "stuck", "2023-05-10 00:00"),
        (lambda e: np.roll(e, 3), "clock_shift", "2023-05-10 00:00"),
    ],
)
def test_a_fault_is_named_and_dated(change, kind: str, start: str) -> None:
    energy = office_hours("2023-01-02", DAYS)
    faulty = (energy.index >= at(start)) & (energy.index < at("2023-05-12 00:00"))
    energy[faulty] = change(energy[faulty])
    events = [event for event in found(energy) if event.start >= at(start) and event.start < at("2023-05-12")]
    assert [event.type for event in events] == [kind]
    assert events[0].start == at(start)


def test_energy_of_an_event_is_what_it_used_above_expectation() -> None:
    energy = office_hours("2023-01-02", DAYS, noise=0.01)
    nights = (energy.index >= at("2023-05-09 20:00")) & (energy.index < at("2023-05-12 00:00"))
    nights &= (energy.index.tz_convert(ZONE).hour >= 20) | (energy.index.tz_convert(ZONE).hour < 6)
    energy[nights] += 10.0
    (event,) = [each for each in found(energy) if each.raised >= at("2023-05-10")][:1]
    assert event.type == "out_of_hours"
    within = energy.index[nights & (energy.index >= event.start) & (energy.index < event.end)]
    assert event.energy_kwh == pytest.approx(10.0 * len(within), rel=0.15)
    assert event.expected_low_kwh <= event.expected_kwh <= event.expected_high_kwh


def test_a_longer_series_gives_the_same_events_and_later_ones() -> None:
    energy = office_hours("2023-01-02", DAYS + 60, noise=0.1)
    early, late = found(energy[: at("2023-06-01")][:-1]), found(energy)
    key = [(event.type, event.start) for event in early]
    assert key == [(event.type, event.start) for event in late][: len(key)]


def test_a_creep_says_when_it_passes_the_threshold() -> None:
    rng = np.random.default_rng(3)
    grown = growth(0.01 * np.arange(21) + 0.01 * rng.standard_normal(21), 0.5)
    assert grown is not None
    # 0.2 on the last day, 0.01 a day: 30 days to a half.
    assert 24 <= grown.days_left <= 36
    assert grown.earliest <= grown.days_left <= (grown.latest or 10**6)
    assert growth(rng.standard_normal(21) * 0.01, 0.5) is None
    assert growth(np.array([0.1, 0.2]), 0.5) is None


def test_the_interval_of_the_day_a_creep_passes_the_threshold_by_hand() -> None:
    # 0.01 a day from 0.205 on, and residuals of 0.01 that neither trend nor follow one another: their squares sum to
    # 8e-4, so the slope's error is sqrt(8e-4 / 6 / 42) and its half-width at 90 % 1.9432 times that, 0.00346 a day.
    above = 0.205 + 0.01 * np.arange(8) + 0.01 * np.array([1, -1, -1, 1, 1, -1, -1, 1])
    # 0.275 on the last day: 0.225 are left, at 0.01, at 0.01346 and at 0.00654 a day.
    assert growth(above, 0.5) == Growth(pytest.approx(0.01), 23, 17, 35)
    # At 0.00654 a day ten years are 23.9: where the threshold is farther, no latest day is told.
    assert growth(above, 25.0) == Growth(pytest.approx(0.01), 2473, 1837, None)


def test_a_peak_after_months_without_readings_costs_no_night() -> None:
    energy = office_hours("2023-01-02", 220)
    away = slice(100 * 24, 200 * 24)
    energy.iloc[away] = np.nan
    energy.iloc[200 * 24 + 30] = 900.0
    # Nothing is expected of a meter that the seventy days before know nothing of: the peak's energy is unknown.
    peaks = [event for event in found(energy, since=200) if "above the highest" in " ".join(event.evidence)]
    assert [event.start for event in peaks] == [energy.index[200 * 24 + 30]]
    assert [event.end - event.start for event in peaks] == [pd.Timedelta(hours=1)]
    assert np.isnan(peaks[0].expected_kwh)


def test_a_peak_is_the_highest_hour_of_its_day() -> None:
    energy = office_hours("2023-01-02", 200)
    # On a Monday 140 kWh at night are further above what is expected than 150 kWh at work.
    energy.iloc[182 * 24 + 2] = 140.0
    energy.iloc[182 * 24 + 12] = 150.0
    first = found(energy, since=182)[0]
    assert any("above the highest of five months" in each for each in first.evidence)
    assert (first.start, first.observed_kwh) == (energy.index[182 * 24 + 12], 150.0)
