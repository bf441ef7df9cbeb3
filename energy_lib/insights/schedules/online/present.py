"""A site in the middle of its plan: what is left of the hour, what was read of it, and what the plan still does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from energy_lib.insights.schedules.actions import Actions
from energy_lib.insights.schedules.problem import Problem
from energy_lib.insights.schedules.site import NO_POWER_KW, Battery, Generation, Hours, Run, Site


@dataclass(frozen=True, slots=True)
class HourSoFar:
    """Of the hour that a plan begins with: the share that is gone, and the site's net energy of the share read."""

    elapsed: float = 0.0
    read_share: float = 0.0
    read_kwh: float = 0.0

    @property
    def left(self) -> float:
        return 1.0 - self.elapsed

    @property
    def unread(self) -> float:
        """Share that is gone and was not read yet."""
        return max(self.elapsed - self.read_share, 0.0)


@dataclass(frozen=True, slots=True)
class Present:
    """The site's problem from now on, and what the plan in force does in it: `planned`, in the site's order.

    The first place of each array is the rest of the hour: its powers are kWh. `net_kw`: quantiles of the net load.
    """

    site: Site
    planned: Actions
    net_kw: Mapping[str, Hours]


def present(problem: Problem, planned_kw: Mapping[str, Hours], so_far: HourSoFar) -> Present | None:
    """What is left of a plan: `problem` as known now, `planned_kw` the plan's power of each asset in its hours.

    An asset that the plan has not, or not in every hour that it can act in, is left as it is. None if there is nothing
    to act with, or the site cannot be planned.
    """
    site, forecast = problem.site, problem.forecast
    if site is None or forecast is None:
        return None
    known = {asset: np.asarray(power, dtype=float) for asset, power in planned_kw.items()}
    batteries = [b for b in site.batteries if b.asset_id in known and np.isfinite(known[b.asset_id]).all()]
    runs = [run for run in site.runs if run.asset_id in known and _has_window(run, known[run.asset_id])]
    generation = [g for g in site.generation if g.asset_id in known and np.isfinite(known[g.asset_id]).all()]
    if not (batteries or runs or generation):
        return None
    power = np.array([known[battery.asset_id] for battery in batteries]).reshape(len(batteries), site.hours)
    curtailed = np.array([np.maximum(g.forecast_kw - known[g.asset_id], 0.0) for g in generation])
    whole = Actions(
        charge=np.maximum(power, 0.0),
        discharge=np.maximum(-power, 0.0),
        runs=np.array([_of_window(run, known[run.asset_id]) for run in runs]).reshape(len(runs), site.hours),
        curtailed=curtailed.reshape(len(generation), site.hours),
    )
    planned = _rest_of(whole, so_far.left)
    fixed = _moved_unread(whole, runs, problem.assets.metered, so_far)
    now = replace(
        site,
        net_kw=_now(site.net_kw, so_far, fixed),
        upper_kw=_now(site.upper_kw, so_far, fixed),
        batteries=[_battery(b, whole, planned, place, so_far) for place, b in enumerate(batteries)],
        runs=[_run(run, power, so_far) for run, power in zip(runs, planned.runs, strict=True)],
        generation=[Generation(g.asset_id, _scaled(g.forecast_kw, so_far.left)) for g in generation],
    )
    # Quantiles are told apart by the forecast alone: what is done by plan is the same in each.
    without_loads = site.net_kw - forecast.net_kw["p50"]
    quantiles = {name: _now(values + without_loads, so_far, fixed) for name, values in forecast.net_kw.items()}
    return Present(now, planned, quantiles)


def _has_window(run: Run, power: Hours) -> bool:
    window = power[run.first : run.end]
    return bool(np.isfinite(window).all() and window.sum() > NO_POWER_KW)


def _of_window(run: Run, power: Hours) -> Hours:
    own = np.zeros(len(power))
    own[run.first : run.end] = power[run.first : run.end]
    return own


def _scaled(hours: Hours, first: float) -> Hours:
    scaled = np.array(hours, dtype=float)
    scaled[..., :1] *= first
    return scaled


def _rest_of(actions: Actions, left: float) -> Actions:
    parts = (actions.charge, actions.discharge, actions.runs, actions.curtailed)
    return Actions(*(_scaled(part, left) for part in parts))


def _moved_unread(whole: Actions, runs: list[Run], metered: set[str], so_far: HourSoFar) -> float:
    """kWh of the first hour that were moved by plan and that no reading, and no forecast, has in it."""
    by_asset = whole.charge.sum(axis=0) - whole.discharge.sum(axis=0) + whole.curtailed.sum(axis=0)
    moved = float(by_asset[0]) * so_far.unread
    for run, power in zip(runs, whole.runs, strict=True):
        moved += float(power[0]) * (so_far.unread if run.asset_id in metered else so_far.elapsed)
    return moved


def _now(net_kw: Hours, so_far: HourSoFar, fixed: float) -> Hours:
    values = _scaled(net_kw, 1.0 - so_far.read_share)
    values[0] += so_far.read_kwh + fixed
    return values


def _battery(battery: Battery, whole: Actions, planned: Actions, place: int, so_far: HourSoFar) -> Battery:
    """With what it holds now by plan; at the end it is to hold what the plan leaves in it."""
    one_way = battery.one_way
    gained = whole.charge[place] * one_way - whole.discharge[place] / one_way
    start = battery.start_kwh + so_far.elapsed * float(gained[0])
    start = min(max(start, battery.lowest_kwh), battery.highest_kwh)
    end = start + float((planned.charge[place] * one_way - planned.discharge[place] / one_way).sum())
    end = min(max(end, battery.lowest_kwh), battery.highest_kwh)
    return replace(battery, start_kwh=start, end_kwh=end, first_share=so_far.left)


def _run(run: Run, planned: Hours, so_far: HourSoFar) -> Run:
    """With the energy that the plan still gives it."""
    share = so_far.left if run.first == 0 else 1.0
    return replace(run, energy_kwh=float(planned[run.first : run.end].sum()), first_share=share)
