"""Another tariff for the same year of use."""

from __future__ import annotations

import numpy as np

from energy_lib.insights.recommendations.actions.peak_demand import monthly_peaks
from energy_lib.insights.recommendations.finding import (
    Effort,
    Finding,
    Range,
    Recommendation,
    Result,
    Scope,
    Suppressed,
)
from energy_lib.insights.recommendations.meter_year import YEAR_HOURS, Floats, MeterYear
from energy_lib.insights.recommendations.prices import Tariff

LEAST_SHARE = 0.02
AT_90_PERCENT = 1.645


def weekly_costs(year: MeterYear, tariff: Tariff) -> Floats | None:
    """(weeks,): unit and standing costs of the weeks of the last year that are known by half; None: no price."""
    kwh = year.kwh[-YEAR_HOURS:][-52 * 168 :].reshape(52, 168)
    price = tariff.today[-YEAR_HOURS:][-52 * 168 :].reshape(52, 168)
    known = ~np.isnan(kwh)
    if np.isnan(price[known]).any():
        return None
    whole = known.sum(axis=1) >= 84
    cost = np.where(known, kwh * price, 0.0).sum(axis=1)[whole] * 168 / known.sum(axis=1)[whole]
    return np.asarray(cost + 7 * tariff.standing_per_day)


def fixed_costs(year: MeterYear, tariff: Tariff) -> float | None:
    """Demand and capacity charges of a year; None where they cannot be told."""
    total = 0.0
    for demand in tariff.demands:
        peaks = monthly_peaks(year, demand.window)
        if peaks is None:
            return None
        total += float(peaks[:, 0].mean()) * 12 * demand.rate_per_kw_month
    if tariff.capacity_per_kw_month is not None:
        if year.meter.agreed_capacity_kw is None:
            return None
        total += year.meter.agreed_capacity_kw * 12 * tariff.capacity_per_kw_month
    return total


def kernel(year: MeterYear) -> Result:
    mine = year.prices.tariff
    if mine is None:
        return Suppressed("the meter's own tariff is not known")
    if not year.prices.others:
        return Suppressed("no other tariff is known that a meter of its fuel, use, currency and VAT could have")
    own, own_fixed = weekly_costs(year, mine), fixed_costs(year, mine)
    if own is None or own_fixed is None or len(own) < 4:
        return Suppressed("the meter's own tariff has a hole, or too few weeks are known")
    best: tuple[float, float, str] | None = None
    for name, tariff in year.prices.others.items():
        other, fixed = weekly_costs(year, tariff), fixed_costs(year, tariff)
        if other is None or fixed is None:
            continue
        gain = own - other
        half = AT_90_PERCENT * float(gain.std(ddof=1)) * 52 / len(gain) ** 0.5
        saved = float(gain.mean()) * 365 / 7 + own_fixed - fixed
        if best is None or (saved, name) > (best[0], best[2]):
            best = saved, half, name
    year_cost = float(own.mean()) * 365 / 7 + own_fixed
    if best is None or best[0] <= LEAST_SHARE * abs(year_cost):
        return None
    saved, half, name = best
    return Finding(
        what=f"Tariff {name} would have cost {saved:.0f} {year.prices.currency} a year less for the same hours.",
        assumption="The supplier offers it to this meter, as it does to others of its use, and the year to come "
        "is used like the last.",
        evidence={"tariff": name, "own_cost_per_year": year_cost, "saved_per_year": saved, "weeks": len(own)},
        strength=0.8,
        interval_is="90 % interval by the spread of the weeks",
        money=Range(max(0.0, saved - half), saved, saved + half),
        pot="unit_rates",
    )


ANOTHER_TARIFF = Recommendation(
    name="another_tariff",
    title="Change the tariff",
    looks_at="the last year's hours at today's charges of all tariffs for the fuel",
    kernel=kernel,
    scope=Scope.SITE,
    effort=Effort.MEDIUM,
)
