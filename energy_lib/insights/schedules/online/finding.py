"""What doing otherwise than planned is worth now: the same program, solved with what is known by now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from energy_lib.insights.schedules.actions import Actions, Outcome, objective, outcome
from energy_lib.insights.schedules.online.present import HourSoFar, Present, present
from energy_lib.insights.schedules.plan import NO_MONEY, plan_site
from energy_lib.insights.schedules.problem import Problem
from energy_lib.insights.schedules.site import Hours, Site
from energy_lib.insights.schedules.solver import Solver
from energy_lib.tables.answers.advice import DEMAND_PEAK, INTENSITY_SPIKE, PRICE_SPIKE
from energy_lib.vocabulary import QUANTILES

# An asset goes on as planned if what it does otherwise is worth less than this share of all.
NEGLIGIBLE_SHARE = 0.01
LEAST_CHANGE_KW = 0.05
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Step:
    """One asset at another power than planned, kW, over hours in a row; of a battery below zero: discharge."""

    asset_id: str
    asset_kind: str
    from_utc: datetime
    to_utc: datetime
    planned_kw: float
    power_kw: float


@dataclass(frozen=True, slots=True)
class Finding:
    """What to do otherwise, and what it is worth. `worth` counts carbon at its price, `money` and `kg` each alone.

    `hour_utc`, `hour_value` and `usual_value` say by what: the dearest or dirtiest hour that is left and the mean of
    all, or the hour of the peak and the highest import so far.
    """

    type: str
    worth: float
    money: float
    kg: float | None
    likelihood: float
    steps: tuple[Step, ...]
    hour_utc: datetime
    hour_value: float
    usual_value: float
    currency: str

    @property
    def start_utc(self) -> datetime:
        return min(step.from_utc for step in self.steps)

    @property
    def end_utc(self) -> datetime:
        return max(step.to_utc for step in self.steps)


def finding(
    problem: Problem, planned_kw: Mapping[str, Hours], so_far: HourSoFar, now: datetime, solver: Solver
) -> Finding | None:
    """What to do otherwise than the plan in force from now on; None where nothing is worth it.

    `problem` begins with the hour of `now`; `planned_kw`: the plan's powers of those hours.
    """
    current = present(problem, planned_kw, so_far)
    if current is None or problem.terms is None:
        return None
    plan = plan_site(current.site, solver)
    if isinstance(plan, str) or plan.unserved:
        return None
    site, planned = current.site, current.planned
    best = _kept_to_plan(site, planned, plan.actions)
    before, after = outcome(site, planned), outcome(site, best)
    worth = objective(site, before) - objective(site, after)
    steps = tuple(_steps(problem, site, planned, best, so_far, now))
    if not steps or worth <= NO_MONEY:
        return None
    kind, place = _kind(site, planned, best, before, after)
    hours, value, usual = _told_by(site, planned, kind, place)
    return Finding(
        type=kind,
        worth=worth,
        money=before.money - after.money,
        kg=None if site.intensity_kg_per_kwh is None else before.carbon_kg - after.carbon_kg,
        likelihood=_likelihood(problem, current, kind, place, planned, best),
        steps=steps,
        hour_utc=problem.origin + HOUR * hours,
        hour_value=value,
        usual_value=usual,
        currency=problem.terms.currency,
    )


def _kept_to_plan(site: Site, planned: Actions, best: Actions) -> Actions:
    """The best actions, but as planned where that costs next to nothing: of equal plans a solver gives any."""
    start = objective(site, outcome(site, best))
    spare = NEGLIGIBLE_SHARE * (objective(site, outcome(site, planned)) - start)
    for names in (("charge", "discharge"), ("runs",), ("curtailed",)):
        for row in range(len(getattr(best, names[0]))):
            changed = {name: getattr(best, name).copy() for name in names}
            for name, powers in changed.items():
                powers[row] = getattr(planned, name)[row]
            tried = replace(best, **changed)
            if objective(site, outcome(site, tried)) - start <= spare:
                best = tried
    return best


def _kind(site: Site, planned: Actions, best: Actions, before: Outcome, after: Outcome) -> tuple[str, int]:
    """What most of the worth is of, and the hour that tells it."""
    energy, demand = before.energy + before.wear - after.energy - after.wear, before.demand - after.demand
    carbon = 0.0
    if site.intensity_kg_per_kwh is not None:
        carbon = site.carbon_price * (before.carbon_kg - after.carbon_kg)
    limit = site.limit_price * float((before.relaxed_kw - after.relaxed_kw).sum())
    upper = site.upper_kw + planned.change_kw
    if demand + limit >= max(energy, carbon):
        counts = (
            np.any([charge.counts for charge in site.demand], axis=0) if site.demand else np.isfinite(site.limit_kw)
        )
        return DEMAND_PEAK, int(np.argmax(np.where(counts, upper, -np.inf)))
    less = best.change_kw < planned.change_kw - LEAST_CHANGE_KW
    values, kind = site.import_price, PRICE_SPIKE
    if carbon > energy and site.intensity_kg_per_kwh is not None:
        values, kind = site.intensity_kg_per_kwh, INTENSITY_SPIKE
    return kind, int(np.argmax(np.where(less, values, -np.inf)) if less.any() else np.argmin(values))


def _told_by(site: Site, planned: Actions, kind: str, place: int) -> tuple[int, float, float]:
    if kind == DEMAND_PEAK:
        reached = min((charge.expected_peak_kw for charge in site.demand if charge.counts[place]), default=np.inf)
        return place, float((site.upper_kw + planned.change_kw)[place]), float(min(reached, site.limit_kw[place]))
    values = site.import_price if kind == PRICE_SPIKE else site.intensity_kg_per_kwh
    assert values is not None
    return place, float(values[place]), float(values.mean())


def _likelihood(problem: Problem, current: Present, kind: str, place: int, planned: Actions, best: Actions) -> float:
    """How likely what it rests on comes about: a peak by the quantiles of its hour, a price by being known."""
    if kind == DEMAND_PEAK:
        _, _, highest = _told_by(current.site, planned, kind, place)
        load = [current.net_kw[name][place] + planned.change_kw[place] for name in QUANTILES]
        levels = list(QUANTILES.values())
        below = float(np.interp(highest, np.maximum.accumulate(load), levels, left=0.0, right=1.0))
        return round(1.0 - below, 3)
    assert problem.terms is not None
    terms = problem.terms
    estimated = terms.estimated_price if kind == PRICE_SPIKE else terms.estimated_intensity
    moved = np.abs(best.change_kw - planned.change_kw) > LEAST_CHANGE_KW
    return round(1.0 - float(estimated[moved].mean()), 3) if moved.any() else 1.0


def _steps(
    problem: Problem, site: Site, planned: Actions, best: Actions, so_far: HourSoFar, now: datetime
) -> Iterator[Step]:
    """Where an asset is to do otherwise, hour by hour in a row."""
    left = np.ones(site.hours)
    left[0] = max(so_far.left, 1e-9)
    rows: dict[str, tuple[Hours, Hours]] = {}
    for place, battery in enumerate(site.batteries):
        rows[battery.asset_id] = (
            planned.charge[place] - planned.discharge[place],
            best.charge[place] - best.discharge[place],
        )
    for place, run in enumerate(site.runs):
        was, then = rows.get(run.asset_id, (np.zeros(site.hours), np.zeros(site.hours)))
        rows[run.asset_id] = (was + planned.runs[place], then + best.runs[place])
    for place, each in enumerate(site.generation):
        rows[each.asset_id] = (
            each.forecast_kw - planned.curtailed[place],
            each.forecast_kw - best.curtailed[place],
        )
    for asset_id, (was, then) in sorted(rows.items()):
        changed = np.abs(then - was) > LEAST_CHANGE_KW * left
        edges = np.flatnonzero(np.diff(np.concatenate([[False], changed, [False]]).astype(int)))
        for first, end in zip(edges[::2], edges[1::2], strict=True):
            hours = left[first:end].sum()
            yield Step(
                asset_id=asset_id,
                asset_kind=problem.assets.kinds[asset_id],
                from_utc=max(problem.origin + HOUR * int(first), now),
                to_utc=problem.origin + HOUR * int(end),
                planned_kw=round(float(was[first:end].sum() / hours), 3) + 0.0,
                power_kw=round(float(then[first:end].sum() / hours), 3) + 0.0,
            )
