"""The month's few highest hours against the charge for its peak."""

from __future__ import annotations

import numpy as np

from energy_lib.insights.recommendations.finding import (
    ELECTRICITY,
    Effort,
    Finding,
    Range,
    Recommendation,
    Result,
    Scope,
    Suppressed,
)
from energy_lib.insights.recommendations.meter_year import YEAR_HOURS, MeterYear

LEAST_HOURS = 20 * 24
# Hours of a month whose load would be moved or shed: about the 99.5th, 99th and 98th percentile.
SHAVED_HOURS = (4, 7, 15)


def kernel(year: MeterYear) -> Result:
    rate = year.prices.demand_per_kw_month
    if rate is None:
        return Suppressed("no tariff with a demand charge is known")
    kwh = year.kwh[-YEAR_HOURS:]
    window = np.ones(year.grid.size, bool) if year.prices.demand_window is None else year.prices.demand_window
    month = year.grid.dates[year.grid.day[-YEAR_HOURS:]].astype("datetime64[M]")
    inside = window[-YEAR_HOURS:] & ~np.isnan(kwh)
    peaks, cuts = [], []
    for each in np.unique(month):
        ordered = np.sort(kwh[inside & (month == each)])[::-1]
        if (~np.isnan(kwh[month == each])).sum() >= LEAST_HOURS and len(ordered) > SHAVED_HOURS[-1]:
            peaks.append(float(ordered[0]))
            cuts.append([float(ordered[0] - ordered[hours]) for hours in SHAVED_HOURS])
    if not peaks:
        return Suppressed("no month of the last year is known well enough to tell its peak")
    low, expected, high = (float(v) * 12 * rate for v in np.mean(cuts, axis=0))
    if expected <= 0:
        return None
    return Finding(
        what=f"Seven hours a month raise the charged peak by {expected / 12 / rate:.1f} kW, from "
        f"{np.mean(peaks) - expected / 12 / rate:.1f} to {np.mean(peaks):.1f} kW.",
        assumption="The load of the seven highest hours of each month can be moved or shed; hourly means stand for the "
        "metered peak, which may be higher.",
        evidence={"months": len(peaks), "mean_peak_kw": float(np.mean(peaks)), "rate_per_kw_month": rate},
        strength=0.6,
        interval_is="the four and the fifteen highest hours of each month",
        money=Range(low, expected, high),
        pot="demand_charge",
    )


PEAK_DEMAND = Recommendation(
    name="peak_demand",
    title="Move or shed load in the month's few highest hours",
    looks_at="the highest hours of each month within the demand charge's window",
    kernel=kernel,
    fuels=ELECTRICITY,
    scope=Scope.METER,
    effort=Effort.MEDIUM,
)
