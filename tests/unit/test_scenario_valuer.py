"""The cost and carbon of a unit's month beside the statement of its accounts."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from account_rows import accounts_of, book_of, charge, factor, hours, intensity, meter, prices
from scenario_units import FIRST

from energy_lib.insights.scenarios.valuation import Valuer


def test_a_month_is_worth_what_its_accounts_say() -> None:
    """Every kind of charge, a price series, a half-known intensity: the statement of the accounts to the penny."""
    rows = [meter("m", agreed_capacity_kw=5.0, country=None)]
    tariff = [
        charge("unit_rate", 0.1, from_hour=7, to_hour=23),
        charge("price_series", 0.02, price_series_id="market"),
        charge("standing_per_day", 0.4), charge("demand_per_kw_month", 3.0), charge("capacity_per_kw_month", 1.0),
    ]  # fmt: skip
    book = book_of(
        rows, [factor(0.2)], tariff, intensity("2024-01-01 00:00", 30, [100.0, 300.0] * 372),
        prices("2024-01-01 00:00", [0.05 + 0.01 * (i % 24) for i in range(744)]),
    )  # fmt: skip
    kwh = [0.5 + 0.1 * (i % 7) for i in range(744)]
    accounts = accounts_of(hours("m", "2024-01-01 00:00", kwh), "2024-01-01", book)
    worth = Valuer(book, FIRST, (date(2024, 1, 1),)).worth(book.meters["m"], np.array(kwh))
    assert worth.cost == pytest.approx(float(accounts.costs[0]["total"]), abs=1e-9)
    assert worth.emissions_kg == pytest.approx(float(accounts.emissions[0]["emissions_g"]) / 1000, abs=1e-9)
    # Twice the unit rates: the energy costs twice as much, the other charges what they did.
    dear = Valuer(book, FIRST, (date(2024, 1, 1),)).worth(book.meters["m"], np.array(kwh), np.full(744, 2.0))
    assert dear.cost - worth.cost == pytest.approx(float(accounts.costs[0]["energy_cost"]) * 1.2)


def test_a_hole_in_the_prices_is_no_free_energy() -> None:
    rows = [meter("m", country=None)]
    book = book_of(
        rows, [], [charge("price_series", 0.0, price_series_id="market")], [], prices("2024-01-01 00:00", [0.1] * 743)
    )
    worth = Valuer(book, FIRST, (date(2024, 1, 1),)).worth(book.meters["m"], np.ones(744))
    assert np.isnan(worth.cost)
    assert worth.cost_reason == "no_price: market"
    assert np.isnan(worth.emissions_kg)
    assert worth.emissions_reason == "no_factor: electricity GB"
