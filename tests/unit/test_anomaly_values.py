"""What an event costs and emits: the mean of its hours' prices and factors, or the accounts' reason."""

from __future__ import annotations

from typing import Any

import pytest
from account_rows import at, book_of, charge, factor, meter, prices

from energy_lib.insights.anomalies.valuation import Value, valued

# A summer day of London, from midnight to midnight.
START, END = at("2024-04-30 23:00"), at("2024-05-01 23:00")


def of(energy_kwh: float | None, meter_id: str = "m", **book: Any) -> tuple[Value, Value]:
    return valued(energy_kwh, START, END, meter_id, book_of(**({"meters": [meter("m")]} | book)))


def test_cost_is_the_mean_rate_of_the_hours_with_vat() -> None:
    cost, _ = of(100.0, tariffs=[charge("unit_rate", 0.3, vat_share=0.2)])
    assert (cost.amount, cost.unit, cost.reason) == (pytest.approx(36.0), "GBP", None)
    # Eight night hours (23 to 7) at 0.1, sixteen at 0.4.
    night = charge("unit_rate", 0.1, vat_share=0.2, from_hour=23, to_hour=7)
    cost, _ = of(24.0, tariffs=[night, charge("unit_rate", 0.4, vat_share=0.2, from_hour=7, to_hour=23)])
    assert cost.amount == pytest.approx(1.2 * (8 * 0.1 + 16 * 0.4))


def test_a_price_series_is_a_price_and_one_that_lacks_an_hour_is_none() -> None:
    tariffs = [charge("price_series", 0.02, price_series_id="market", vat_share=0.0)]
    whole = prices("2024-04-30 23:00", [0.1] * 12 + [-0.1] * 12)
    cost, _ = of(24.0, tariffs=tariffs, priced=whole)
    assert cost.amount == pytest.approx(24 * 0.02)
    cost, _ = of(24.0, tariffs=tariffs, priced=whole[:-1])
    assert (cost.amount, cost.reason) == (None, "no_price: market")


def test_what_is_missing_gives_no_amount_and_says_why() -> None:
    cost, _ = of(1.0, tariffs=[charge("unit_rate", 0.1, from_hour=0, to_hour=7)])
    assert (cost.reason or "").startswith("tariff_hole")
    cost, emissions = of(1.0)
    assert (cost.reason or "").startswith("no_tariff")
    assert (emissions.reason or "").startswith("no_factor")
    assert [value.amount for value in of(None, tariffs=[charge("unit_rate", 0.1)])] == [None, None]
    assert [value.reason for value in of(1.0, "own_use")] == [
        "a virtual meter has neither tariff nor factor of its own"
    ] * 2


def test_emissions_are_in_kilograms() -> None:
    _, emissions = of(10.0, factors=[factor(0.2)])
    assert (emissions.amount, emissions.unit) == (pytest.approx(2.0), "kgCO2e")
