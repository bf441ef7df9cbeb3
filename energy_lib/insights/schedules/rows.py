"""Rows of gold.schedules from a site's problem and its plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from energy_lib.insights.schedules.actions import do_nothing, energy_cost
from energy_lib.insights.schedules.plan import Plan, plan_site
from energy_lib.insights.schedules.problem import Problem
from energy_lib.insights.schedules.site import Hours
from energy_lib.insights.schedules.solver import Solver
from energy_lib.tables.answers.schedules import SCHEDULES, WHOLE_SITE

METHOD = f"highspy {version('highspy')}"
# Powers, energies and amounts are rounded to so many digits: what lies below is the solver's tolerance.
DIGITS = 6


def schedule_rows(problem: Problem, solver: Solver) -> pd.DataFrame:
    """Plan a site and give its rows: the columns of gold.schedules, an hour and asset each, and one of the site."""
    plan: Plan | str = "" if problem.site is None else plan_site(problem.site, solver)
    parts = (
        _unplanned(problem, problem.reason or f"no_plan: {plan}")
        if isinstance(plan, str)
        else (*_planned(problem, plan), *_failed(problem))
    )
    rows = pd.concat([_frame(problem, each) for each in parts], ignore_index=True)
    return rows[list(SCHEDULES.column_names)].sort_values(["asset_id", "interval_start_utc"], ignore_index=True)


def _frame(problem: Problem, values: dict[str, Any]) -> pd.DataFrame:
    """Rows of one asset: what all rows of a site share, and its own values."""
    hours, forecast, terms = problem.hours, problem.forecast, problem.terms
    start = pd.DatetimeIndex([problem.origin + timedelta(hours=hour) for hour in range(hours)])
    shared: dict[str, Any] = dict.fromkeys(SCHEDULES.column_names)
    shared |= {"site_id": problem.site_id, "origin_utc": pd.Timestamp(problem.origin), "interval_start_utc": start}
    shared |= {"origin_month": problem.origin.date().replace(day=1), "tariff_id": problem.tariff_id, "method": METHOD}
    if forecast is not None:
        shared |= {"is_repeated_forecast": forecast.repeated, "imputed_share": forecast.imputed_share}
        shared |= {"forecast_model": forecast.model_name, "forecast_version": forecast.model_version}
    if terms is not None:
        shared |= {"is_estimated_price": terms.estimated_price, "is_estimated_intensity": terms.estimated_intensity}
        shared |= {"currency": terms.currency, "carbon_region": terms.region, "carbon_reason": terms.carbon_reason}
    frame = pd.DataFrame(shared | values, index=range(hours))
    numbers = [c.name for c in SCHEDULES.columns if c.type == "double"]
    # No zero has a sign: it would be another value to the table.
    frame[numbers] = frame[numbers].astype(float).round(DIGITS) + 0.0
    return frame


def _unplanned(problem: Problem, reason: str) -> Iterator[dict[str, Any]]:
    for asset_id, kind in {**problem.assets.kinds, WHOLE_SITE: "site"}.items():
        own = problem.assets.failed.get(asset_id, reason)
        yield {"asset_id": asset_id, "asset_kind": kind, "reason": own}


def _failed(problem: Problem) -> Iterator[dict[str, Any]]:
    for asset_id, reason in problem.assets.failed.items():
        yield {"asset_id": asset_id, "asset_kind": problem.assets.kinds[asset_id], "reason": reason}


def _planned(problem: Problem, plan: Plan) -> Iterator[dict[str, Any]]:
    site, actions = plan.site, plan.actions
    value, carbon = _value_of_a_kwh(plan), site.intensity_kg_per_kwh

    def saved(added: Hours, wear: float | Hours = 0.0) -> dict[str, Any]:
        """Savings of a change of the net load, kW."""
        spared = None if carbon is None else -added * carbon
        return {"expected_saving": -added * value - wear, "expected_saving_kgco2e": spared}

    for battery, c, d, held in zip(
        site.batteries, actions.charge, actions.discharge, actions.state_of_charge(site), strict=True
    ):
        own = {"asset_id": battery.asset_id, "asset_kind": "battery", "power_kw": c - d, "default_power_kw": 0.0}
        yield own | {"state_of_charge_kwh": held} | saved(c - d, battery.wear_per_kwh * d)
    for each, curtailed in zip(site.generation, actions.curtailed, strict=True):
        own = {"asset_id": each.asset_id, "asset_kind": "generation", "power_kw": each.forecast_kw - curtailed}
        yield own | {"default_power_kw": each.forecast_kw} | saved(curtailed)
    for asset_id in dict.fromkeys(a for a, kind in problem.assets.kinds.items() if kind == "flexible_load"):
        if asset_id not in problem.assets.failed:
            yield _load(problem, plan, asset_id, saved)
    yield _whole_site(problem, plan)


def _load(problem: Problem, plan: Plan, asset_id: str, saved: Any) -> dict[str, Any]:
    """All windows of a flexible load; the hours of one that no plan can serve are null, with why."""
    places = [place for place, run in enumerate(plan.site.runs) if run.asset_id == asset_id]
    power = plan.actions.runs[places].sum(axis=0)
    default = sum((plan.site.runs[place].default_kw for place in places), np.zeros(problem.hours))
    values = saved(power - default) | {"default_power_kw": default}
    reason = np.full(problem.hours, None, dtype=object)
    assert problem.site is not None
    for place, why in plan.unserved.items():
        run = problem.site.runs[place]
        if run.asset_id == asset_id:
            reason[run.first : run.end] = f"impossible_deadline: {asset_id}: {why}"
    none = reason != None  # noqa: E711 (element by element)
    numbers = {
        name: v if v is None else np.where(none, np.nan, v) for name, v in (values | {"power_kw": power}).items()
    }
    return numbers | {"asset_id": asset_id, "asset_kind": "flexible_load", "reason": reason}


def _whole_site(problem: Problem, plan: Plan) -> dict[str, Any]:
    site, change, unplanned = plan.site, plan.actions.change_kw, do_nothing(plan.site).change_kw
    limited = np.isfinite(site.limit_kw)
    return {
        "asset_id": WHOLE_SITE,
        "asset_kind": "site",
        "power_kw": site.net_kw + change,
        "default_power_kw": site.net_kw + unplanned,
        "upper_power_kw": site.upper_kw + change,
        "limit_kw": np.where(limited, site.limit_kw, np.nan),
        "limit_asset_ids": [", ".join(sorted(names)) or None for names in problem.assets.limit_names],
        "relaxed_kw": np.where(limited, plan.result.relaxed_kw, np.nan),
        "expected_saving": _demand_saving(plan),
        "expected_saving_kgco2e": None if site.intensity_kg_per_kwh is None else 0.0,
    }


def _value_of_a_kwh(plan: Plan) -> Hours:
    """What a kWh less of net load saved in each hour, on the way from doing nothing to the plan.

    It is the mean of the prices along that way, so that the assets' savings add up to the site's, whichever of them is
    counted first (Aumann & Shapley 1974). Where nothing changes it is the price at the margin.
    """
    site = plan.site
    before, after = site.net_kw + do_nothing(site).change_kw, site.net_kw + plan.actions.change_kw
    margin = np.where(after > 0, site.import_price, site.export_price)
    difference = energy_cost(site, before) - energy_cost(site, after)
    moved = np.abs(before - after) > 10.0**-DIGITS
    return np.asarray(np.divide(difference, before - after, out=margin, where=moved))


def _demand_saving(plan: Plan) -> Hours:
    """What the plan saves of each demand charge, in the hour in which doing nothing has its peak."""
    site, saving = plan.site, np.zeros(plan.site.hours)
    before, after = (site.upper_kw + change for change in (do_nothing(site).change_kw, plan.actions.change_kw))
    for charge in site.demand:
        peaks = [np.max(kw, initial=charge.expected_peak_kw, where=charge.counts) for kw in (before, after)]
        hour = int(np.argmax(np.where(charge.counts, before, -np.inf)))
        saving[hour] += charge.price_per_kw * (peaks[0] - peaks[1])
    return saving
