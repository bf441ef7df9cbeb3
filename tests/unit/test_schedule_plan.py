"""Plans by hand, and the rows that tell them: savings add up to what the site saves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from bronze_rows import instant
from planned_sites import run_of, site_of

from energy_lib.insights.schedules.actions import do_nothing, outcome
from energy_lib.insights.schedules.assets import SiteAssets
from energy_lib.insights.schedules.plan import Plan, plan_site
from energy_lib.insights.schedules.problem import Problem, SiteForecast
from energy_lib.insights.schedules.rows import schedule_rows
from energy_lib.insights.schedules.site import Battery, DemandCharge, Generation, Site, impossible
from energy_lib.insights.schedules.solver import Solver
from energy_lib.insights.schedules.terms import Terms

LOSSY = Battery("battery", 5.0, 5.0, 0.0, 10.0, 0.0, efficiency=0.8)
EVERY_HOUR = np.ones(4, dtype=bool)


def plan(site: Site) -> Plan:
    found = plan_site(site, Solver())
    assert isinstance(found, Plan), found
    return found


def rounded(powers: Sequence[float] | np.ndarray) -> list[float]:
    return [round(float(value), 4) + 0.0 for value in powers]


def test_a_battery_buys_where_it_is_cheap_enough_for_its_losses_and_wear() -> None:
    """5 kWh bought at 0.10 give 4 at 0.20: 0.30 saved. At 0.13 and wear of 0.05 nothing is."""
    site = site_of([6.0] * 4, [0.10, 0.20, 0.20, 0.12], batteries=[LOSSY])
    assert rounded(plan(site).actions.charge[0]) == [5, 0, 0, 0]
    assert sum(rounded(plan(site).actions.discharge[0][1:3])) == 4
    worn = replace(site, batteries=[replace(LOSSY, wear_per_kwh=0.08)])
    assert rounded(plan(worn).actions.change_kw) == [0, 0, 0, 0]


def test_carbon_moves_what_money_leaves_alone() -> None:
    intensity = np.array([0.4, 0.1, 0.4, 0.4])
    run = run_of(0, 4, 4, energy_kwh=6.0)
    site = site_of([1.0] * 4, [0.2] * 4, runs=[run], intensity_kg_per_kwh=intensity, carbon_price=0.1)
    assert rounded(plan(site).actions.runs[0]) == [0, 6, 0, 0]
    dear = replace(site, import_price=np.array([0.2, 0.3, 0.2, 0.3]))
    assert plan(dear).actions.runs[0][1] == 0


def test_where_prices_are_negative_a_battery_does_not_burn_energy() -> None:
    """Both at once would earn for ever: it fills once, and gives back where the price is above zero."""
    site = site_of([9.0] * 4, [-0.1, -0.1, 0.2, 0.2], batteries=[LOSSY])
    actions = plan(site).actions
    assert not np.any((actions.charge > 0) & (actions.discharge > 0))
    assert sum(rounded(actions.charge[0])) == pytest.approx(10.0)
    assert sum(rounded(actions.discharge[0])) == pytest.approx(8.0)


def test_import_and_export_are_not_at_once() -> None:
    """Import earns 0.1 and export 0.3: the roof's 6 kW are fed in, the load of 2 kW is not bought beside it."""
    site = site_of([-4.0], [-0.1], export_price=np.array([0.3]))
    assert plan(site).result.energy == pytest.approx(-1.2)


def test_generation_is_turned_down_where_feeding_in_costs() -> None:
    roof = Generation("roof", np.array([6.0, 6.0]))
    site = site_of([-4.0, -4.0], [0.2, 0.2], export_price=np.array([-0.1, 0.1]), generation=[roof])
    assert rounded(plan(site).actions.curtailed[0]) == [4, 0]


def test_a_limit_is_held_on_the_upper_quantile_and_relaxed_where_it_cannot_be() -> None:
    run = run_of(0, 4, 4, energy_kwh=8.0, power_kw=8.0)
    site = site_of([5.0] * 4, [0.1, 0.2, 0.3, 0.4], upper_kw=np.full(4, 7.0), limit_kw=np.full(4, 10.0), runs=[run])
    held = plan(site)
    assert rounded(held.actions.runs[0]) == [3, 3, 2, 0]
    assert not held.result.relaxed_kw.any()
    tight = plan(replace(site, limit_kw=np.full(4, 8.0)))
    assert tight.result.relaxed_kw.sum() == pytest.approx(4.0)


