"""Grams and money of the hours of meters that share their factors and prices, as whole numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from energy_lib.insights.accounts.amounts import GRAMS, KWH, MONEY, Bools, Floats, Ints, Texts, either, units
from energy_lib.insights.accounts.carbon import CarbonTerms
from energy_lib.insights.accounts.prices import CostTerms
from energy_lib.vocabulary import Flow

NO_READING, TOO_LARGE = "no_reading", "too_large"


@dataclass(frozen=True)
class Amounts:
    """Whole numbers of a scale, with where they are known."""

    values: Ints
    known: Bools

    def at(self, rows: Bools) -> Amounts:
        return Amounts(self.values[rows], self.known[rows])


@dataclass(frozen=True)
class HourAmounts:
    """Per row: energy, grams and money. `place`: the row's hour in the grid; reasons are None where all is known."""

    place: Ints
    energy: Amounts
    emissions: Amounts
    market: Amounts
    apart: Amounts
    marginal: Amounts
    cost: Amounts
    vat: Amounts
    price: Floats
    emissions_reason: Texts
    cost_reason: Texts
    available: Ints


def amounts_of(
    energy_kwh: Floats, place: Ints, available: Ints, flow: str, carbon: CarbonTerms, cost: CostTerms
) -> HourAmounts:
    """`energy_kwh`: NaN where not known; `available`: when each row became known, microseconds since the epoch.

    Imports emit, and so do the hours of a net register above zero. What is exported or generated is told apart: it is
    not subtracted, and does not emit here.
    """
    factor, bought = carbon.factor[place], flow in (Flow.IMPORT, Flow.NET)
    imported = np.clip(energy_kwh, 0.0, None) if bought else np.full(len(energy_kwh), np.nan)
    given = -np.clip(energy_kwh, None, 0.0) if flow == Flow.NET else energy_kwh
    outward = energy_kwh < 0
    price, vat = (
        np.where(outward, getattr(cost.outward, name)[place], getattr(cost.inward, name)[place])
        for name in ("price", "vat")
    )
    emissions = Amounts(*units(imported * factor, GRAMS))
    money = Amounts(*units(energy_kwh * price, MONEY))
    why = carbon.reason[place] if bought else np.full(len(place), f"{flow}_is_not_counted", dtype=object)
    why_cost = either(outward, cost.outward.reason[place], cost.inward.reason[place])
    sources = [carbon.available[place], cost.inward.available[place], cost.outward.available[place]]
    return HourAmounts(
        place,
        Amounts(*units(energy_kwh, KWH)),
        emissions,
        Amounts(*units(imported * carbon.market[place], GRAMS)),
        Amounts(*units((np.full(len(place), np.nan) if flow == Flow.IMPORT else given) * factor, GRAMS)),
        Amounts(*units(energy_kwh * carbon.marginal[place], GRAMS)),
        money,
        Amounts(*units(energy_kwh * vat, MONEY)),
        price,
        _reasons(emissions, energy_kwh, why),
        _reasons(money, energy_kwh, why_cost),
        np.maximum.reduce([available, *sources]),
    )


def _reasons(amounts: Amounts, energy_kwh: Floats, why: Texts) -> Texts:
    """Why an amount is not known: there is no reading, else what the terms say, else it has too many digits."""
    said = either(np.isfinite(energy_kwh), either(why == None, TOO_LARGE, why), NO_READING)  # noqa: E711
    return either(amounts.known, None, said)
