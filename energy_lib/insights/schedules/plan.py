"""A site's plan: a linear program first, switches only where its answer would need one and cannot be proved without."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from energy_lib.insights.schedules.actions import Actions, Outcome, do_nothing, objective, outcome
from energy_lib.insights.schedules.price_signs import Signs, above_chord, does_both
from energy_lib.insights.schedules.run_switches import keeps_running
from energy_lib.insights.schedules.site import Site, impossible
from energy_lib.insights.schedules.site_model import site_model
from energy_lib.insights.schedules.solver import GAP, Solver

# A plan so much dearer than the best is the best, in units of currency.
NO_MONEY = 1e-6


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do, and what that costs.

    `site` is the problem that was solved: without the runs that no plan can serve. `unserved` names those with why,
    by their place in the problem that was given. `switched`: switches had to be searched.
    """

    site: Site
    actions: Actions
    result: Outcome
    unserved: dict[int, str]
    switched: bool


def plan_site(site: Site, solver: Solver) -> Plan | str:
    """The cheapest plan by `actions.objective`, within the solver's gap, or why there is none."""
    unserved = {place: reason for place, run in enumerate(site.runs) if (reason := impossible(run)) is not None}
    served = replace(site, runs=[run for place, run in enumerate(site.runs) if place not in unserved])
    actions, switched = _proved(served, solver), False
    if actions is None:
        searched = _solved(served, solver, switches=True)
        if isinstance(searched, str):
            return f"the solver ended with: {searched}"
        actions, switched = searched, True
    return Plan(served, actions, outcome(served, actions), unserved, switched)


def _proved(site: Site, solver: Solver) -> Actions | None:
    """The plan if programs without switches prove it: one that bounds it, and one with the first one's signs.

    None if they do not: the bound is too far below.
    """
    relaxed = _solved(site, solver)
    if isinstance(relaxed, str):
        return None
    above, kept = above_chord(site, relaxed), _keep_running(site, relaxed) and not does_both(site, relaxed)
    if kept and above <= NO_MONEY:
        return relaxed
    bound = objective(site, outcome(site, relaxed)) - above
    near = GAP * abs(bound) + NO_MONEY
    if above > near or kept:
        return relaxed if above <= near else None
    signed = _solved(site, solver, signs=Signs.of(site, relaxed))
    if isinstance(signed, str) or not _keep_running(site, signed):
        return None
    return signed if objective(site, outcome(site, signed)) - bound <= near else None


def _keep_running(site: Site, actions: Actions) -> bool:
    return all(
        not run.switched or keeps_running(run, power) for run, power in zip(site.runs, actions.runs, strict=True)
    )


def _solved(site: Site, solver: Solver, *, switches: bool = False, signs: Signs | None = None) -> Actions | str:
    if not (site.batteries or site.runs or site.generation):
        return do_nothing(site)
    built = site_model(site, switches=switches, signs=signs)
    values = solver.solve(built.model.arrays())
    return values if isinstance(values, str) else _without_detours(site, built.actions(values))


def _without_detours(site: Site, actions: Actions) -> Actions:
    """Charge and discharge of one hour netted, where that cannot cost: the state of charge stays as it is.

    Where nothing is gained by either, the simplex may do both.
    """
    efficiency = np.array([battery.efficiency for battery in site.batteries]).reshape(-1, 1)
    detour = np.where(site.burning_pays, 0.0, np.minimum(actions.charge * efficiency, actions.discharge))
    return replace(actions, charge=actions.charge - detour / efficiency, discharge=actions.discharge - detour)
