"""An agreed capacity that no peak comes near."""

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

LEAST_DAYS = 300
# What the highest hour needs: the quarter of an hour within it may be higher. And the ends of the interval.
MARGIN, LOW_MARGIN, HIGH_MARGIN = 1.2, 1.4, 1.1


def kernel(year: MeterYear) -> Result:
    agreed = year.meter.agreed_capacity_kw
    if agreed is None:
        return Suppressed("no agreed capacity is known")
    if year.known_days < LEAST_DAYS:
        return Suppressed(f"fewer than {LEAST_DAYS} days of the last year are known")
    peak = float(np.nanmax(year.kwh[-YEAR_HOURS:]))
    low, spare, high = (max(0.0, agreed - margin * peak) for margin in (LOW_MARGIN, MARGIN, HIGH_MARGIN))
    if spare <= 0:
        return None
    tariff = year.prices.tariff
    rate = None if tariff is None else tariff.capacity_per_kw_month
    if rate is None:
        return Suppressed(f"{spare:.0f} kW of {agreed:.0f} kW are spare, and no tariff with a charge for them is known")
    return Finding(
        what=f"The agreed capacity is {agreed:.0f} kW, and the highest hour of the year was {peak:.0f} kW.",
        assumption="The network agrees to less, the highest quarter of an hour is within a fifth of the highest hour, "
        "and no load is added.",
        evidence={"agreed_kw": agreed, "peak_kw": peak, "spare_kw": spare, "rate_per_kw_month": rate},
        strength=0.9,
        interval_is="two fifths and a tenth above the highest hour in place of a fifth",
        money=Range(low * rate * 12, spare * rate * 12, high * rate * 12),
        pot="capacity_charge",
    )


AGREED_CAPACITY = Recommendation(
    name="agreed_capacity",
    title="Agree a lower capacity with the network",
    looks_at="the highest hour of the last year against agreed_capacity_kw",
    kernel=kernel,
    fuels=ELECTRICITY,
    scope=Scope.METER,
    effort=Effort.MEDIUM,
)
