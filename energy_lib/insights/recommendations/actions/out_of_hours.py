"""Evenings and nights of working days on which the building ran as if it were open."""

from __future__ import annotations

import numpy as np

from energy_lib.insights.recommendations.finding import ROUND_THE_CLOCK, Finding, Recommendation, Result, Suppressed
from energy_lib.insights.recommendations.meter_year import YEAR_HOURS, MeterYear
from energy_lib.insights.recommendations.rhythm import rhythm

# A closed hour ran as if open above this share of the way from its usual level to the open one.
RUNNING = 0.5
LEAST_HOURS = 6


def kernel(year: MeterYear) -> Result:
    if year.meter.use in ROUND_THE_CLOCK:
        return Suppressed(f"a {year.meter.use} is used round the clock")
    habit = rhythm(year)
    if not habit.exists:
        return Suppressed("no daily rhythm: closed hours cannot be told from open ones")
    closed = habit.closed & year.workday[year.grid.day]
    running = closed & (year.kwh > habit.usual + RUNNING * (habit.open_kw - habit.usual))
    hours = int(running[-YEAR_HOURS:].sum())
    if hours < LEAST_HOURS:
        return None
    above = np.where(running, year.kwh - habit.usual, 0.0)
    unknown = np.isnan(year.kwh) | np.isnan(habit.usual)
    above[unknown] = np.nan
    spread = np.where(running, habit.spread, 0.0)
    return Finding(
        what=f"On working days it ran as if open in {hours} closed hours of the last year.",
        assumption="Nobody needs the building in hours in which it usually rests.",
        evidence={
            "hours": hours,
            "nights": len(np.unique(year.grid.day[-YEAR_HOURS:][running[-YEAR_HOURS:]])),
            "usual_kw": float(np.nanmean(habit.usual[running])),
            "ran_at_kw": float(np.mean(year.kwh[running])),
        },
        strength=0.8 if year.meter.use else 0.6,
        interval_is="its usual level in those hours, a median distance up or down",
        avoidable=above,
        low=np.maximum(0.0, above - spread),
        high=above + spread,
    )


OUT_OF_HOURS = Recommendation(
    name="out_of_hours",
    title="Switch off in the evening and at night",
    looks_at="closed hours of working days, told from each four weeks' median working day",
    kernel=kernel,
)
