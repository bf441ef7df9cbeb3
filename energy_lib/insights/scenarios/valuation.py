"""What a register's hours cost and emit over whole months: by the kernels of the accounts, also at changed prices."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from energy_lib.insights.accounts.amounts import GRAMS, MONEY, Floats
from energy_lib.insights.accounts.book import Book, Meter, Profile
from energy_lib.insights.accounts.carbon import CarbonTerms, carbon_terms
from energy_lib.insights.accounts.charges import capacity_charge, demand_charge, standing_charge
from energy_lib.insights.accounts.hour_amounts import HourAmounts, amounts_of
from energy_lib.insights.accounts.hour_grid import HourGrid, month_grid
from energy_lib.insights.accounts.prices import NO_TARIFF, PRICE_SERIES, UNIT_RATE, CostTerms, Prices, cost_terms
from energy_lib.vocabulary import Flow

G_PER_KG = 1000
Terms = tuple[HourGrid, CarbonTerms, CostTerms]


@dataclass(frozen=True, slots=True)
class Worth:
    """Cost with VAT, in the tariff's currency, and location-based kgCO2e; NaN where not known, with the reason."""

    cost: float
    emissions_kg: float
    currency: str | None
    cost_reason: str | None = None
    emissions_reason: str | None = None


@dataclass(eq=False)
class Valuer:
    """`first_hour`: of the series, since the epoch; `months`: first days of the local months that count."""

    book: Book
    first_hour: int
    months: tuple[date, ...]
    _terms: dict[tuple[Profile, date], Terms] = field(default_factory=dict)

    def worth(
        self, meter: Meter, kwh: Floats, factor: Floats | None = None, export_share: float | None = None
    ) -> Worth:
        """`factor` (n,): what unit rates are multiplied by.

        `export_share`: what is paid for a kWh fed in over the import's unit rate, where no export tariff is known.
        """
        parts = [self._of_month(meter, kwh, factor, export_share, month) for month in self.months]
        return Worth(
            sum(part.cost for part in parts),
            sum(part.emissions_kg for part in parts),
            next((part.currency for part in parts if part.currency is not None), None),
            next((part.cost_reason for part in parts if part.cost_reason), None),
            next((part.emissions_reason for part in parts if part.emissions_reason), None),
        )

    def _of_month(
        self, meter: Meter, kwh: Floats, factor: Floats | None, export_share: float | None, month: date
    ) -> Worth:
        profile = meter.profile
        grid, carbon, terms = self._of_profile(profile, month)
        hours = slice(grid.first - self.first_hour, grid.last + 1 - self.first_hour)
        here = kwh[hours]
        place = np.flatnonzero(np.isfinite(here))
        if profile.flow == Flow.EXPORT and not terms.rows and export_share is not None:
            terms = _paid(self._of_profile(replace(profile, flow=str(Flow.IMPORT)), month)[2], export_share)
        if factor is not None:
            terms = _multiplied(terms, factor[hours])
        amounts = amounts_of(here[place], place, np.zeros(len(place), np.int64), profile.flow, carbon, terms)
        cost, why_cost = _cost(meter, here, amounts, terms, grid)
        kg, why_kg = _emissions(here[place], amounts, profile)
        return Worth(cost, kg, terms.currency if terms.rows else None, why_cost, why_kg)

    def _of_profile(self, profile: Profile, month: date) -> Terms:
        if (profile, month) not in self._terms:
            grid = month_grid(profile.zone, profile.country, profile.subdivision, month)
            terms = carbon_terms(profile, grid, self.book), cost_terms(profile, grid, self.book)
            self._terms[profile, month] = (grid, *terms)
        return self._terms[profile, month]


def _paid(terms: CostTerms, share: float) -> CostTerms:
    """What is paid for a kWh fed in: a share of the import's rate of the hour, without VAT and other charges."""
    rates = tuple(row for row in terms.rows if row["charge"] in (UNIT_RATE, PRICE_SERIES))
    paid = replace(terms.inward, price=-share * terms.inward.price, vat=np.zeros(len(terms.inward.price)))
    return replace(terms, inward=paid, outward=paid, rows=rates)


def _multiplied(terms: CostTerms, factor: Floats) -> CostTerms:
    def of(prices: Prices) -> Prices:
        return replace(prices, price=prices.price * factor, vat=prices.vat * factor)

    return replace(terms, inward=of(terms.inward), outward=of(terms.outward))


def _cost(
    meter: Meter, kwh: Floats, amounts: HourAmounts, terms: CostTerms, grid: HourGrid
) -> tuple[float, str | None]:
    if not terms.rows:
        # What is generated is no bill; of all else, nobody knows what it costs.
        if meter.profile.flow == Flow.GENERATION:
            return 0.0, None
        return np.nan, str(next((why for why in terms.inward.reason if why), NO_TARIFF))
    unknown = ~amounts.cost.known & (amounts.energy.values != 0)
    if unknown.any():
        return np.nan, str(amounts.cost_reason[unknown][0])
    present = np.isfinite(kwh)
    charge = standing_charge(terms, grid, present).plus(demand_charge(terms, grid, kwh))
    charge = charge.plus(capacity_charge(terms, grid, meter.agreed_capacity_kw)) if present.any() else charge
    if charge.amount is None or charge.vat is None:
        return np.nan, charge.reason
    energy = int(amounts.cost.values.sum()) + int(amounts.vat.values.sum())
    return (energy + charge.amount + charge.vat) / 10**MONEY, None


def _emissions(kwh: Floats, amounts: HourAmounts, profile: Profile) -> tuple[float, str | None]:
    """Of what is taken in: what is fed in or generated is told apart by the accounts, and not subtracted."""
    if profile.flow not in (Flow.IMPORT, Flow.NET):
        return 0.0, None
    unknown = ~amounts.emissions.known & (kwh != 0)
    if unknown.any():
        return np.nan, str(amounts.emissions_reason[unknown][0])
    return int(amounts.emissions.values.sum()) / 10**GRAMS / G_PER_KG, None
