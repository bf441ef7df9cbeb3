"""Base load against the meter's own past, its season a year ago and its own weekends."""

from __future__ import annotations

import bottleneck as bn
import numpy as np

from energy_lib.insights.recommendations.finding import ALL_FUELS, HEATING, Finding, Recommendation, Result, Suppressed
from energy_lib.insights.recommendations.meter_year import BLOCK_DAYS, Bools, Floats, MeterYear

LEAST_DAYS = 14
# An excess counts from this share of the base load, and from so many standard errors of its median.
LEAST_SHARE, LEAST_ERRORS = 0.05, 3.0
# A normal distribution's standard deviation over its median distance from the median, and that of a median over a mean.
PER_MAD, MEDIAN_ERROR = 1.4826, 1.2533


def _level(base: Floats, days: Bools) -> float:
    """Median base load of these days; NaN with fewer than LEAST_DAYS."""
    chosen = base[days & ~np.isnan(base)]
    return float(np.median(chosen)) if len(chosen) >= LEAST_DAYS else float("nan")


def references(year: MeterYear) -> dict[str, float]:
    """kW by what it is held against. Where energy rises with the cold, only the same season a year ago counts."""
    base, grid = year.base_kw, year.grid
    ago = len(grid.dates) - 1 - np.arange(len(grid.dates))
    found = {
        "the same season a year ago": _level(base, (ago >= 365 - BLOCK_DAYS) & (ago < 365 + BLOCK_DAYS)),
    }
    if year.heating is None:
        found["its weekends of the last eight weeks"] = _level(base, (ago < 56) & grid.weekend)
        blocks = [_level(base, grid.block == number) for number in range(1, int(grid.block[0]) + 1)]
        found["its own best four weeks"] = float(bn.nanmin(np.array([np.nan, *blocks])))
    return {name: level for name, level in found.items() if not np.isnan(level)}


def kernel(year: MeterYear) -> Result:
    last = year.base_kw[year.grid.block == 0]
    last = last[~np.isnan(last)]
    held = references(year)
    if len(last) < LEAST_DAYS:
        return Suppressed(f"fewer than {LEAST_DAYS} days of the last four weeks are known")
    if not held:
        return Suppressed("nothing to hold it against: neither its season a year ago nor other weeks are known")
    now = float(np.median(last))
    error = PER_MAD * MEDIAN_ERROR * float(np.median(np.abs(last - now))) / np.sqrt(len(last))
    # Against what it does not exceed there is nothing to gain.
    excess = np.maximum(0.0, now - np.array(list(held.values())))
    expected = float(np.median(excess))
    if expected <= max(LEAST_SHARE * now, LEAST_ERRORS * error):
        return None
    hours = np.ones(year.grid.size)
    strength = 0.4 + 0.5 * float((excess > LEAST_SHARE * now).mean())
    return Finding(
        what=f"The base load is {now:.2f} kW, {expected:.2f} kW above what this meter has managed.",
        assumption="What runs now and did not run then can be switched off.",
        evidence={"base_kw": now, "references_kw": held, "excess_kw": expected, "error_kw": error, "days": len(last)},
        strength=strength,
        interval_is="the least and the greatest excess over the references",
        seasonal=year.heating is not None,
        avoidable=hours * expected,
        low=hours * float(excess.min()),
        high=hours * float(excess.max()),
    )


BASE_LOAD = Recommendation(
    name="base_load",
    title="Find and switch off what was added to the base load",
    looks_at="the mean of the three lowest hours of each day, last four weeks against the meter's own past",
    kernel=kernel,
    # The lowest hours of a heating fuel are heating, which other actions look at.
    fuels=ALL_FUELS - HEATING,
)
