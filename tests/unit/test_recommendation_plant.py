"""Kernels of heating, contracts, panels and meters on series that are built so that the right answer is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from meter_years import days_ago, office, year
from numpy.typing import NDArray

from energy_lib.insights.recommendations.actions.solar_size import capital_cost
from energy_lib.insights.recommendations.catalog import ACTIONS
from energy_lib.insights.recommendations.change_point import fit_heating
from energy_lib.insights.recommendations.finding import Finding, Suppressed
from energy_lib.insights.recommendations.meter_answers import meter_answers
from energy_lib.insights.recommendations.meter_year import Fault, Grid, MeterYear
from energy_lib.insights.recommendations.peers import level, peers_of, place_of
from energy_lib.insights.recommendations.prices import Prices, Tariff
from energy_lib.insights.recommendations.season import urgency
from energy_lib.insights.recommendations.valuation import worth

GAS = {"fuel": "gas"}


def found(name: str, of: MeterYear) -> Finding:
    result = ACTIONS[name].kernel(of)
    assert isinstance(result, Finding), result
    return result


def energy(name: str, of: MeterYear) -> float:
    value = worth(of, found(name, of)).energy
    assert value is not None
    return value.expected


def seasons(hours: Grid) -> NDArray[Any]:
    """A mean of 10 degrees, 20 on the last day and 0 half a year before."""
    return 10 + 10 * np.cos(2 * np.pi * days_ago(hours) / 365.0)


def boiler(hours: Grid) -> NDArray[Any]:
    """24 kWh a day, and 24 kWh more for each degree below 15."""
    return 1 + np.maximum(0, 15 - seasons(hours))


def test_the_change_point_of_a_line_with_a_corner() -> None:
    temperature = np.linspace(0, 25, 100)
    model = fit_heating(temperature, 50 + 8 * np.maximum(0, 14.5 - temperature))
    assert model is not None
    assert (model.balance_c, model.heating_days) == (14.5, 58)
    assert (model.base_kwh, model.slope_kwh_per_k) == (pytest.approx(50), pytest.approx(8))
    assert model.explained == pytest.approx(1)
    assert fit_heating(temperature, np.full(100, 50.0)) is None
    assert fit_heating(temperature, 50 + 8 * temperature) is None, "it cools"
    rng = np.random.default_rng(0)
    assert fit_heating(temperature, rng.normal(50, 5, 100)) is None, "chance"


def test_heating_on_ten_warm_days_and_off_for_the_season() -> None:
    def forgotten(hours: Grid) -> NDArray[Any]:
        """On the last ten days it takes 5 kW as well, though they have about 20 degrees."""
        return boiler(hours) + np.where(days_ago(hours) < 10, 5.0, 0.0)

    of = year(forgotten, temperature=seasons, facts=GAS)
    assert found("heating_in_warm_weather", of).evidence["heated_days"] == 10
    assert energy("heating_in_warm_weather", of) == pytest.approx(10 * 24 * 5.0, rel=0.01)
    mild = replace(of, forecast_c=np.full(72, 19.0))
    season = found("season_switch_off", mild)
    assert season.evidence["forecast_degree_days"] == 0
    assert season.urgency > 1
    assert ACTIONS["season_switch_off"].kernel(replace(of, forecast_c=np.full(72, 12.0))) is None
    assert ACTIONS["heating_in_warm_weather"].kernel(year(boiler, temperature=seasons, facts=GAS)) is None
    assert "forecast" in found("season_switch_off", of).assumption, "none is known"


def test_what_saves_nothing_in_the_coming_weeks_waits_for_its_season() -> None:
    def turned(hours: Grid) -> NDArray[Any]:
        """0 degrees on the last day, 20 half a year before."""
        return 10 - 10 * np.cos(2 * np.pi * days_ago(hours) / 365.0)

    def heated(hours: Grid) -> NDArray[Any]:
        return 1 + np.maximum(0, 15 - turned(hours))

    # From 20 degrees on the last day it takes 61 days to fall to 15, where the heating begins.
    summer = year(boiler, temperature=seasons, facts=GAS)
    winter = year(heated, temperature=turned, facts=GAS)
    assert urgency(summer, found("one_degree_less", summer)) == 0.5
    assert urgency(winter, found("one_degree_less", winter)) == 1.0
    # What is due says so itself, what has no season is always due, and a season that was not read is not known.
    assert urgency(summer, replace(found("one_degree_less", summer), urgency=1.5)) == 1.5
    assert urgency(summer, replace(found("one_degree_less", summer), seasonal=False)) == 1.0
    short = year(boiler, temperature=seasons, facts=GAS, known_days=250)
    assert urgency(short, found("one_degree_less", short)) == 1.0
    ranks = {
        name: next(a.result.urgency for a in meter_answers(of, ACTIONS.values()) if a.action.name == "one_degree_less")
        for name, of in (("summer", summer), ("winter", winter))
    }
    assert ranks == {"summer": 0.5, "winter": 1.0}


def test_a_start_at_three_on_mild_mornings_and_at_six_on_cold_ones() -> None:
    def timer(hours: Grid) -> NDArray[Any]:
        mild = seasons(hours) > 8
        on = (hours.hour >= np.where(mild, 3, 6)) & (hours.hour < 18) & ~hours.weekend[hours.day]
        return np.where(on, 11.0, 1.0)

    of = year(timer, temperature=seasons, facts=GAS)
    mornings = found("early_start", of).evidence
    assert (mornings["mean_start_hour"], mornings["enough_hour"]) == (3, 6)
    # Each mild working day of the year heats three hours at 10 kW above its base too early, until so many days
    # started at three that a quarter of the colder ones did.
    early = mornings["early_mornings"]
    assert worth(of, found("early_start", of)).energy is not None
    assert np.nansum(found("early_start", of).avoidable) == pytest.approx(early * 30.0)
    steady = year(lambda hours: office(hours, 1, 11), temperature=seasons, facts=GAS)
    assert ACTIONS["early_start"].kernel(steady) is None


def test_scatter_that_the_temperature_does_not_explain() -> None:
    def wild(hours: Grid) -> NDArray[Any]:
        """Every other day it heats twice as much as the line, on the others nothing above its base."""
        return 1 + np.maximum(0, 15 - seasons(hours)) * np.where(hours.day % 2, 2.0, 0.0)

    finding = found("thermostatic_control", year(wild, temperature=seasons, facts=GAS))
    assert finding.evidence["explained"] < 0.75
    assert finding.evidence["scatter"] > 0.5
    assert ACTIONS["thermostatic_control"].kernel(year(boiler, temperature=seasons, facts=GAS)) is None


def priced(of: MeterYear, **tariff: Any) -> MeterYear:
    mine = Tariff(of.prices.today, of.prices.today, "GBP", **tariff)
    return replace(of, prices=replace(of.prices, tariff=mine))


def test_an_agreed_capacity_of_500_and_a_peak_of_100() -> None:
    of = year(lambda hours: office(hours, 20, 100), facts={"agreed_capacity_kw": 500.0})
    assert isinstance(ACTIONS["agreed_capacity"].kernel(of), Suppressed)
    money = found("agreed_capacity", priced(of, capacity_per_kw_month=2.0)).money
    assert money is not None
    assert (money.low, money.expected, money.high) == (360 * 24, 380 * 24, pytest.approx(390 * 24))
    assert ACTIONS["agreed_capacity"].kernel(replace(of, meter=replace(of.meter, agreed_capacity_kw=115.0))) is None


def test_a_tariff_that_is_a_quarter_cheaper() -> None:
    of = priced(year(10.0, price=0.2), standing_per_day=1.0)
    assert isinstance(ACTIONS["another_tariff"].kernel(of), Suppressed)
    flat = Tariff(of.prices.today * 0.75, of.prices.today, "GBP", standing_per_day=2.0)
    dear = Tariff(of.prices.today * 2, of.prices.today, "GBP")
    holed = Tariff(np.where(of.grid.hour == 3, np.nan, 0.0), of.prices.today, "GBP")
    offered = replace(of, prices=replace(of.prices, others={"flat": flat, "dear": dear, "holed": holed}))
    finding = found("another_tariff", offered)
    assert finding.evidence["tariff"] == "flat"
    assert finding.money is not None
    assert finding.money.expected == pytest.approx(10 * 0.05 * 8760 - 365)
    only_dear = replace(of, prices=replace(of.prices, others={"dear": dear}))
    assert ACTIONS["another_tariff"].kernel(only_dear) is None


def test_flexible_load_moves_from_the_four_dearest_to_the_four_cheapest_hours() -> None:
    def price(hours: Grid) -> NDArray[Any]:
        return np.where((hours.hour >= 16) & (hours.hour < 20), 0.5, np.where(hours.hour < 4, 0.1, 0.3))

    # 2 kW at rest and 10 kW from 8 to 18 on working days, every day from 16 to 18 within the dearest hours.
    of = year(office)
    of = replace(of, prices=Prices(of.grid.matrix(np.zeros(of.grid.size))[of.grid.day, of.grid.hour], of.prices.then))
    assert ACTIONS["flexible_load"].kernel(of) is None, "all hours cost the same"
    at = price(of.grid)
    of = replace(of, prices=Prices(at, at, "GBP"), intensity_kg=at)
    working = int((~of.grid.weekend[-365:]).sum())
    finding = found("flexible_load", of)
    assert finding.money is not None
    assert finding.carbon_kg is not None
    assert finding.money.expected == pytest.approx(working * 2 * 8 * 0.1 * 0.4)
    assert finding.carbon_kg.expected == pytest.approx(finding.money.expected), "its intensity is as its price"
    known = found("flexible_load", replace(of, flexible_kwh_per_day=3.0))
    assert known.money is not None
    assert known.money.expected == pytest.approx(365 * 3 * 0.4)


def test_panels_on_a_roof_of_100_m2() -> None:
    def noon(hours: Grid) -> NDArray[Any]:
        """1,000 W/m2 for four hours a day."""
        return np.where((hours.hour >= 10) & (hours.hour < 14), 1000.0, 0.0)

    of = year(2.0, price=0.3, facts={"roof_area_m2": 100.0})
    assert isinstance(ACTIONS["solar_size"].kernel(of), Suppressed)
    of = replace(of, irradiance_w_m2=noon(of.grid))
    finding = found("solar_size", of)
    # 2 kW are used in each of the hours: beyond 2.5 kWp (at 0.8) more earns nothing without an export tariff. Of the
    # twelve sizes from 1 to 10 kWp the second is the largest below.
    assert finding.evidence["largest_kwp"] == 10
    assert finding.evidence["kwp"] == pytest.approx(1 + 9 / 11)
    assert finding.capital_cost == pytest.approx(capital_cost(finding.evidence["kwp"], "GBP"))
    assert energy("solar_size", of) == pytest.approx(365 * 4 * 0.8 * (1 + 9 / 11), rel=0.01)
    assert finding.money is None
    paid = found("solar_size", replace(of, prices=replace(of.prices, export_today=np.full(of.grid.size, 0.3))))
    assert paid.evidence["kwp"] == 10, "a larger one is cheaper by the kWp"
    assert paid.money is not None
    assert paid.money.expected == pytest.approx(365 * 4 * (8 - 2) * 0.3, rel=0.01)
    assert isinstance(ACTIONS["solar_size"].kernel(replace(of, prices=replace(of.prices, currency="SEK"))), Suppressed)


def test_a_meter_at_fault_is_to_be_mended_and_nothing_else_is_said_of_it() -> None:
    of = replace(year(office), faults=(Fault("stuck", date(2024, 6, 1)),))
    offered, silent = [], []
    for answer in meter_answers(of, ACTIONS.values()):
        (offered if isinstance(answer.result, Finding) else silent).append(answer)
    assert [answer.action.name for answer in offered] == ["mend_meter"]
    assert [answer.result for answer in silent] == [Suppressed("fault: the meter is at fault (stuck) since 2024-06-01")]
    assert ACTIONS["mend_meter"].kernel(year(office)) is None
    suspect = year(office)
    some = replace(suspect, suspect=(days_ago(suspect.grid) < 7), imputed=np.zeros(suspect.grid.size))
    assert found("mend_meter", some).evidence == {"faults": [], "suspect_hours": 168, "hours": 672}


def with_peers(years: list[MeterYear]) -> list[MeterYear]:
    weather = np.mean([each.temperature_c for each in years], axis=0)
    peers = peers_of(each for year in years if (each := level(year, weather)) is not None)
    return [replace(year, peers=peers.get(place_of(year))) for year in years]


def buildings(levels: list[float]) -> list[MeterYear]:
    return [
        year(level, facts={"meter_id": f"m{i}", "building_id": f"b{i}", "use": "office", "floor_area_m2": 100.0})
        for i, level in enumerate(levels)
    ]


def test_eight_offices_one_of_which_uses_twice_as_much() -> None:
    years = with_peers(buildings([1.0] * 7 + [2.0]))
    gap = found("like_building_gap", years[-1])
    assert gap.evidence["buildings"] == 8
    assert gap.evidence["own_kwh_m2"] == pytest.approx(2 * 8760 / 100)
    assert energy("like_building_gap", years[-1]) == pytest.approx(8760.0)
    assert energy("base_load_gap", years[-1]) == pytest.approx(8760.0)
    assert ACTIONS["like_building_gap"].kernel(years[0]) is None
    alone = with_peers(buildings([1.0] * 6 + [2.0]))
    assert isinstance(ACTIONS["like_building_gap"].kernel(alone[-1]), Suppressed)
    without = replace(alone[-1], meter=replace(alone[-1].meter, floor_area_m2=None))
    assert ACTIONS["like_building_gap"].kernel(without) == Suppressed("no floor area is known")


def test_weather_is_taken_out_before_buildings_are_compared() -> None:
    """Eight equal boilers, one of which stands where it is five degrees colder."""
    facts = {"fuel": "gas", "use": "office", "floor_area_m2": 100.0}
    years = [
        year(
            lambda hours, colder=colder: 1 + np.maximum(0, 15 - seasons(hours) + colder),
            temperature=lambda hours, colder=colder: seasons(hours) - colder,
            facts={**facts, "meter_id": f"m{i}", "building_id": f"b{i}"},
        )
        for i, colder in enumerate([0.0] * 7 + [5.0])
    ]
    peers = with_peers(years)[-1].peers
    assert peers is not None
    assert peers.own == pytest.approx(peers.quartiles[1], rel=0.03)
    assert np.nansum(years[-1].kwh) > 1.5 * np.nansum(years[0].kwh)
