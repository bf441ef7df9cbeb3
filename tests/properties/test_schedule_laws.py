"""A plan keeps what its site can bear, and no plan costs less: laws for random sites, held against an oracle."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from planned_sites import Oracle, sites

from energy_lib.insights.schedules.actions import do_nothing, objective, outcome
from energy_lib.insights.schedules.plan import Plan, plan_site
from energy_lib.insights.schedules.run_switches import keeps_running
from energy_lib.insights.schedules.site import NO_POWER_KW, Site
from energy_lib.insights.schedules.solver import Solver

SOLVER = Solver()
EXACT = 1e-5


def planned(site: Site) -> Plan:
    plan = plan_site(site, SOLVER)
    assert isinstance(plan, Plan), plan
    return plan


@settings(max_examples=60)
@given(sites())
def test_a_plan_keeps_powers_energies_deadlines_and_states_of_charge(site: Site) -> None:
    plan = planned(site)
    actions, kept = plan.actions, plan.site
    for battery, c, d in zip(kept.batteries, actions.charge, actions.discharge, strict=True):
        assert np.all((c >= 0) & (c <= battery.charge_kw + EXACT))
        assert np.all((d >= 0) & (d <= battery.discharge_kw + EXACT))
        assert not np.any((c > NO_POWER_KW) & (d > NO_POWER_KW))
    for battery, held in zip(kept.batteries, actions.state_of_charge(kept), strict=True):
        assert np.all((held >= battery.lowest_kwh - EXACT) & (held <= battery.highest_kwh + EXACT))
        least = battery.start_kwh if battery.end_kwh is None else battery.end_kwh
        assert held[-1] >= least - EXACT
    for run, power in zip(kept.runs, actions.runs, strict=True):
        assert power.sum() == pytest.approx(run.energy_kwh, abs=EXACT)
        assert power[run.first : run.end].sum() == pytest.approx(power.sum())
        assert np.all((power >= 0) & (power <= run.power_kw + EXACT))
        assert keeps_running(run, power)
    for each, turned_down in zip(kept.generation, actions.curtailed, strict=True):
        assert np.all((turned_down >= 0) & (turned_down <= each.forecast_kw + EXACT))
    over = kept.upper_kw + actions.change_kw - kept.limit_kw
    assert np.all(plan.result.relaxed_kw >= over - EXACT)
    assert len(plan.unserved) + len(kept.runs) == len(site.runs)


@settings(max_examples=60)
@given(sites())
def test_no_plan_costs_less(site: Site) -> None:
    plan = planned(site)
    best = Oracle(plan.site).objective()
    got = objective(plan.site, plan.result)
    assert got == pytest.approx(best, rel=1e-4, abs=1e-3)


@settings(max_examples=40)
@given(sites())
def test_a_plan_is_no_worse_than_doing_nothing(site: Site) -> None:
    plan = planned(site)
    nothing = objective(plan.site, outcome(plan.site, do_nothing(plan.site)))
    assert objective(plan.site, plan.result) <= nothing + 1e-4 * abs(nothing) + 1e-3


@settings(max_examples=25)
@given(sites())
def test_a_solver_remembers_nothing_of_the_sites_before(site: Site) -> None:
    """One solver plans many sites: what it gives must not depend on which came before."""
    used, fresh = planned(site), plan_site(site, Solver())
    assert isinstance(fresh, Plan)
    np.testing.assert_array_equal(used.actions.change_kw, fresh.actions.change_kw)


@settings(max_examples=25)
@given(sites())
def test_a_site_that_asks_for_nothing_is_left_alone(site: Site) -> None:
    batteries = [replace(battery, end_kwh=None) for battery in site.batteries]
    flat = replace(
        site, batteries=batteries, runs=[], generation=[], demand=[], carbon_price=0.0,
        limit_kw=np.full(site.hours, np.inf),
        import_price=np.full(site.hours, 0.2), export_price=np.full(site.hours, 0.2),
    )  # fmt: skip
    assume(all(battery.efficiency < 1 for battery in site.batteries))
    assert not planned(flat).actions.change_kw.any()


@settings(max_examples=25)
@given(sites())
def test_a_higher_limit_never_costs_more(site: Site) -> None:
    site = replace(site, limit_kw=np.minimum(site.limit_kw, 15.0))
    tight = planned(site)
    loose = planned(replace(site, limit_kw=site.limit_kw + 2.0))
    assert objective(loose.site, loose.result) <= objective(tight.site, tight.result) + 1e-3


@settings(max_examples=25)
@given(sites())
def test_doing_nothing_uses_what_every_plan_uses(site: Site) -> None:
    kept = planned(site).site
    nothing = do_nothing(kept)
    for run, power in zip(kept.runs, nothing.runs, strict=True):
        assert power.sum() == pytest.approx(run.energy_kwh)
        assert keeps_running(run, power)
    assert outcome(kept, nothing).wear == 0
