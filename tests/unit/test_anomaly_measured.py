"""Over which hours an event's energy is measured, that it says what the type says, and that no hour counts twice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meter_profiles import ZONE, office_hours

from energy_lib.insights.anomalies.detector import raised
from energy_lib.insights.anomalies.events import Event, detect
from energy_lib.insights.anomalies.measured import last_shown, measured
from energy_lib.insights.anomalies.meter_days import MeterDays, meter_days
from energy_lib.insights.anomalies.once import counted_once
from energy_lib.insights.anomalies.valuation import counted

TOO_MUCH = {
    "out_of_hours", "weekend_running", "holiday_running", "base_load_step", "base_load_creep", "leak",
    "heating_in_warm_weather", "start_up_drift",
}  # fmt: skip
DAYS = 150
# Made-up weeks: Monday to Sunday of the meter of `office_hours`, which begins on a Monday.
USUAL = np.array([[20.0] * 8 + [60.0] * 10 + [20.0] * 6] * 5 + [[20.0] * 24] * 2)


def week(change: np.ndarray) -> MeterDays:
    days = meter_days(office_hours("2023-01-02", 7, noise=0.0), ZONE)
    return days.with_energy(USUAL + change)


def sums(name: str, change: np.ndarray, kind: str | None = None) -> tuple[float, float]:
    found = measured(week(change), 0, USUAL, name, kind)
    return float(np.nansum(found.observed)), float(np.nansum(found.expected))


def test_the_hours_that_count_by_hand() -> None:
    # An hour more each at night (3 h), in the morning (9 h) and in the afternoon (15 h), on all seven days.
    change = np.zeros((7, 24))
    change[:, [3, 9, 15]] = [1.0, 2.0, 4.0]
    # All hours: 5 workdays of 880 kWh, 2 days off of 480.
    assert sums("multiplied", change) == (5360.0 + 7 * 7, 5360.0)
    # The days off.
    assert sums("weekend_2", change) == (960.0 + 2 * 7, 960.0)
    # Workdays before noon: 8 hours of 20 and 4 of 60.
    assert sums("startup_3", change) == (5 * (400.0 + 3.0), 5 * 400.0)


def test_a_base_load_is_the_quiet_hours_level_around_the_clock() -> None:
    # Ten kWh less by day do not hide half a kWh more at night.
    change = np.where(USUAL == 60.0, -10.0, 0.5)
    change[5:] = 0.5
    assert sums("quiet_2", change) == (7 * 10 * 20.5, 7 * 10 * 20.0)
    for name, kind in (("base_7", None), ("quiet_2", "leak")):
        assert sums(name, change, kind) == (7 * 24 * 20.5, 7 * 24 * 20.0)


def test_hours_that_were_not_read_count_neither_way() -> None:
    change = np.zeros((7, 24))
    change[6] = np.nan
    assert sums("weekend_1", change) == (480.0, 480.0)
    assert sums("base_5", change) == (6 * 480.0, 6 * 480.0)


def test_an_event_ends_where_its_energy_stops_saying_so() -> None:
    # Sums after each day: 1, 2, 0, 0.5, -1.
    excess = np.array([[1.0], [1.0], [-2.0], [0.5], [-1.5]])
    assert last_shown(excess, "base_5", 0) == 3
    assert last_shown(-excess, "divided", 0) == 3
    assert last_shown(excess, "spike", 0) == 4


def test_what_rounding_leaves_is_no_sign() -> None:
    # 0.1 + 0.2 - 0.3 is 5.6e-17 kWh, and no energy.
    rest = np.array([[0.1], [0.2], [-0.3]])
    assert float(np.nansum(rest)) > 0
    assert last_shown(rest, "base_5", 0) == 1


def test_an_alarm_waits_until_the_readings_bear_it_out() -> None:
    scores = np.zeros(60)
    scores[[20, 22, 23, 40]] = [5.0, 6.0, 7.0, 8.0]
    limits = {"base_5": np.full(60, 1.0)}
    assert [(each.day, each.last_day) for each in raised({"base_5": scores}, limits)] == [(20, 23), (40, 40)]
    late = raised({"base_5": scores}, limits, lambda name, day: day in (22, 23))
    assert [(each.day, each.last_day, each.score) for each in late] == [(22, 23, 6.0)]


def found(energy: pd.Series, fuel: str = "electricity", temperature_c: float = 10.0) -> list[Event]:
    days = meter_days(energy, ZONE, temperature_c=pd.Series(temperature_c, energy.index))
    return detect(days, fuel=fuel, imports=True, alarms_per_month=1.0, since=80)


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.tuples(st.integers(80, 145), st.integers(1, 30), st.floats(0.3, 2.0), st.floats(0.3, 2.0)), max_size=5),
    st.sampled_from([("electricity", 10.0), ("gas", 10.0), ("gas", 20.0)]),
    st.integers(0, 2**20),
)
def test_the_energy_of_too_much_use_is_above_zero_whatever_the_readings_do(
    changes: list[tuple[int, int, float, float]], of: tuple[str, float], seed: int
) -> None:
    """Stretches of days on which the nights and the days are changed by a factor each."""
    energy = office_hours("2023-01-02", DAYS, seed=seed, noise=0.15)
    hour = np.arange(len(energy)) % 24
    for first, length, night, daytime in changes:
        within = (np.arange(len(energy)) // 24 >= first) & (np.arange(len(energy)) // 24 < first + length)
        energy[within & (hour < 8)] *= night
        energy[within & (hour >= 8)] *= daytime
    events = found(energy, *of)
    for event in events:
        assert event.type not in TOO_MUCH or event.energy_kwh > 0, event.type
    # No hour counts twice: the sum is that of the hours, each as the first event that counts it has it.
    by_hour: dict[int, float] = {}
    for each in (one.event for one in counted_once(events)):
        for hour_of, kwh in enumerate(each.excess_kwh, start=each.begins):
            if np.isfinite(kwh):
                by_hour.setdefault(hour_of, kwh)
    counted_kwh = np.nansum([each.counted_kwh for each in counted_once(events)])
    assert counted_kwh == pytest.approx(sum(by_hour.values()), abs=1e-6)


def event(kind: str, first_hour: int, excess: list[float]) -> Event:
    start = pd.Timestamp("2024-01-01", tz="UTC") + pd.Timedelta(hours=first_hour)
    values = np.array(excess)
    return Event(
        kind, start, start + pd.Timedelta(hours=len(excess)), start, True, "low", 2.0, float(np.nansum(values)), 0.0,
        0.0, 0.0, 0.0, (), None, first_hour, values,
    )  # fmt: skip


def test_one_cause_is_counted_once_by_hand() -> None:
    nan = float("nan")
    step = event("base_load_step", 10, [1.0] * 10)
    nights = event("out_of_hours", 12, [2.0, 2.0, nan, nan, nan, nan, nan, nan, 2.0, 2.0])
    weekend = event("weekend_running", 14, [4.0] * 4)
    later = event("base_load_creep", 19, [8.0] * 4)
    spike = event("spike", 15, [50.0])
    found = {each.event.type: each for each in counted_once([step, nights, weekend, later, spike])}
    # Of `nights` the hours 20 and 21 lie outside the step; of `later` 22, and not 19 to 21, is counted by none.
    assert {kind: each.counted_kwh for kind, each in found.items()} == {
        "base_load_step": 10.0, "out_of_hours": 4.0, "weekend_running": 0.0, "base_load_creep": 8.0, "spike": 0.0,
    }  # fmt: skip
    assert {kind for kind, each in found.items() if each.explained_by is step} == {"out_of_hours", "weekend_running"}
    # It shares an hour of four with the step, and a spike is a cause of its own.
    assert found["base_load_creep"].explained_by is None
    assert found["spike"].explained_by is None
    assert counted_once([]) == []


def test_of_events_that_begin_together_the_base_load_explains_and_the_meters_fault_before_it() -> None:
    step, nights, fault = (
        event(kind, 5, [1.0] * 4) for kind in ("base_load_step", "out_of_hours", "multiplier_change")
    )
    explained = {each.event.type: each.explained_by for each in counted_once([nights, step])}
    assert explained == {"base_load_step": None, "out_of_hours": step}
    # What is explained explains nothing: both name the fault.
    assert [each.explained_by for each in counted_once([nights, step, fault])] == [None, fault, fault]


def test_an_event_without_energy_counts_none() -> None:
    (gap,) = counted_once([event("missing_data", 3, [float("nan")] * 5)])
    assert np.isnan(gap.counted_kwh)


@pytest.mark.parametrize(
    ("counted_kwh", "energy_kwh", "cost", "expected"),
    [
        (2.0, 8.0, 4.0, 1.0),
        (0.0, 8.0, 4.0, 0.0),
        (0.0, 0.0, 0.0, 0.0),
        (None, None, None, None),
        (2.0, 8.0, None, None),
    ],
)
def test_cost_counts_as_the_energy_does(counted_kwh, energy_kwh, cost, expected) -> None:
    row = {"counted_kwh": counted_kwh, "energy_kwh": energy_kwh, "cost": cost, "emissions_kgco2e": None}
    assert counted(row) == {"counted_cost": expected, "counted_emissions_kgco2e": None}
