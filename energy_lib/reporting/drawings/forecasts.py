"""Plots of forecast quality."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pandas as pd
from markupsafe import Markup

from energy_lib.reporting.context import Context
from energy_lib.reporting.pages.forecasts import MODEL, Forecasts, calibration, wape_by
from energy_lib.reporting.plots.canvas import Tick
from energy_lib.reporting.plots.clock import day_ticks
from energy_lib.reporting.plots.lines import Line, lines, numeric_ticks

A_MONDAY = date(2024, 1, 1)


def _name(name: str, version: str, context: Context) -> str:
    return context.words.label(name) if name == version else f"{context.words.label(name)} {version}"


def _lines(rows: pd.DataFrame, x: str, y: str, context: Context) -> list[Line]:
    """A line a model, the model before the naive ones."""
    models = {(str(name), str(version)) for name, version in zip(*(rows[key] for key in MODEL), strict=True)}
    found = []
    for name, version in sorted(models, key=lambda model: (model[0].startswith("seasonal_naive"), model)):
        own = rows[(rows["model_name"] == name) & (rows["model_version"] == version)]
        found.append(Line(_name(name, version, context), own[x].astype(float).tolist(), (own[y] * 100).tolist()))
    return found[:5]


def _wape(page: Forecasts, column: str, ticks: Sequence[Tick] | None, title: str, context: Context) -> Markup | None:
    slices = page.slices.rows[page.slices.rows["run_kind"] == page.run_kind]
    rows = wape_by(slices, column)
    return lines(
        context.words.text("WAPE of each model by %(what)s") % {"what": title},
        _lines(rows, column, "wape", context),
        unit="WAPE, %",
        x_ticks=ticks or numeric_ticks(rows[column].astype(float).tolist()),
        x_title=title,
    )


def by_horizon(page: Forecasts, context: Context) -> Markup | None:
    return _wape(page, "horizon_hours", None, context.words.text("hours ahead"), context)


def by_hour(page: Forecasts, context: Context) -> Markup | None:
    ticks = [Tick(float(hour), str(hour)) for hour in range(0, 24, 3)]
    return _wape(page, "local_hour", ticks, context.words.text("local hour"), context)


def by_weekday(page: Forecasts, context: Context) -> Markup | None:
    days = [A_MONDAY + timedelta(days=n) for n in range(7)]
    ticks = [Tick(float(day.isoweekday()), context.words.weekday(day)) for day in days]
    return _wape(page, "weekday", ticks, context.words.text("local weekday"), context)


def by_day(page: Forecasts, context: Context) -> Markup | None:
    """The published score of each origin day."""
    rows = page.days.rows[page.days.rows["run_kind"] == page.run_kind]
    if rows.empty:
        return None
    days = [pd.Timestamp(day).date() for day in rows["origin_day"]]
    rows = rows.assign(at=[float(day.toordinal()) for day in days])
    return lines(
        context.words.text("WAPE of each model by origin day"),
        _lines(rows, "at", "wape", context),
        unit="WAPE, %",
        x_ticks=day_ticks(sorted(set(days)), context.words.short_day),
        x_title=context.words.text("origin day"),
    )


def calibrated(page: Forecasts, context: Context) -> Markup | None:
    """How often the actual came out at or below each quantile, beside what the quantile says."""
    slices = page.slices.rows[page.slices.rows["run_kind"] == page.run_kind]
    if slices.empty:
        return None
    rows = calibration(slices)
    text = context.words.text
    levels = sorted({100 * said for said in rows["said"]})
    series = _lines(rows.assign(said=rows["said"] * 100), "said", "came", context)
    return lines(
        text("Share of hours at or below each quantile, beside what it says"),
        [*series[:4], Line(text("as said"), levels, levels)],
        unit=text("came out, %"),
        x_ticks=[Tick(level, f"{level:g}") for level in levels],
        x_title=text("said by the quantile, %"),
    )
