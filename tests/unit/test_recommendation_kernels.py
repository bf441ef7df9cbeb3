"""Each kernel on series that are built so that the right answer is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from meter_years import days_ago, office, year
from numpy.typing import NDArray

from energy_lib.features.calendar import Place
from energy_lib.insights.recommendations.catalog import ACTIONS
from energy_lib.insights.recommendations.finding import Finding, Suppressed
from energy_lib.insights.recommendations.meter_year import Grid, MeterYear
from energy_lib.insights.recommendations.prices import Demand, Prices, Tariff
from energy_lib.insights.recommendations.valuation import worth

ENGLAND = Place("Europe/London", "GB", "ENG")


def found(name: str, of: MeterYear) -> Finding:
    result = ACTIONS[name].kernel(of)
    assert isinstance(result, Finding), result
    return result


def kwh_of(name: str, of: MeterYear) -> tuple[float, float, float]:
    value = worth(of, found(name, of)).energy
    assert value is not None
    return value.low, value.expected, value.high


def stepped(hours: Grid) -> NDArray[Any]:
    """Rests at 2 kW, and at 3 kW in the last four weeks."""
    return office(hours, rest=2.0) + np.where(days_ago(hours) < 28, 1.0, 0.0)


def test_a_step_of_one_kilowatt_in_the_base_load() -> None:
    of = year(stepped)
    finding = found("base_load", of)
    assert finding.evidence["base_kw"] == 3.0
    # A year ago and in its best four weeks 2 kW, on the last eight weekends 2 and 3: the median of 1, 0.5 and 1.
    assert finding.evidence["references_kw"] == {
        "the same season a year ago": 2.0,
        "its weekends of the last eight weeks": 2.5,
        "its own best four weeks": 2.0,
    }
    assert kwh_of("base_load", of) == (0.5 * 8760, 8760.0, 8760.0)
    assert ACTIONS["base_load"].kernel(year(office)) is None
    fresh = ACTIONS["base_load"].kernel(year(office, known_days=20, facts={"fuel": "electricity"}))
    assert isinstance(fresh, Suppressed), "six weekend days and no earlier four weeks say nothing"
    assert "nothing to hold it against" in fresh.reason


def test_a_base_load_that_rises_with_the_cold_is_held_against_last_year_alone() -> None:
    def heated(hours: Grid) -> NDArray[Any]:
        return 1.0 + 0.2 * np.maximum(0, 15 - cold(hours))

    of = year(heated, temperature=cold)
    assert of.heating is not None
    assert ACTIONS["base_load"].kernel(of) is None


def late(hours: Grid) -> NDArray[Any]:
    """An office that ran on until midnight on 20 working days of the last year."""
    use = office(hours)
    days = np.flatnonzero(~hours.weekend)[-150:-130]
    return np.where(np.isin(hours.day, days) & (hours.hour >= 18), 10.0, use)


def test_twenty_nights_that_ran_until_midnight() -> None:
    of = year(late, facts={"use": "office"})
    finding = found("out_of_hours", of)
    assert (finding.evidence["nights"], finding.evidence["hours"]) == (20, 120)
    assert kwh_of("out_of_hours", of)[1] == pytest.approx(20 * 6 * 8.0)
    assert ACTIONS["out_of_hours"].kernel(year(office)) is None
    assert isinstance(ACTIONS["out_of_hours"].kernel(year(late, facts={"use": "dwelling"})), Suppressed)
    assert isinstance(ACTIONS["out_of_hours"].kernel(year(3.0)), Suppressed)


def test_a_cold_weekend_is_no_running_weekend() -> None:
    """Heating that follows the cold at every hour: its level on a cold day off is that of a cold night."""

    def frost(hours: Grid) -> NDArray[Any]:
        return cold(hours) - np.where(hours.weekend[hours.day] & (hours.day % 3 == 0), 4.0, 0.0)

    def boiler(hours: Grid) -> NDArray[Any]:
        return office(hours, rest=0.2, top=1.0) * np.maximum(0.5, 15 - frost(hours))

    of = year(boiler, temperature=frost, facts={"fuel": "gas"})
    assert of.heating is not None
    assert ACTIONS["weekend_running"].kernel(of) is None


def weekends(hours: Grid) -> NDArray[Any]:
    """An office that also ran on the last ten Saturdays."""
    saturdays = np.flatnonzero(hours.weekend)[0::2][-10:]
    return np.where(np.isin(hours.day, saturdays) & (hours.hour >= 8) & (hours.hour < 18), 10.0, office(hours))


def test_ten_saturdays() -> None:
    of = year(weekends)
    finding = found("weekend_running", of)
    assert (finding.evidence["days_run"], finding.evidence["rest_kw"]) == (10, 2.0)
    assert kwh_of("weekend_running", of)[1] == pytest.approx(10 * 10 * 8.0)
    assert ACTIONS["weekend_running"].kernel(year(office)) is None


def always_weekdays(hours: Grid) -> NDArray[Any]:
    return np.where((hours.hour >= 8) & (hours.hour < 18) & ~hours.weekend[hours.day], 10.0, 2.0)


def test_a_holiday_in_progress_is_counted_to_its_end() -> None:
    # Boxing Day 2024 is a Thursday; what is known ends at its end. The 27th is a working day.
    end = int(np.datetime64("2024-12-27T00", "h").astype(np.int64))
    of = year(always_weekdays, place=ENGLAND, end_hour=end)
    going = found("holiday_running", of).ongoing
    assert going is not None
    assert (str(going.since), going.days_to_end) == ("2024-12-25", 0)
    assert going.energy_kwh == pytest.approx(2 * 10 * 8.0)
    assert going.cost == pytest.approx(2 * 10 * 8.0 * 0.2)
    # A day earlier one of the two days is left, at the rate of the first.
    going = found("holiday_running", year(always_weekdays, place=ENGLAND, end_hour=end - 24)).ongoing
    assert going is not None
    assert (going.days_to_end, going.energy_kwh, going.energy_to_end_kwh) == (1, pytest.approx(80), pytest.approx(80))
    of = year(always_weekdays, place=ENGLAND, end_hour=end + 24)
    assert found("holiday_running", of).ongoing is None, "the 27th was worked"


def cold(hours: Grid) -> NDArray[Any]:
    """A mean of 10 degrees, 18 on the warmest day and 2 on the coldest; the same all day."""
    return 10 + 8 * np.cos(2 * np.pi * (hours.day - hours.day[-1]) / 365.0)


def heated(hours: Grid) -> NDArray[Any]:
    """24 kWh a day, and 12 kWh more for each degree below 15."""
    return 1.0 + 0.5 * np.maximum(0, 15 - cold(hours))


def test_one_degree_less_is_the_slope_of_each_heating_day() -> None:
    of = year(heated, temperature=cold, facts={"fuel": "gas"})
    finding = found("one_degree_less", of)
    assert finding.evidence["slope_kwh_per_degree_day"] == pytest.approx(12.0)
    assert finding.evidence["slope_kwh_per_degree_hour"] == pytest.approx(0.5)
    assert finding.evidence["balance_c"] == 15.0
    degrees = np.maximum(0, 15 - of.daily_c[-365:])
    low, expected, high = kwh_of("one_degree_less", of)
    assert expected == pytest.approx(12 * np.minimum(degrees, 1).sum(), rel=1e-6)
    assert low == pytest.approx(high), "there is no scatter"
    # Half a year from January is not extrapolated to a year.
    half = year(heated, temperature=cold, facts={"fuel": "gas"}, known_days=182)
    assert kwh_of("one_degree_less", half)[1] == pytest.approx(12 * np.minimum(degrees[-182:], 1).sum(), rel=1e-6)
    flat = ACTIONS["one_degree_less"].kernel(year(3.0, temperature=cold, facts={"fuel": "gas"}))
    assert flat == Suppressed("its energy does not follow the outdoor temperature")


def peaky(hours: Grid) -> NDArray[Any]:
    """10 kW, and 50 kW in the noon hour of the first day of each month."""
    first = hours.dates.astype("datetime64[M]").astype("datetime64[D]") == hours.dates
    return np.where(first[hours.day] & (hours.hour == 12), 50.0, 10.0)


def demanding(of: MeterYear, window: NDArray[np.bool_]) -> Prices:
    """5 pounds for each kW of the month's peak within the window."""
    tariff = Tariff(of.prices.today, of.prices.today, "GBP", demands=(Demand(5.0, window),))
    return Prices(of.prices.today, of.prices.then, "GBP", tariff=tariff)


def test_peaks_against_the_demand_charge() -> None:
    of = year(peaky)
    assert isinstance(ACTIONS["peak_demand"].kernel(of), Suppressed)
    charged = demanding(of, np.ones(of.grid.size, bool))
    money = found("peak_demand", year(peaky, prices=charged)).money
    assert money is not None
    # The year begins on 2 July, so that eleven of its twelve months have a peak.
    assert money.expected == pytest.approx(11 * 40 * 5.0)
    night = np.isin(of.grid.hour, range(6))
    assert ACTIONS["peak_demand"].kernel(year(peaky, prices=demanding(of, night))) is None
