"""Plots and sentences of areas."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from energy_lib.reporting.cells import Column
from energy_lib.reporting.context import Context
from energy_lib.reporting.figure import Figure
from energy_lib.reporting.pages.areas import (
    TENTHS,
    Areas,
    by_area,
    largest,
    named,
    newest_month,
    newest_told,
    of_homes,
    of_power,
    told,
    told_nowhere,
)
from energy_lib.reporting.plots.canvas import Tick
from energy_lib.reporting.plots.lines import Line, lines

# Fewer months are points: a line of one is not seen.
FEWEST_OF_A_LINE = 3
MOST_SENTENCES = 3
FIRST_SIGN = "short_of_energy"
TENTH_COLUMNS = [Column(name, str(n), "percent") for n, name in enumerate(TENTHS, start=1)]


def table_of(page: Areas, kind: str) -> Figure:
    """The rows of a table: use (of all that is told), supply (of electricity), tenths (of homes), need, or private."""
    if kind == "private":
        return page.private.showing(named(page.private.rows, page.known.rows))
    if kind == "need":
        return page.indicators.showing(named(by_area(page.indicators.rows), page.known.rows))
    rows = told(newest_month(page.summaries.rows))
    rows = {"use": lambda: rows, "supply": lambda: of_power(rows), "tenths": lambda: of_homes(rows)}[kind]()
    rows = named(rows, page.known.rows).sort_values(["category", "fuel", "flow"], kind="stable")
    return page.summaries.showing(rows)


def month_of(figure: Figure, context: Context) -> str:
    """The month of a table of one month."""
    return "–" if figure.empty else context.words.month(pd.Timestamp(figure.rows["month"].iloc[0]).date())


def signs(page: Areas, context: Context) -> list[Column]:
    """A column for each sign that is told, with its month."""
    months = newest_told(page.indicators.rows)
    order = [name for name in (FIRST_SIGN, *sorted(set(months) - {FIRST_SIGN})) if name in months]
    titles = {name: f"{context.words.label(name)}, {context.words.month(months[name].date())}" for name in order}
    return [Column(name, title, "percent", of=f"{name}_homes") for name, title in titles.items()]


def said_nowhere(page: Areas, context: Context) -> str:
    """What no area tells: commodities of the newest month, and indicators of all months."""
    label, rows = context.words.label, page.indicators.rows
    parts = [
        f"{label(category)}: {label(fuel)}, {label(flow)}"
        for category, fuel, flow in told_nowhere(newest_month(page.summaries.rows))
    ]
    never = sorted(set(rows["indicator"]) - set(newest_told(rows)))
    return "; ".join([*parts, *map(label, never)])


def findings(page: Areas, context: Context) -> list[str]:
    """A sentence for each area that lies in no other, the one of most homes first."""
    words, rows = context.words, table_of(page, "need").rows
    if "short_of_energy" not in rows or rows["short_of_energy"].isna().all():
        return []
    month = words.month(newest_told(page.indicators.rows)["short_of_energy"].date())
    tops = rows[rows["parent_area_id"].isna() & rows["short_of_energy"].notna()]
    said = words.text(
        "%(area)s, %(month)s: %(share)s of the %(homes)s homes that could be judged show signs of being short of "
        "energy."
    )
    return [
        said
        % {
            "area": top["area"],
            "month": month,
            "share": words.percent(top["short_of_energy"]),
            "homes": words.number(top["short_of_energy_homes"]),
        }
        for _, top in tops.sort_values("short_of_energy_homes", ascending=False).head(MOST_SENTENCES).iterrows()
    ]


def energy_by_month(page: Areas, context: Context) -> Markup | None:
    """Electricity for each metered household by month, a line an area."""
    rows = named(of_homes(page.summaries.rows), page.known.rows)
    shown = largest(rows, "meters", "energy_per_meter_kwh")
    label = context.words.text("Electricity for each metered household by month, in the largest areas")
    return _months(rows, shown, "energy_per_meter_kwh", 1.0, label, "kWh", context)


def need_by_month(page: Areas, context: Context) -> Markup | None:
    """Share of homes with signs of being short of energy by month, a line an area."""
    rows = page.indicators.rows[page.indicators.rows["indicator"] == "short_of_energy"]
    rows = named(rows, page.known.rows)
    label = context.words.text("Share of homes short of energy by month, in the largest areas")
    return _months(rows, largest(rows, "homes", "share"), "share", 100.0, label, "%", context)


def _months(
    rows: pd.DataFrame, shown: list[str], value: str, scale: float, label: str, unit: str, context: Context
) -> Markup | None:
    months = sorted({pd.Timestamp(month).date() for month in rows["month"]})
    series = []
    for area in shown:
        own = rows[rows["area_id"] == area].sort_values("month")
        at = [float(pd.Timestamp(month).toordinal()) for month in own["month"]]
        amounts = (own[value].astype(float) * scale).tolist()
        series.append(Line(str(own["area"].iloc[0]), at, amounts, dots=len(months) < FEWEST_OF_A_LINE))
    if not series:
        return None
    step = -(-len(months) // 6)
    ticks = [Tick(float(month.toordinal()), context.words.month(month)) for month in months[::step]]
    return lines(label, series, unit=unit, x_ticks=ticks, x_title=context.words.text("month"))


def tenths(page: Areas, context: Context) -> Markup | None:
    """Share of the energy that each tenth of the homes uses, the lowest first; a line an area."""
    rows = table_of(page, "tenths").rows
    text = context.words.text
    series = []
    for area in largest(rows, "meters", TENTHS[0]):
        own = rows[rows["area_id"] == area].iloc[0]
        shares = [100 * float(own[name]) for name in TENTHS]
        series.append(Line(str(own["area"]), [float(n) for n in range(1, 11)], shares))
    if not series:
        return None
    return lines(
        text("Share of the electricity that each tenth of the homes uses"),
        series,
        unit="%",
        x_ticks=[Tick(float(n), str(n)) for n in range(1, 11)],
        x_title=text("tenth of the homes, the lowest first"),
    )
