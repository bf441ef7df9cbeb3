"""Heating that starts earlier on a mild day than it did on colder ones.

Optimum start: the milder the day, the shorter the warm-up (CIBSE Guide H, building control systems). A plant that
managed to start at an hour on a colder day need not start before it on a milder one.
"""

from __future__ import annotations

import numpy as np

from energy_lib.insights.recommendations.finding import HEATING, Finding, Recommendation, Result, Suppressed
from energy_lib.insights.recommendations.meter_year import DAY_HOURS, Floats, MeterYear

LAST_START = 12
# It has started in the hour that first takes this share of the way from the day's base to its morning's peak.
STARTED = 0.5
# A morning is a start if its peak exceeds the base by this factor.
LEAST_PEAK = 1.5
LEAST_DAYS = 30
LEAST_COLDER = 10
# Of the starts on days as cold or colder: the hour that is taken as enough, and the ends of its interval.
ENOUGH, LOW, HIGH = 0.75, 0.5, 0.9


def starts(year: MeterYear) -> Floats:
    """(days,): hour in which heating starts on working days, NaN where it does not, or not enough is known."""
    morning = year.matrix[:, :LAST_START]
    known = (~np.isnan(year.matrix)).sum(axis=1) >= DAY_HOURS
    filled = np.nan_to_num(morning, nan=-1.0)
    peak = filled.max(axis=1)
    on = filled >= (year.base_kw + STARTED * (peak - year.base_kw))[:, None]
    heats = known & year.workday & (peak > LEAST_PEAK * np.nan_to_num(year.base_kw)) & ~np.isnan(morning).any(axis=1)
    return np.where(heats, on.argmax(axis=1), np.nan)


def enough(start: Floats, temperature_c: Floats, share: float) -> Floats:
    """(days,): the hour by which this share of the starts on colder days lay; NaN with fewer than LEAST_COLDER."""
    out = np.full(len(start), np.nan)
    usable = np.flatnonzero(~np.isnan(start) & ~np.isnan(temperature_c))
    order = usable[np.argsort(temperature_c[usable], kind="stable")]
    # (days in order, hours): how many of the colder days had started by each hour.
    by_hour = np.cumsum(start[order][:, None] <= np.arange(LAST_START), axis=0)
    colder = np.arange(1, len(order))
    reached = by_hour[:-1] >= share * colder[:, None]
    out[order[1:]] = np.where(colder >= LEAST_COLDER, reached.argmax(axis=1), np.nan)
    return out


def kernel(year: MeterYear) -> Result:
    if np.isnan(year.daily_c).all():
        return Suppressed("no temperature at the meter's weather location")
    start = starts(year)
    days = int((~np.isnan(start)).sum())
    if days < LEAST_DAYS:
        return Suppressed(f"fewer than {LEAST_DAYS} mornings on which heating starts are known")
    claims = []
    for share in (LOW, ENOUGH, HIGH):
        until = enough(start, year.daily_c, share)[year.grid.day]
        early = (year.grid.hour >= start[year.grid.day]) & (year.grid.hour < until)
        above = np.maximum(0.0, year.kwh - year.base_kw[year.grid.day])
        claims.append(np.where(np.isnan(year.kwh), np.nan, np.where(early, above, 0.0)))
    low, expected, high = claims
    early_days = np.unique(year.grid.day[expected > 0])
    if not len(early_days):
        return None
    needed = enough(start, year.daily_c, ENOUGH)
    return Finding(
        what=f"On {len(early_days)} of {days} mornings it started earlier than on colder ones.",
        assumption="A milder morning needs no longer warm-up than a colder one did.",
        evidence={
            "mornings": days,
            "early_mornings": len(early_days),
            "mean_start_hour": float(np.nanmean(start[early_days])),
            "enough_hour": float(np.nanmean(needed[early_days])),
        },
        strength=0.6,
        interval_is="the median and the latest tenth of the starts on colder days in place of the latest quarter",
        avoidable=expected,
        low=low,
        high=high,
        seasonal=True,
    )


EARLY_START = Recommendation(
    name="early_start",
    title="Start the heating later on mild mornings",
    looks_at="the first hour of heating of each working day, against that of colder days",
    kernel=kernel,
    fuels=HEATING,
)
