"""What a kWh costs and emits in each hour of the reach: the one place where recommendations get their rates from.

Prices and factors are those of the accounts (energy_lib.insights.accounts), VAT included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np

from energy_lib.features.calendar import Place
from energy_lib.insights.accounts.book import Book, Profile
from energy_lib.insights.accounts.carbon import carbon_terms
from energy_lib.insights.accounts.charges import CAPACITY, DEMAND, STANDING
from energy_lib.insights.accounts.hour_grid import HourGrid, grid_of
from energy_lib.insights.accounts.prices import CostTerms, cost_terms, holds
from energy_lib.insights.recommendations.hourly_series import REACH_HOURS
from energy_lib.insights.recommendations.meter_year import Floats
from energy_lib.insights.recommendations.prices import Demand, Prices, Rates, Tariff
from energy_lib.tables.answers.accounts import NO_CURRENCY
from energy_lib.vocabulary import Flow

Row = dict[str, Any]
# Today's rates of an hour of day are their mean over so many days after the origin, of working days and days off apart:
# of fixed rates the rate, of a price series what the accounts expect of it then, its mean of the 28 days before.
DAYS_AHEAD = 14
ANY_TIME = date(1900, 1, 1)
GRAMS = 1000.0


@dataclass(eq=False)
class RateBook:
    """The accounts' book as it was known at the end of the reach, and what was worked out from it."""

    book: Book
    end_hour: int
    today: date
    _rates: dict[Profile, Rates] = field(default_factory=dict)

    def of(self, meter_id: str) -> Rates:
        """Prices and carbon of a meter that the book knows; meters with one profile share them."""
        profile = self.book.meters[meter_id].profile
        if profile not in self._rates:
            self._rates[profile] = self._work_out(profile)
        return self._rates[profile]

    def _work_out(self, profile: Profile) -> Rates:
        past, coming = self._grids(Place(profile.zone, profile.country, profile.subdivision))
        carbon = carbon_terms(profile, past, self.book)
        return Rates(self._prices(profile, past, coming), carbon.factor / GRAMS, carbon.marginal / GRAMS)

    def _grids(self, place: Place) -> tuple[HourGrid, HourGrid]:
        """The hours of the reach, and those after it."""
        end, named = self.end_hour, (place.zone, place.country, place.subdivision)
        return grid_of(*named, end - REACH_HOURS, end), grid_of(*named, end, end + 24 * DAYS_AHEAD)

    def _prices(self, profile: Profile, past: HourGrid, coming: HourGrid) -> Prices:
        then = cost_terms(profile, past, self.book)
        now_book = replace(
            self.book.foretold(self.end_hour, 24 * DAYS_AHEAD), tariffs=in_force(self.book.tariffs, self.today)
        )
        mine = tariff_today(profile, past, coming, now_book)
        if mine is None:
            return Prices(today=np.full(REACH_HOURS, np.nan), then=paid(then))
        paid_out = tariff_today(replace(profile, flow=str(Flow.EXPORT)), past, coming, now_book)
        others = {}
        for tariff_id, fuel in now_book.tariffs:
            if fuel == profile.fuel and tariff_id != profile.tariff_id:
                other = tariff_today(replace(profile, tariff_id=tariff_id), past, coming, now_book)
                # Who pays another VAT is another kind of customer.
                if other is not None and (other.currency, other.vat_share) == (mine.currency, mine.vat_share):
                    others[tariff_id] = other
        return Prices(
            today=mine.today,
            then=paid(then),
            currency=mine.currency,
            # What is paid out is a negative price, and a household gets no VAT.
            export_today=None if paid_out is None else -paid_out.without_vat,
            tariff=mine,
            others=others,
        )


def in_force(tariffs: Mapping[tuple[str, str], tuple[Row, ...]], day: date) -> dict[tuple[str, str], tuple[Row, ...]]:
    """The charges that hold on the day, as if they had always held and would for ever."""
    found = {}
    for key, rows in tariffs.items():
        held = [r for r in rows if r["valid_from"] <= day and (r["valid_to"] is None or day < r["valid_to"])]
        if held:
            found[key] = tuple({**row, "valid_from": ANY_TIME, "valid_to": None} for row in held)
    return found


def paid(terms: CostTerms) -> Floats:
    """(n,) currency per kWh with VAT; NaN where it is not known."""
    return np.asarray(terms.inward.price + terms.inward.vat)


def tariff_today(profile: Profile, past: HourGrid, coming: HourGrid, book: Book) -> Tariff | None:
    """A tariff's charges laid over the hours of the reach; None if it has none in one currency."""
    terms = cost_terms(profile, coming, book)
    if terms.currency == NO_CURRENCY or not terms.rows:
        return None
    charges = {kind: [row for row in terms.rows if row["charge"] == kind] for kind in (STANDING, DEMAND, CAPACITY)}
    demands = (Demand(_with_vat(row), holds(row, past)) for row in charges[DEMAND] if row["rate"] is not None)
    return Tariff(
        today=_laid_over(paid(terms), coming, past),
        without_vat=_laid_over(terms.inward.price, coming, past),
        currency=terms.currency,
        standing_per_day=sum(_with_vat(row) for row in charges[STANDING]),
        demands=tuple(demands),
        vat_share=max(row["vat_share"] for row in terms.rows),
        capacity_per_kw_month=sum(_with_vat(row) for row in charges[CAPACITY]) if charges[CAPACITY] else None,
    )


def _with_vat(row: Row) -> float:
    return float((row["rate"] or 0.0) * (1 + row["vat_share"]))


def _laid_over(prices: Floats, coming: HourGrid, past: HourGrid) -> Floats:
    """(n,) the mean price of the coming hours of the same hour of day, of working days and days off apart."""
    known = ~np.isnan(prices)
    slot = coming.hour_of_day + 24 * coming.day_off
    count = np.bincount(slot[known], minlength=48)
    total = np.bincount(slot[known], weights=prices[known], minlength=48)
    table = np.full(48, np.nan)
    np.divide(total, count, out=table, where=count > 0)
    return table[past.hour_of_day + 24 * past.day_off]
