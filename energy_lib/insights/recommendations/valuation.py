"""What a finding is worth a year: energy, cost at today's rates and at those of the time, carbon; null where unknown.

A year of data is taken as it was. Less is extrapolated to a year, unless the finding is seasonal: then it counts what
was seen alone. The interval is widened by what the unseen weeks may differ: for u unseen weeks after n seen ones with a
spread s of their weekly sums, 1.645 s √(u + u²/n).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from energy_lib.insights.recommendations.finding import Finding, Range
from energy_lib.insights.recommendations.meter_year import YEAR_HOURS, MeterYear

Floats = NDArray[np.float64]

WEEK_HOURS = 168
WEEKS = YEAR_HOURS // WEEK_HOURS
AT_90_PERCENT = 1.645
# Of the energy, this share must have a price (an intensity), or its cost (carbon) is unknown.
LEAST_VALUED = 0.5
NO_RATE = {
    "cost": "cost: no price is known for half of its energy",
    "cost_then": "cost_then: no price of the time is known for half of its energy",
    "carbon": "carbon: no intensity or factor is known",
    "marginal_carbon": "marginal_carbon: no marginal intensity is known for half of its energy",
}
# A series of so many hours is a year.
WHOLE_YEAR = 350 * 24


@dataclass(frozen=True, slots=True)
class Worth:
    """A year's energy (kWh), cost today and then (`currency` of the prices), carbon (kgCO2e); None is unknown.

    `why_null` says for each that is None why. `priced_share`: share of the energy whose hours have a price.
    """

    energy: Range | None
    cost: Range | None
    cost_then: float | None
    carbon: Range | None
    marginal_kg: float | None
    priced_share: float | None
    why_null: tuple[str, ...]


def factor(year: MeterYear, known: NDArray[np.bool_], seasonal: bool) -> float:
    """What a sum over the known hours of the last year is multiplied by to give a year's."""
    hours = int(known.sum())
    if hours == 0:
        return 0.0
    first = np.flatnonzero(~np.isnan(year.kwh[-YEAR_HOURS:]))
    span = YEAR_HOURS - int(first[0]) if len(first) else 0
    if seasonal and span < WHOLE_YEAR:
        return max(1.0, span / hours)
    return YEAR_HOURS / hours


def unseen(avoidable: Floats, known: NDArray[np.bool_]) -> float:
    """Half-width of the 90 % interval that the unseen weeks of the year add, kWh; 0 where none is unseen."""
    weeks = avoidable[-WEEKS * WEEK_HOURS :].reshape(WEEKS, WEEK_HOURS)
    seen = known[-WEEKS * WEEK_HOURS :].reshape(WEEKS, WEEK_HOURS).sum(axis=1)
    whole = seen >= WEEK_HOURS / 2
    n = int(whole.sum())
    if n < 2 or n == WEEKS:
        return 0.0
    sums = np.nansum(weeks[whole], axis=1) * WEEK_HOURS / seen[whole]
    left = WEEKS - n
    return AT_90_PERCENT * float(sums.std(ddof=1)) * float(np.sqrt(left + left**2 / n))


def mean_rate(weights: Floats, rates: Floats) -> tuple[float | None, float]:
    """Mean of the hourly rates, weighted; None where too little weight has a rate. And the share of it that has one."""
    total = float(np.nansum(np.abs(weights)))
    has_rate = ~np.isnan(rates) & ~np.isnan(weights)
    weighted = float(np.abs(weights[has_rate]).sum())
    share = weighted / total if total > 0 else 0.0
    if weighted == 0 or share < LEAST_VALUED:
        return None, share
    return float((weights[has_rate] * rates[has_rate]).sum() / weights[has_rate].sum()), share


def worth(year: MeterYear, finding: Finding) -> Worth:
    """A finding's worth by itself, whatever else is done."""
    energy = cost = carbon = None
    cost_then = marginal = share = None
    if finding.avoidable is not None and finding.low is not None and finding.high is not None:
        last = finding.avoidable[-YEAR_HOURS:]
        known = ~np.isnan(last)
        by = factor(year, known, finding.seasonal)
        low, expected, high = (
            float(np.nansum(each[-YEAR_HOURS:]) * by) for each in (finding.low, finding.avoidable, finding.high)
        )
        more = 0.0 if finding.seasonal else unseen(last, known)
        down = float(np.hypot(expected - min(low, expected), more))
        up = float(np.hypot(max(high, expected) - expected, more))
        energy = Range(max(0.0, expected - down), expected, expected + up)
        rate, share = mean_rate(last, year.prices.today[-YEAR_HOURS:])
        cost = None if rate is None else energy.scaled(rate)
        rate_then, _ = mean_rate(last, year.prices.then[-YEAR_HOURS:])
        cost_then = None if rate_then is None else expected * rate_then
        intensity, _ = mean_rate(last, year.intensity_kg[-YEAR_HOURS:])
        carbon = None if intensity is None else energy.scaled(intensity)
        at_margin, _ = mean_rate(last, year.marginal_kg[-YEAR_HOURS:])
        marginal = None if at_margin is None else expected * at_margin
    if finding.money is not None:
        cost = finding.money if cost is None else cost + finding.money
    if finding.carbon_kg is not None:
        carbon = finding.carbon_kg if carbon is None else carbon + finding.carbon_kg
    if finding.marginal_kg is not None:
        marginal = finding.marginal_kg if marginal is None else marginal + finding.marginal_kg
    why = _why_null(energy, {"cost": cost, "cost_then": cost_then, "carbon": carbon, "marginal_carbon": marginal})
    return Worth(energy, cost, cost_then, carbon, marginal, share, why)


def _why_null(energy: Range | None, values: Mapping[str, Range | float | None]) -> tuple[str, ...]:
    """Why a value is null: there is nothing to value, or too little of it has a rate."""
    if energy is None:
        nothing = [f"{name}: it saves no energy" for name, value in values.items() if value is None]
        return ("energy: the action saves none", *nothing)
    return tuple(NO_RATE[name] for name, value in values.items() if value is None)
