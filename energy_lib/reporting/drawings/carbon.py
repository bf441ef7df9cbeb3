"""Plots of carbon."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from energy_lib.reporting.context import Context
from energy_lib.reporting.pages.carbon import Carbon, by_scope
from energy_lib.reporting.plots.bars import stacked_bars
from energy_lib.reporting.plots.canvas import Tick
from energy_lib.reporting.plots.lines import Line, lines

HOURS = [Tick(float(hour), str(hour)) for hour in range(0, 24, 3)]


def by_month(page: Carbon, context: Context) -> Markup | None:
    """Months stacked by scope."""
    rows = by_scope(page.months.rows)
    if rows.empty:
        return None
    months = [context.words.month(pd.Timestamp(month).date()) for month in rows["month"]]
    scopes = [name for name in rows.columns if name != "month"]
    return stacked_bars(
        context.words.text("Emissions by month and scope, by average intensity and factors"),
        months,
        [(context.words.label(scope), (rows[scope].fillna(0.0) / 1000).tolist()) for scope in scopes],
        unit="tCO2e",
        x_title=context.words.text("month"),
    )


def marginal_by_month(page: Carbon, context: Context) -> Markup | None:
    """Months of the marginal amounts of imports, for themselves."""
    rows = page.marginal.rows
    rows = rows[rows["flow"] == "import"].sort_values("month")
    months = [context.words.month(pd.Timestamp(month).date()) for month in rows["month"]]
    return stacked_bars(
        context.words.text("Energy times marginal intensity by month"),
        months,
        [(context.words.text("marginal"), (rows["marginal_kgco2e"].fillna(0.0) / 1000).tolist())],
        unit="tCO2e",
        x_title=context.words.text("month"),
    )


def by_hour(page: Carbon, context: Context) -> Markup | None:
    """Mean emissions of each local hour, a line a fuel."""
    series = [
        Line(context.words.label(fuel), rows["local_hour"].astype(float).tolist(), rows["emissions_kgco2e"].tolist())
        for fuel, rows in page.by_hour.rows.groupby("fuel")
    ]
    return lines(
        context.words.text("Mean emissions by local hour"),
        series,
        unit="kgCO2e/h",
        x_ticks=HOURS,
        x_title=context.words.text("local hour"),
    )


def intensity(page: Carbon, method: str, context: Context) -> Markup | None:
    """Mean intensity of each local hour, a line a region."""
    rows = page.intensity.rows
    series = [
        Line(str(region), of_region["local_hour"].astype(float).tolist(), of_region["g_per_kwh"].tolist())
        for region, of_region in rows[rows["method"] == method].groupby("region")
    ]
    return lines(
        context.words.label(f"intensity_{method}"),
        series[:5],
        unit="gCO2e/kWh",
        x_ticks=HOURS,
        x_title=context.words.text("local hour"),
    )
