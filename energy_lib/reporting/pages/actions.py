"""The actions: ranked, with their states, and what those that were done saved."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from energy_lib.reporting.figure import Figure


@dataclass(frozen=True)
class Actions:
    """Frames of one night's list, as energy_lib.reporting.reading.actions queries them."""

    offered: Figure
    done: Figure
    suppressed: Figure
    plan: Figure


def totals(offered: pd.DataFrame) -> pd.DataFrame:
    """What the ranked actions save together by currency, each kWh counted once; nothing known is null, not zero."""
    ranked = offered[offered["priority_rank"].notna()]
    columns = ["counted_energy_kwh_per_year", "counted_cost_per_year", "counted_carbon_kg_per_year"]
    return ranked.groupby("currency", dropna=False)[columns].sum(min_count=1).reset_index()


def plan_by_asset(plan: pd.DataFrame) -> pd.DataFrame:
    """A row an asset: in how many hours the plan differs from doing nothing, and what it saves; null without a plan."""
    if plan.empty:
        return pd.DataFrame(columns=["site_id", "asset_id", "asset_kind", "hours", "changed_hours", "currency",
                                     "expected_saving", "expected_saving_kgco2e", "reason"])  # fmt: skip
    changed = (plan["power_kw"] - plan["default_power_kw"]).abs() > 1e-6
    grouped = plan.assign(changed=changed).groupby(["site_id", "asset_id", "asset_kind"], sort=False, dropna=False)
    return grouped.agg(
        hours=("interval_start_utc", "size"),
        changed_hours=("changed", "sum"),
        currency=("currency", "first"),
        expected_saving=("expected_saving", lambda each: each.sum(min_count=1)),
        expected_saving_kgco2e=("expected_saving_kgco2e", lambda each: each.sum(min_count=1)),
        reason=("reason", "first"),
    ).reset_index()
