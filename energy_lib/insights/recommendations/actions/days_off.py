"""Weekends and holidays on which the building runs as if it were open; a holiday in progress is counted to its end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from energy_lib.insights.recommendations.finding import (
    OPEN_AT_WEEKENDS,
    ROUND_THE_CLOCK,
    Finding,
    Ongoing,
    Recommendation,
    Result,
    Scope,
    Suppressed,
)
from energy_lib.insights.recommendations.meter_year import YEAR_HOURS, Bools, Floats, MeterYear
from energy_lib.insights.recommendations.rhythm import Rhythm, rhythm

# An hour of a day off counts above this share of the way from the resting to the open level.
RUNNING = 0.25
LEAST_DAYS = 2
# Above this share of its days off, running is a habit, and perhaps meant.
HABIT = 0.8


def excess(year: MeterYear, habit: Rhythm, days: Bools) -> tuple[Floats, Floats]:
    """(n,) kWh above the resting level on `days` (days,) while it runs, and the spread of that level."""
    on = days[year.grid.day]
    level = habit.rest_kw + RUNNING * (habit.open_kw - habit.rest_kw)
    running = on & (year.kwh > level)
    above = np.where(running, year.kwh - habit.rest_kw, 0.0)
    above[np.isnan(year.kwh) | (on & np.isnan(habit.rest_kw))] = np.nan
    return above, np.where(running, np.nan_to_num(habit.spread), 0.0)


def _finding(year: MeterYear, habit: Rhythm, days: Bools, kind: str) -> Finding | None:
    above, spread = excess(year, habit, days)
    last = above[-YEAR_HOURS:]
    ran = np.unique(year.grid.day[-YEAR_HOURS:][last > 0])
    known = days & ~np.isnan(year.daily_kwh)
    known &= np.arange(len(days)) >= len(days) - 365
    if not len(ran):
        return None
    share = len(ran) / max(int(known.sum()), 1)
    return Finding(
        what=f"It ran as if open on {len(ran)} of {int(known.sum())} {kind}s of the last year.",
        assumption=f"Nobody needs the building on {kind}s"
        + ("; as it runs on most of them, ask first." if share > HABIT else "."),
        evidence={
            "days_run": len(ran),
            "days_known": int(known.sum()),
            "rest_kw": float(np.nanmean(habit.rest_kw)),
            "open_kw": float(np.nanmean(habit.open_kw)),
        },
        strength=(0.4 if share > HABIT else 0.8) * (1.0 if year.meter.use else 0.8),
        interval_is="its resting level, a median distance up or down",
        avoidable=above,
        low=np.maximum(0.0, above - spread),
        high=above + spread,
    )


def weekend_kernel(year: MeterYear) -> Result:
    if year.meter.use in OPEN_AT_WEEKENDS:
        return Suppressed(f"a {year.meter.use} is used at weekends")
    habit = rhythm(year)
    if not habit.exists:
        return Suppressed("no daily rhythm: the resting level cannot be told")
    found = _finding(year, habit, year.grid.weekend & ~year.closed & ~year.grid.holiday, "weekend day")
    return None if found is None or found.evidence["days_run"] < LEAST_DAYS else found


def in_progress(year: MeterYear, above: Floats) -> Ongoing | None:
    """The holiday or closure that the last day lies in: so far, and at its rate to its end.

    `above`: (n,) kWh above the resting level. None if the last day is no holiday. Weekends that touch it belong to it.
    """
    off = year.grid.weekend | year.grid.holiday | year.closed
    special = year.grid.holiday | year.closed
    working = np.flatnonzero(~off)
    first = int(working[-1]) + 1 if len(working) else 0
    if not special[first:].any():
        return None
    days_left, ahead = year.closed_days_ahead, year.grid.off_ahead
    if days_left == 0:
        days_left = len(ahead) if ahead.all() else int(np.argmin(ahead))
    hours = (year.grid.day >= first) & ~np.isnan(above)
    if not hours.any():
        return None
    energy = float(above[hours].sum())
    money = above[hours] * year.prices.today[hours]
    cost = None if np.isnan(money).any() else float(money.sum())
    to_end = 24 * days_left / int(hours.sum())
    return Ongoing(
        since=year.grid.dates[first].astype(object),
        days_to_end=days_left,
        energy_kwh=energy,
        energy_to_end_kwh=energy * to_end,
        cost=cost,
        cost_to_end=None if cost is None else cost * to_end,
    )


def holiday_kernel(year: MeterYear) -> Result:
    if year.meter.use in ROUND_THE_CLOCK:
        return Suppressed(f"a {year.meter.use} is used on holidays")
    habit = rhythm(year)
    if not habit.exists:
        return Suppressed("no daily rhythm: the resting level cannot be told")
    days = (year.grid.holiday | year.closed) & ~year.grid.weekend
    finding = _finding(year, habit, days, "holiday")
    if finding is None:
        return None
    now = in_progress(year, excess(year, habit, year.grid.weekend | days | year.closed)[0])
    running = now is not None and now.energy_kwh > 0
    return replace(finding, ongoing=now if running else None, urgency=2.0 if running else 0.5, seasonal=True)


WEEKEND_RUNNING = Recommendation(
    name="weekend_running",
    title="Switch off at weekends",
    looks_at="weekend hours above a quarter of the way from the resting to the open level of their four weeks",
    kernel=weekend_kernel,
    across_fuels=True,
)
HOLIDAY_RUNNING = Recommendation(
    name="holiday_running",
    title="Switch off on holidays and closure days",
    looks_at="public holidays, and closures of silver.events, as weekends are",
    kernel=holiday_kernel,
    scope=Scope.SITE,
    across_fuels=True,
)
