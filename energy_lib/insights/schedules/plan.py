"""A site's plan: the program without switches first, with them only where its answer would need one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from energy_lib.insights.schedules.actions import Actions, Outcome, do_nothing, outcome
from energy_lib.insights.schedules.site import Site, impossible
from energy_lib.insights.schedules.site_model import burning_pays, cheats, site_model
from energy_lib.insights.schedules.solver import Solver


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
    """The cheapest plan by `actions.objective`, or why there is none.

    A program without switches bounds the one with them, so its optimum is the plan wherever it breaks no rule.
    """
    unserved = {place: reason for place, run in enumerate(site.runs) if (reason := impossible(run)) is not None}
    served = replace(site, runs=[run for place, run in enumerate(site.runs) if place not in unserved])
    switched = False
    actions = _solved(served, solver, switches=False)
    if isinstance(actions, Actions) and cheats(served, actions):
        switched, actions = True, _solved(served, solver, switches=True)
    if isinstance(actions, str):
        return f"the solver ended with: {actions}"
    return Plan(
        site=served,
        actions=actions,
        result=outcome(served, actions),
        unserved=unserved,
        switched=switched,
    )


def _solved(site: Site, solver: Solver, *, switches: bool) -> Actions | str:
    built = site_model(site, switches=switches)
    if not built.model.column_count:
        return do_nothing(site)
    values = solver.solve(built.model.arrays())
    return values if isinstance(values, str) else _without_detours(site, built.actions(values))


def _without_detours(site: Site, actions: Actions) -> Actions:
    """Charge and discharge of one hour netted, where that cannot cost: the state of charge stays as it is.

    Where nothing is gained by either, the simplex may do both.
    """
    efficiency = np.array([battery.efficiency for battery in site.batteries]).reshape(-1, 1)
    detour = np.where(burning_pays(site), 0.0, np.minimum(actions.charge * efficiency, actions.discharge))
    return replace(actions, charge=actions.charge - detour / efficiency, discharge=actions.discharge - detour)
