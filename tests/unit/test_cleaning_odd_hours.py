"""Spikes and drops: what is flagged, what is not, and what estimates make of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hourly_readings import at, readings

from energy_lib.cleaning import hourly_view
from energy_lib.config import CleaningConfig

SETTINGS = CleaningConfig()
WEEK = 168
HOURS = 18 * WEEK
ODD = 9 * WEEK + 10
YEARS = np.arange(2 * 8760)
HOUR_OF_DAY, DAY_OF_YEAR = YEARS % 24, YEARS / 24 % 365
EVENING = (HOUR_OF_DAY >= 17) & (HOUR_OF_DAY < 23)
SUMMER = 0.5 - 0.5 * np.cos(2 * np.pi * (DAY_OF_YEAR - 15) / 365)


def steady() -> np.ndarray:
    """18 weeks of 1.0 ± 0.1 kWh."""
    return 1.0 + np.random.default_rng(1).uniform(-0.1, 0.1, HOURS)


def zone() -> np.ndarray:
    """Two years of a grid zone of about 2,000 MWh an hour, with a night valley, weekends and seasons."""
    weekend = YEARS // 24 % 7 >= 5
    shape = 2000 + 400 * np.sin((HOUR_OF_DAY - 9) * np.pi / 12) + 300 * SUMMER - 200 * weekend
    return np.asarray(1000 * shape * np.random.default_rng(2).normal(1, 0.03, len(YEARS)))


def solar() -> np.ndarray:
    """Two years of a roof: nothing at night, a tenth of the summer in winter, clear and dull days."""
    rng = np.random.default_rng(3)
    clear = np.repeat(rng.beta(1.2, 1, len(YEARS) // 24), 24)
    sun = np.maximum(0, np.sin((HOUR_OF_DAY - 6) * np.pi / 12)) * (0.1 + 0.9 * SUMMER)
    return np.asarray(5 * sun * clear * rng.beta(5, 2, len(YEARS)))


def home(seed: int = 4) -> np.ndarray:
    return np.asarray((0.2 + 0.6 * EVENING) * np.random.default_rng(seed).lognormal(0, 0.5, len(YEARS)))


def view_of(kwh: np.ndarray) -> pd.DataFrame:
    """The hourly view; NaN is an hour that was not read."""
    read = np.flatnonzero(~np.isnan(kwh))
    return hourly_view(readings(read, kwh[read]), SETTINGS).set_index("interval_start_utc")


def flagged(view: pd.DataFrame, *names: str) -> set[int]:
    hit = view.index[[not set(names).isdisjoint(flags) for flags in view["flags"]]]
    return {int(hour) for hour in (hit - at(0)) / pd.Timedelta(hours=1)}


def energy_share(view: pd.DataFrame, name: str) -> float:
    size = view["measured_kwh"].abs()
    return float(size[[name in flags for flags in view["flags"]]].sum() / size.sum())


@pytest.mark.parametrize("odd", [0.0, 0.1, 50.0])
@pytest.mark.parametrize("side", [-1, 1])
def test_a_lost_hour_beside_a_fault_is_near_what_is_usual(odd: float, side: int) -> None:
    kwh = steady()
    kwh[ODD], kwh[ODD + side] = odd, np.nan
    view = view_of(kwh)
    assert flagged(view, "spike", "drop") == {ODD}
    assert view.loc[at(ODD + side), "energy_kwh"] == pytest.approx(1.0, abs=0.12)
    assert view.loc[at(ODD), "energy_kwh"] == odd


def test_a_lost_hour_between_two_faults_leans_on_neither() -> None:
    kwh = steady()
    kwh[[ODD - 2, ODD - 1, ODD + 1, ODD + 2]], kwh[ODD] = 50.0, np.nan
    estimate = view_of(kwh).loc[at(ODD)]
    assert estimate["energy_kwh"] == pytest.approx(1.0, abs=0.12)
    assert estimate["imputed_by"] == "hour_of_week"  # the nearest sound hours are five hours apart


def test_an_estimate_that_leaves_a_drop_out_is_known_when_the_drop_is() -> None:
    kwh = steady()
    kwh[ODD], kwh[ODD - 1] = 0.0, np.nan
    view = view_of(kwh)
    assert view.loc[at(ODD), "suspect_from_utc"] == at(ODD + 2)  # the hour after it says that it was short
    assert view.loc[at(ODD - 1), "available_at_utc"] == at(ODD + 2)


@pytest.mark.parametrize(("half_hour", "flag"), [(50.0, "spike"), (0.0, "drop")])
def test_a_faulty_half_of_an_hour_is_not_scaled_up_in_silence(half_hour: float, flag: str) -> None:
    half_hours = np.repeat(steady() / 2, 2)
    half_hours[2 * ODD] = half_hour
    keep = np.delete(np.arange(len(half_hours)), 2 * ODD + 1)
    view = hourly_view(readings(keep / 2, half_hours[keep], minutes=30), SETTINGS).set_index("interval_start_utc")
    assert view.loc[at(ODD), "imputed_by"] == "scaling"
    assert flagged(view, flag) == {ODD}
    assert view.loc[at(ODD), "suspect_from_utc"] == at(ODD + 2)  # until then the other half might come


@pytest.mark.parametrize("times_a_week", [1, 3])
@pytest.mark.parametrize("kwh_of_spike", [5.0, 50.0, 1000.0])
def test_spikes_teach_no_threshold(kwh_of_spike: float, times_a_week: int) -> None:
    kwh = steady()
    rng = np.random.default_rng(5)
    odd = {week * WEEK + int(rng.integers(WEEK)) for week in range(9, 17) for _ in range(times_a_week)}
    kwh[list(odd)] = kwh_of_spike
    kwh[17 * WEEK : 17 * WEEK + 100] = np.nan
    view = view_of(kwh)
    assert flagged(view, "spike") == odd
    estimates = view.loc[view["imputed_by"] == "hour_of_week", "energy_kwh"]
    assert len(estimates) == 100
    assert estimates.between(0.85, 1.15).all()


def test_spikes_at_one_hour_of_the_week_do_not_become_that_hour() -> None:
    kwh = steady()
    odd = {week * WEEK + 33 for week in range(5, 17)}
    kwh[list(odd)] = 50.0
    assert flagged(view_of(kwh), "spike") == odd


def test_a_day_of_wh_read_as_kwh_hides_no_later_spike() -> None:
    kwh = steady()
    a_local_day = set(range(9 * WEEK + 18, 9 * WEEK + 42))  # in two UTC days
    kwh[list(a_local_day)] *= 1000
    spikes = {week * WEEK + 50 + week for week in range(10, 17)}
    kwh[list(spikes)] = 50.0
    assert flagged(view_of(kwh), "spike") == a_local_day | spikes


def test_drops_teach_no_threshold() -> None:
    kwh = zone()
    rng = np.random.default_rng(6)
    odd = {week * WEEK + int(rng.integers(WEEK)) for week in range(30, 38)}
    kwh[list(odd)] = 0.0
    assert flagged(view_of(kwh), "drop") == odd


@pytest.mark.parametrize("reads", [0.0, 100_000.0])
@pytest.mark.parametrize("hours", [1, 2])
@pytest.mark.parametrize("start", [9000, 9012])
def test_a_zone_that_falls_away_for_an_hour_has_a_drop(reads: float, hours: int, start: int) -> None:
    kwh = zone()
    kwh[start : start + hours] = reads
    assert flagged(view_of(kwh), "spike", "drop") == set(range(start, start + hours))


def test_a_zone_as_it_is_has_none() -> None:
    assert flagged(view_of(zone()), "spike", "drop") == set()


@pytest.mark.parametrize("hours", [3, 6, 48])
def test_a_plant_that_stops_for_hours_has_no_drop(hours: int) -> None:
    rng = np.random.default_rng(7)
    kwh = 1000 * rng.normal(1, 0.02, len(YEARS))
    for start in rng.integers(0, len(YEARS) - 100, 30):
        kwh[start : start + hours] = 0.0
        kwh[start - 1] *= 0.4  # it stopped within the hour
    assert flagged(view_of(kwh), "drop") == set()


def test_a_stop_of_an_hour_every_day_is_how_the_plant_runs() -> None:
    rng = np.random.default_rng(8)
    kwh = 1000 * rng.normal(1, 0.02, len(YEARS))
    kwh[np.arange(730) * 24 + rng.integers(0, 24, 730)] = 0.0
    late = {hour for hour in flagged(view_of(kwh), "drop") if hour > 8 * WEEK}
    assert late == set()


@pytest.mark.parametrize("decimals", [1, 6])
def test_homes_that_are_away_and_their_nights_have_no_drop(decimals: int) -> None:
    kwh = home()
    for first, last in ((100, 114), (400, 421), (600, 603)):
        kwh[first * 24 : last * 24] = 0.05
    assert flagged(view_of(kwh.round(decimals)), "drop") == set()


@pytest.mark.parametrize("noise", [0.1, 0.5])
@pytest.mark.parametrize("season", ["a wave", "a step", "hot days"])
def test_summer_evenings_of_ten_times_the_winter_are_no_fault(season: str, noise: float) -> None:
    rng = np.random.default_rng(9)
    hot = {
        "a wave": SUMMER,
        "a step": (DAY_OF_YEAR > 150) & (DAY_OF_YEAR < 250),
        "hot days": np.repeat(rng.random(730) < 0.8 * SUMMER[::24], 24),
    }[season]
    kwh = (0.1 + EVENING * (0.2 + 1.8 * hot)) * rng.lognormal(0, noise, len(YEARS))
    assert energy_share(view_of(kwh), "spike") < 0.02


def test_a_house_that_is_lived_in_in_summer_alone_is_no_fault() -> None:
    lived_in = (DAY_OF_YEAR > 180) & (DAY_OF_YEAR < 240)
    kwh = np.where(lived_in, 0.4 + 0.8 * EVENING, 0.05) * np.random.default_rng(10).lognormal(0, 0.3, len(YEARS))
    assert energy_share(view_of(kwh), "spike") < 0.04


def test_a_new_load_is_a_spike_for_a_day_or_two_and_then_use() -> None:
    kwh = home()
    for day in range(300, 730, 3):
        kwh[day * 24 + 20 : day * 24 + 24] += 7.0  # a car is charged
    view = view_of(kwh)
    assert set(range(300 * 24 + 20, 301 * 24)) <= flagged(view, "spike")
    assert energy_share(view.loc[at(304 * 24) :], "spike") < 0.005


def test_net_meters_and_roofs_are_not_flagged_for_their_shape() -> None:
    net = home() - solar()
    assert (net < -1).sum() > 1000
    for kwh in (net, solar()):
        view = view_of(kwh)
        assert energy_share(view, "spike") < 0.002
        assert flagged(view, "drop", "flatline", "zero_run") == set()


@pytest.mark.parametrize("odd", [-50.0, 50.0])
def test_a_net_meter_has_spikes_both_ways(odd: float) -> None:
    kwh = home() - solar()
    hours = {9000, 9012, 12_006}
    kwh[list(hours)] = odd
    assert hours <= flagged(view_of(kwh), "spike")


def test_a_roof_that_reads_much_at_night_has_a_spike() -> None:
    kwh = solar()
    kwh[9001] = 50.0
    assert 9001 in flagged(view_of(kwh), "spike")


def test_a_young_meter_is_judged_after_two_weeks() -> None:
    kwh = steady()[: 4 * WEEK]
    kwh[[5 * 24, 20 * 24]] = 50.0
    assert flagged(view_of(kwh), "spike") == {20 * 24}
