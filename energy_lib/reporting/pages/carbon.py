"""Emissions by month, scope and hour; marginal amounts are for decisions, and in no total."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from energy_lib.reporting.figure import Figure


@dataclass(frozen=True)
class Carbon:
    """Frames as energy_lib.reporting.reading.carbon queries them."""

    months: Figure
    first_statement: Figure
    marginal: Figure
    restated: Figure
    by_hour: Figure
    intensity: Figure
    factors: Figure
    sites: Figure


def by_scope(months: pd.DataFrame) -> pd.DataFrame:
    """`month`, and a column a scope with its kgCO2e: imports alone, null where nothing is known; the oldest first."""
    imports = months[months["flow"] == "import"]
    sums = imports.groupby(["month", "scope"])["emissions_kgco2e"].sum(min_count=1).unstack("scope")
    return sums.sort_index().reset_index()
