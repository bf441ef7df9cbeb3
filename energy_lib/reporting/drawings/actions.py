"""Plots of the actions."""

from __future__ import annotations

import math
from typing import Any

from markupsafe import Markup

from energy_lib.reporting.action_words import lines as action_lines
from energy_lib.reporting.context import Context
from energy_lib.reporting.pages.actions import Actions, plan_by_asset, totals
from energy_lib.reporting.plots.intervals import Row, intervals

__all__ = ["before_and_after", "choices", "plan_by_asset", "totals"]

MOST = 20
NAN = math.nan


def choices(page: Actions, column: str, context: Context) -> list[tuple[str, str]]:
    """The values of a column that a filter offers, with their names, in the order of the names."""
    values = {str(value) for value in page.offered.rows[column].dropna()}
    named = action_title if column == "action" else (lambda value, ctx: str(ctx.words.label(value)))
    return sorted(((value, named(value, context)) for value in values), key=lambda pair: pair[1])


def action_title(action: str, context: Context) -> str:
    return action_lines(action).title(context.words)


def before_and_after(page: Actions, context: Context) -> Markup | None:
    """What done actions saved, with the interval, beside what they promised."""
    text = context.words.text
    rows = [_row(row, context) for row in page.done.records()[:MOST] if row["avoided_kwh"] is not None]
    return intervals(
        text("Measured saving of the actions done, beside the promise"),
        rows,
        unit=text("kWh since it was done"),
        value=text("measured, with its 90 % interval"),
        mark=text("promised"),
    )


def _row(row: dict[str, Any], context: Context) -> Row:
    value, low, high, mark = (
        NAN if row[key] is None else float(row[key])
        for key in ("avoided_kwh", "avoided_kwh_low", "avoided_kwh_high", "expected_kwh")
    )
    return Row(f"{action_title(row['action'], context)} ({row['scope_id']})", value, low, high, mark)
