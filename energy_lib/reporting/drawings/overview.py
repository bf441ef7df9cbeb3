"""Plots of the overview."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from energy_lib.reporting.action_words import lines as action_lines
from energy_lib.reporting.context import Context
from energy_lib.reporting.pages.overview import (
    Money,
    Overview,
    change_share,
    counts_by_severity,
    imports,
    total,
    total_by_currency,
    with_state,
)
from energy_lib.reporting.plots.clock import hours_since_epoch, midnights
from energy_lib.reporting.plots.lines import Band, Line, lines

# Templates reach the page's kernels through this module.
__all__ = [
    "change_share", "counts_by_severity", "forecast_note", "fuels", "headline", "imports", "week_and_next_day",
    "with_state",
]  # fmt: skip
# Hours with a larger share of estimates are marked.
MARK_FROM = 0.05


def week_and_next_day(page: Overview, fuel: str, context: Context) -> Markup | None:
    """The last seven days' hours of a fuel, and the forecast of the next with its bands."""
    text = context.words.text
    past = page.recent.rows[page.recent.rows["fuel"] == fuel]
    ahead = page.next_day.rows[page.next_day.rows["fuel"] == fuel]
    at, then = hours_since_epoch(past["interval_start_utc"]), hours_since_epoch(ahead["interval_start_utc"])
    imputed = past["imputed_share"].fillna(0.0).to_numpy() > MARK_FROM
    marks = Line(text("partly estimated"), _picked(at, imputed), _picked(past["energy_kwh"].tolist(), imputed))
    instants = pd.concat([past["interval_start_utc"], ahead["interval_start_utc"]])
    if instants.empty:
        return None
    return lines(
        text("Hourly %(fuel)s of the last week, and its forecast") % {"fuel": context.words.label(fuel)},
        [
            Line(text("read"), at, past["energy_kwh"].astype(float).tolist()),
            Line(text("forecast (median)"), then, ahead["own_p50"].tolist()),
        ],
        unit="kWh/h",
        x_ticks=midnights(instants.min(), instants.max(), context.zone, context.words.short_day),
        x_title=context.zone,
        bands=[
            Band(text("8 of 10 outcomes"), then, ahead["p10"].tolist(), ahead["p90"].tolist()),
            Band(text("5 of 10 outcomes"), then, ahead["p25"].tolist(), ahead["p75"].tolist()),
        ],
        marks=[marks],
    )


def _picked(values: list[float], which: object) -> list[float]:
    return [value for value, chosen in zip(values, which, strict=True) if chosen]  # type: ignore[call-overload]


def fuels(page: Overview) -> list[str]:
    """Fuels that have hours or a forecast."""
    return sorted({*page.recent.rows["fuel"], *page.next_day.rows["fuel"]})


def forecast_note(page: Overview, fuel: str, context: Context) -> str:
    """The day's total and what made it, in a sentence."""
    ahead = page.next_day.rows[page.next_day.rows["fuel"] == fuel]
    if ahead.empty:
        return context.words.text("There is no forecast of this night.")
    first = ahead.iloc[0]
    said = context.words.text("Sum of the hourly medians: %(kwh)s kWh, by %(model)s %(version)s.") % {
        "kwh": context.words.number(float(ahead["own_p50"].sum())),
        "model": context.words.label(first["model_name"]),
        "version": first["model_version"] if first["model_version"] != first["model_name"] else "",
    }
    return str(said).replace(" .", ".")


def headline(page: Overview, context: Context) -> str:
    """What the report found, in one sentence that starts with what happened."""
    words, text = context.words, context.words.text
    rows = imports(page.yesterday.rows)
    energy = total(rows, "energy_kwh")
    parts = {
        "day": words.day(context.as_of.yesterday),
        "meters": int(rows["meters"].sum()),
        "kwh": text("not known") if energy is None else words.number(energy),
        "cost": _money(total_by_currency(rows, "cost"), context),
        "carbon": text("not known") if (kg := total(rows, "emissions_kgco2e")) is None else words.number(kg),
        "wrong": len(page.wrong.rows),
        "actions": len(page.to_do.rows),
    }
    said = text(
        "On %(day)s, %(meters)s meters used %(kwh)s kWh (%(cost)s, %(carbon)s kgCO2e); open events: %(wrong)s, "
        "recommended actions: %(actions)s."
    )
    valued = page.to_do.rows[page.to_do.rows["cost_per_year"].notna()]
    if not valued.empty:
        first = valued.iloc[0]
        said = said.rstrip(".") + text("; the first saves %(saving)s a year: %(title)s (%(place)s).")
        parts["saving"] = f"{words.number(float(first['cost_per_year']))} {first['currency']}"
        parts["title"] = action_lines(first["action"]).title(words)
        parts["place"] = first["scope_id"]
    return said % parts


def _money(sums: list[Money], context: Context) -> str:
    if not sums:
        return context.words.text("cost not known")
    return " + ".join(f"{context.words.number(each.amount)} {each.currency}" for each in sums)
