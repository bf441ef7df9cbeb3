"""One local month of many meters: the rows of their hours, and a statement for each meter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from energy_lib.insights.accounts.book import Book, Profile, Row
from energy_lib.insights.accounts.carbon import carbon_terms
from energy_lib.insights.accounts.hour_amounts import amounts_of
from energy_lib.insights.accounts.hour_grid import month_grid
from energy_lib.insights.accounts.hour_rows import hour_rows
from energy_lib.insights.accounts.hours import Hours
from energy_lib.insights.accounts.prices import cost_terms
from energy_lib.insights.accounts.statements import Statements
from energy_lib.tables.answers.accounts import HOURLY_ACCOUNTS
from energy_lib.tables.arrow import arrow_schema


@dataclass(frozen=True)
class MonthAccounts:
    """Rows of gold.hourly_accounts, and of each meter one of gold.emissions and of gold.costs (without versions)."""

    hours: pa.Table
    emissions: list[Row]
    costs: list[Row]


def account_month(hours: Hours, month: date, book: Book) -> MonthAccounts:
    """The month's accounts. Hours of other months are left out, and meters that the book does not know.

    The outcome does not depend on the order of the rows, nor on which meters are computed together.
    """
    tables, emissions, costs = [], [], []
    for profile, codes in _by_profile(hours.names, book):
        grid = month_grid(profile.zone, profile.country, profile.subdivision, month)
        rows = hours.where(np.isin(hours.meter, codes) & (hours.hour >= grid.first) & (hours.hour <= grid.last))
        if not len(rows.hour):
            continue
        rows = rows.where(np.lexsort((rows.hour, rows.meter)))
        carbon, cost = carbon_terms(profile, grid, book), cost_terms(profile, grid, book)
        place = rows.hour - grid.first
        amounts = amounts_of(rows.energy_kwh, place, rows.available, profile.flow, carbon, cost)
        tables.append(hour_rows(rows, amounts, profile, grid, carbon, cost, month))
        present, segment = np.unique(rows.meter, return_inverse=True)
        part = Statements(profile, grid, carbon, cost, rows, amounts, segment, len(present))
        meters = [book.meters[hours.names[code]] for code in present]
        emissions += part.emission_rows(meters, month)
        costs += part.cost_rows(meters, month)
    whole = pa.concat_tables(tables) if tables else arrow_schema(HOURLY_ACCOUNTS).empty_table()
    return MonthAccounts(whole, emissions, costs)


def _by_profile(names: Iterable[str], book: Book) -> Iterator[tuple[Profile, list[int]]]:
    found: dict[Profile, list[int]] = {}
    for code, name in enumerate(names):
        if name in book.meters:
            found.setdefault(book.meters[name].profile, []).append(code)
    yield from found.items()
