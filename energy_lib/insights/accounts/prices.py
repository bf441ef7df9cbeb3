"""What a kWh of each hour costs: the tariff's unit rates and price series, on the meter's local clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from energy_lib.insights.accounts.amounts import Bools, Floats, Ints, Texts
from energy_lib.insights.accounts.book import Book, Profile, Row, micros
from energy_lib.insights.accounts.hour_grid import HourGrid
from energy_lib.insights.accounts.hour_means import NEVER
from energy_lib.tables.answers.accounts import NO_CURRENCY
from energy_lib.vocabulary import Flow

UNIT_RATE, PRICE_SERIES = "unit_rate", "price_series"
NO_TARIFF, TARIFF_HOLE, NO_RATE, NO_PRICE = "no_tariff", "tariff_hole", "tariff_without_rate", "no_price"
TWO_CURRENCIES, GENERATED = "tariff_in_two_currencies", "generation_has_no_tariff"
PAID_OUT = frozenset({Flow.EXPORT, Flow.GENERATION})


@dataclass(frozen=True)
class Prices:
    """Per hour of a grid: price and VAT per kWh (NaN: not known, with a reason); paid out for exports: negative.

    `estimated`: the price was not known and is a mean of past days.
    """

    price: Floats
    vat: Floats
    reason: Texts
    estimated: Bools
    available: Ints


@dataclass(frozen=True)
class CostTerms:
    """Prices of what comes in, and of what goes out by a net register (elsewhere the same); `rows`: all charges."""

    currency: str
    inward: Prices
    outward: Prices
    rows: tuple[Row, ...]
    sign: int


def cost_terms(profile: Profile, grid: HourGrid, book: Book) -> CostTerms:
    """The prices of each hour of the grid for meters of this profile.

    A net register without charges of its own pays for imports where it is above zero, and is paid for exports below.
    """
    rows = book.tariffs.get((profile.tariff_id or "", profile.fuel), ())
    own = _of_flow(rows, profile.flow)
    currencies = {row["currency"] for row in own or rows}
    currency = currencies.pop() if len(currencies) == 1 else NO_CURRENCY
    if profile.flow == Flow.NET and not own:
        charged, paid = _of_flow(rows, Flow.IMPORT), _of_flow(rows, Flow.EXPORT)
        inward = prices_of(charged, profile, currency, grid, book)
        return CostTerms(currency, inward, prices_of(paid, profile, currency, grid, book), charged, 1)
    sign = -1 if profile.flow in PAID_OUT else 1
    prices = prices_of(own, profile, currency, grid, book, sign)
    return CostTerms(currency, prices, prices, own, sign)


def _of_flow(rows: Sequence[Row], flow: str) -> tuple[Row, ...]:
    return tuple(row for row in rows if (row["flow"] or str(Flow.IMPORT)) == flow)


def holds(row: Row, grid: HourGrid) -> Bools:
    """The hours of a charge: its validity, kind of day and window, each by the hour's own local day and hour."""
    within = grid.day >= np.datetime64(row["valid_from"], "D")
    if row["valid_to"] is not None:
        within &= grid.day < np.datetime64(row["valid_to"], "D")
    if row["days"] != "all":
        within &= grid.day_off == (row["days"] == "weekend")
    first, last = row["from_hour"] or 0, 24 if row["to_hour"] is None else row["to_hour"]
    after, before = grid.hour_of_day >= first, grid.hour_of_day < last
    return np.asarray(within & ((after & before) if last > first else (after | before)))


def charge_of_hour(rows: Sequence[Row], charge: str, grid: HourGrid) -> Ints:
    """For each hour the place in `rows` of the charge that applies, -1 where none does; the more special one applies.

    Charges of some days come before those of all, narrower windows before wider ones, later beginnings before earlier.
    """
    place = np.full(len(grid.hours), -1)
    for i, row in enumerate(rows):
        if row["charge"] == charge:
            place[holds(row, grid)] = i
    return place


def prices_of(
    rows: Sequence[Row], profile: Profile, currency: str, grid: HourGrid, book: Book, sign: int = 1
) -> Prices:
    """Unit rate and price series of an hour add up. A hole in the tariff, or in the series, is none with its reason."""
    size = len(grid.hours)
    price, vat, reason = np.zeros(size), np.zeros(size), np.full(size, None, dtype=object)
    estimated, available = np.zeros(size, bool), np.full(size, NEVER)
    fixed, indexed = (charge_of_hour(rows, charge, grid) for charge in (UNIT_RATE, PRICE_SERIES))
    reason[(fixed < 0) & (indexed < 0)] = _without(rows, profile)
    for i, row in enumerate(rows):
        hours = (fixed == i) | (indexed == i)
        if not hours.any():
            continue
        rate = row["rate"]
        if row["charge"] == UNIT_RATE:
            part = np.full(size, np.nan if rate is None else rate)
            reason[hours & np.isnan(part)] = f"{NO_RATE}: {row['tariff_id']}"
        else:
            key = (row["price_series_id"] or "", profile.fuel)
            series = book.prices[key].at(grid.hours) if key in book.prices else None
            same = book.currencies.get(key) == currency
            part = np.full(size, np.nan) if series is None or not same else series.value + (rate or 0.0)
            if series is not None:
                part = np.where(series.covered < 1, np.nan, part)
                estimated |= hours & series.estimated
                available = np.where(hours, np.maximum(available, series.available), available)
            reason[hours & np.isnan(part)] = f"{NO_PRICE}: {key[0]}" if series is None or same else TWO_CURRENCIES
        price[hours] += part[hours]
        vat[hours] += part[hours] * row["vat_share"]
        available = np.where(hours, np.maximum(available, micros(row["landed_at_utc"])), available)
    unknown = reason != None  # noqa: E711 (element by element)
    price[unknown] = vat[unknown] = np.nan
    return Prices(np.round(sign * price, 12), np.round(sign * vat, 12), reason, estimated, available)


def _without(rows: Sequence[Row], profile: Profile) -> str:
    if any(row["charge"] in (UNIT_RATE, PRICE_SERIES) for row in rows):
        return f"{TARIFF_HOLE}: {profile.tariff_id}"
    if profile.flow == Flow.GENERATION:
        return GENERATED
    return NO_TARIFF if profile.tariff_id is None else f"{NO_TARIFF}: {profile.tariff_id}"
