"""Plots of savings."""

from __future__ import annotations

import math

import pandas as pd
from markupsafe import Markup

from energy_lib.reporting.context import Context
from energy_lib.reporting.pages.savings import ALL, Savings, cumulated, project_ids
from energy_lib.reporting.plots.clock import day_ticks
from energy_lib.reporting.plots.intervals import Row, intervals
from energy_lib.reporting.plots.lines import Line, lines

# As many lines as can be told apart; a table has all.
MOST_LINES = 5
MOST_ROWS = 25


def beside_promise(page: Savings, context: Context) -> Markup | None:
    """Each project's saving with its interval, beside what was promised for the same days."""
    text = context.words.text
    rows = [
        Row(
            text("all projects") if row["project_id"] == ALL else f"{row['project_id']}",
            *(
                math.nan if row[key] is None else float(row[key])
                for key in ("avoided_kwh", "avoided_kwh_low", "avoided_kwh_high", "expected_kwh")
            ),
        )
        for row in page.projects.records()[:MOST_ROWS]
        if row["avoided_kwh"] is not None
    ]
    return intervals(
        text("Measured saving of each project beside its promise"),
        rows,
        unit=text("kWh avoided since the reporting began"),
        value=text("measured, with its 90 % interval"),
        mark=text("promised"),
    )


def over_time(page: Savings, context: Context) -> Markup | None:
    """The saving summed up over the days, of the projects that saved most."""
    sums = page.days.rows.groupby("project_id")["avoided_kwh"].sum().sort_values(ascending=False)
    shown = [project for project in sums.index[:MOST_LINES] if project in project_ids(page.days.rows)]
    series, days = [], set()
    for project in shown:
        own = cumulated(page.days.rows, project)
        moments = [pd.Timestamp(day).date() for day in own["local_day"]]
        days.update(moments)
        series.append(Line(str(project), [float(day.toordinal()) for day in moments], own["avoided_kwh"].tolist()))
    if not series:
        return None
    text = context.words.text
    return lines(
        text("Saving of the projects, summed up over the days"),
        series,
        unit="kWh",
        x_ticks=day_ticks(sorted(days), context.words.short_day),
        x_title=text("local day"),
    )