def test_the_peak_is_shaved_no_further_than_the_month_has_it_already() -> None:
    peak = DemandCharge(10.0, 0.0, EVERY_HOUR)
    battery = replace(LOSSY, efficiency=1.0, highest_kwh=4.0, start_kwh=0.0)
    site = site_of([2.0, 2.0, 8.0, 2.0], [0.2] * 4, batteries=[battery], demand=[peak])
    assert plan(site).result.demand == pytest.approx(40.0)
    known = plan(replace(site, demand=[replace(peak, expected_peak_kw=7.0)]))
    assert known.result.demand == pytest.approx(70.0)
    assert known.actions.discharge[0][2] == pytest.approx(1.0)


def test_a_run_keeps_its_lowest_power_and_its_minimum_hours() -> None:
    """The cheapest hours are the first and the last; two hours in a row are cheapest in the middle."""
    run = run_of(0, 5, 5, energy_kwh=8.0, power_kw=4.0, lowest_kw=4.0, minimum_hours=2)
    site = site_of([1.0] * 5, [0.1, 0.5, 0.2, 0.25, 0.15], runs=[run])
    found = plan(site)
    assert rounded(found.actions.runs[0]) == [0, 0, 0, 4, 4]
    assert found.switched


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"energy_kwh": 30.0}, "30 kWh are asked for and 6 kW give 24 kWh in 4 h"),
        ({"minimum_hours": 5}, "it runs 5 h at least and its window has 4 h"),
        ({"energy_kwh": 7.0, "lowest_kw": 4.0}, "2 h at 4 kW use 8 kWh and 7 kWh are asked for"),
        ({"energy_kwh": 24.0, "lowest_kw": 6.0, "minimum_hours": 4}, None),
    ],
)
def test_a_deadline_that_can_never_be_met_says_why(values: dict[str, float], reason: str | None) -> None:
    assert impossible(run_of(0, 4, 4, **values)) == reason


def problem(site: Site) -> Problem:
    kinds = {"battery": "battery", "charger": "flexible_load", "roof": "generation"}
    hours = site.hours
    assets = SiteAssets(site.limit_kw, np.zeros(hours), [set() for _ in range(hours)], kinds=kinds)
    never, share = np.zeros(hours, dtype=bool), np.zeros(hours)
    forecast = SiteForecast({}, never, share, {}, "dense", "1")
    terms = Terms(
        site.import_price, site.export_price, site.intensity_kg_per_kwh, never, never, (), "GBP", "GB", None, None
    )
    return Problem("s", instant("2024-03-05 00:00"), assets, site, None, forecast, terms, "t")


def test_savings_of_rows_add_up_to_what_the_site_saves() -> None:
    """Battery, load and roof share hours in which the site turns from import to export."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        hours = 12
        site = site_of(
            list(rng.uniform(-6, 8, hours)),
            list(rng.uniform(-0.1, 0.4, hours)),
            export_price=rng.uniform(-0.05, 0.2, hours),
            intensity_kg_per_kwh=rng.uniform(0, 0.4, hours),
            carbon_price=0.1,
            batteries=[replace(LOSSY, start_kwh=4.0, wear_per_kwh=0.01)],
            runs=[run_of(2, 9, hours)],
            generation=[Generation("roof", rng.uniform(0, 5, hours))],
            demand=[DemandCharge(3.0, 5.0, rng.random(hours) < 0.5)],
        )
        found, rows = plan(site), schedule_rows(problem(site), Solver())
        nothing = outcome(site, do_nothing(site))
        assert rows["expected_saving"].sum() == pytest.approx(nothing.money - found.result.money, abs=1e-4)
        spared = nothing.carbon_kg - found.result.carbon_kg
        assert rows["expected_saving_kgco2e"].sum() == pytest.approx(spared, abs=1e-4)
        assert len(rows) == 4 * hours
        power = rows.pivot(index="interval_start_utc", columns="asset_id", values="power_kw")
        added = power["battery"] + power["charger"] - (power["roof"] - site.generation[0].forecast_kw)
        np.testing.assert_allclose(power["*"], site.net_kw + added, atol=1e-4)
