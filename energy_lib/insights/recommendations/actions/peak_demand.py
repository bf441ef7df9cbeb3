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
from energy_lib.insights.recommendations.meter_year import YEAR_HOURS, Bools, Floats, MeterYear

LEAST_HOURS = 20 * 24
# Hours of a month whose load would be moved or shed: about the 99.5th, 99th and 98th percentile.
SHAVED_HOURS = (4, 7, 15)


def monthly_peaks(year: MeterYear, window: Bools) -> Floats | None:
    """(months, 4): the highest hour within the window, and what is left of it without SHAVED_HOURS; None: no month."""
    kwh = year.kwh[-YEAR_HOURS:]
    month = year.grid.dates[year.grid.day[-YEAR_HOURS:]].astype("datetime64[M]")
    inside = window[-YEAR_HOURS:] & ~np.isnan(kwh)
    peaks = []
    for each in np.unique(month):
        ordered = np.sort(kwh[inside & (month == each)])[::-1]
        if (~np.isnan(kwh[month == each])).sum() >= LEAST_HOURS and len(ordered) > SHAVED_HOURS[-1]:
            peaks.append([ordered[hours] for hours in (0, *SHAVED_HOURS)])
    return np.array(peaks) if peaks else None


def kernel(year: MeterYear) -> Result:
    tariff = year.prices.tariff
    if tariff is None or not tariff.demands:
        return Suppressed("no tariff with a charge for peaks is known")
    charged = max(tariff.demands, key=lambda demand: demand.rate_per_kw_month)
    found = [monthly_peaks(year, demand.window) for demand in tariff.demands]
    if any(peaks is None for peaks in found):
        return Suppressed("no month of the last year is known well enough to tell its peak")
    saved = np.zeros(3)
    for demand, peaks in zip(tariff.demands, found, strict=True):
        if peaks is not None:
            saved += (peaks[:, :1] - peaks[:, 1:]).mean(axis=0) * 12 * demand.rate_per_kw_month
    low, expected, high = map(float, saved)
    if expected <= 0:
        return None
    peaks = monthly_peaks(year, charged.window)
    assert peaks is not None
    highest, shaved = float(peaks[:, 0].mean()), float(peaks[:, 2].mean())
    return Finding(
        what=f"Seven hours a month raise the charged peak from {shaved:.1f} to {highest:.1f} kW.",
        assumption="The load of the seven highest hours of each month can be moved or shed; hourly means stand for the "
        "metered peak, which may be higher.",
        evidence={
            "months": len(peaks),
            "mean_peak_kw": highest,
            "without_seven_hours_kw": shaved,
            "rates_per_kw_month": [demand.rate_per_kw_month for demand in tariff.demands],
        },
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
