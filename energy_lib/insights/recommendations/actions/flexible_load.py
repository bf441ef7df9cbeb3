"""Load that could move within its day to cheaper hours, and what that does to emissions."""

from __future__ import annotations

import numpy as np

from energy_lib.insights.recommendations.finding import (
    ELECTRICITY,
    Effort,
    Finding,
    Range,
    Recommendation,
    Result,
    Suppressed,
)
from energy_lib.insights.recommendations.meter_year import Floats, Ints, MeterYear

# Hours of a day it leaves and enters, and the share of the load above the base that can move; the ends of its interval.
HOURS = 4
SHARE, LOW_SHARE, HIGH_SHARE = 0.10, 0.05, 0.15
LEAST_SHARE_OF_BILL = 0.002


def _moved(values: Floats, order: Ints, energy: Floats) -> float:
    """What a day's energies (days,), taken from the HOURS dearest hours by `order` (days, 24), gain at the cheapest."""
    by_price = np.take_along_axis(values, order, axis=1)
    return float(np.nansum(energy * (by_price[:, -HOURS:].mean(axis=1) - by_price[:, :HOURS].mean(axis=1))))


def kernel(year: MeterYear) -> Result:
    price = year.grid.matrix(year.prices.today)[-365:]
    kwh = year.matrix[-365:]
    whole = ~(np.isnan(price).any(axis=1) | np.isnan(kwh).any(axis=1))
    if int(whole.sum()) < 28:
        return Suppressed("no price by the hour is known on 28 days that are read")
    price, kwh, base = price[whole], kwh[whole], year.base_kw[-365:][whole]
    order = np.argsort(price, axis=1, kind="stable").astype(np.int64)
    dearest = np.take_along_axis(kwh, order, axis=1)[:, -HOURS:]
    above = np.maximum(0.0, dearest - base[:, None]).sum(axis=1)
    energy = SHARE * above
    known = year.flexible_kwh_per_day
    if known is not None:
        energy = np.minimum(known, dearest.sum(axis=1))
    scale = 365 / int(whole.sum())
    money = _moved(price, order, energy) * scale
    bill = float((price * kwh).sum()) * scale
    if money <= LEAST_SHARE_OF_BILL * abs(bill):
        return None
    intensity, marginal = (year.grid.matrix(each)[-365:][whole] for each in (year.intensity_kg, year.marginal_kg))
    carbon = None if np.isnan(intensity).any() else _moved(intensity, order, energy) * scale
    at_margin = None if np.isnan(marginal).any() else _moved(marginal, order, energy) * scale
    low, high = (1.0, 1.0) if known is not None else (LOW_SHARE / SHARE, HIGH_SHARE / SHARE)
    moved = (
        "the flexible loads of silver.assets" if known is not None else "a tenth of what it uses above its base load"
    )
    return Finding(
        what=f"{float(energy.mean()):.1f} kWh a day could move from the {HOURS} dearest to the {HOURS} cheapest hours.",
        assumption=f"It can move {moved}, within the day.",
        evidence={"moved_kwh_per_day": float(energy.mean()), "days": int(whole.sum()), "hours": HOURS},
        strength=0.7 if known is not None else 0.3,
        interval_is="a twentieth and three twentieths in place of a tenth"
        if known is None
        else "none: the loads are known",
        money=Range(money * low, money, money * high),
        pot="unit_rates",
        carbon_kg=None if carbon is None else Range(low, 1.0, high).scaled(carbon),
        marginal_kg=at_margin,
    )


FLEXIBLE_LOAD = Recommendation(
    name="flexible_load",
    title="Move load to cheaper hours of the day",
    looks_at="load above the base in the four dearest hours of each day, at the price of the four cheapest",
    kernel=kernel,
    fuels=ELECTRICITY,
    effort=Effort.MEDIUM,
)
