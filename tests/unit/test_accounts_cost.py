"""Cost by hand: windows on the local clock, series with negative prices, charges of the day and the month, holes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from account_rows import Row, accounts_of, at, book_of, charge, hours, meter, prices

from energy_lib.insights.accounts.hour_grid import month_grid


def month_of(rows: list[Row], month: str = "2024-03-01", **book: Any) -> tuple[list[Row], Row]:
    accounts = accounts_of(rows, month, book_of(**({"meters": [meter("m")]} | book)))
    (statement,) = accounts.costs
    return accounts.hours.to_pylist(), statement


def test_days_of_23_and_25_hours_are_days_and_months_have_their_hours() -> None:
    assert len(month_grid("Europe/London", None, None, date(2024, 3, 1)).hours) == 743
    assert len(month_grid("Europe/London", None, None, date(2024, 10, 1)).hours) == 745
    assert len(month_grid("Asia/Kolkata", None, None, date(2024, 3, 1)).hours) == 744
    standing = [charge("standing_per_day", 1.0, vat_share=0.0), charge("unit_rate", 0.0, vat_share=0.0)]
    for month, first, count in (("2024-03-01", "2024-03-31 00:00", 23), ("2024-10-01", "2024-10-26 23:00", 25)):
        _, statement = month_of(hours("m", first, [1.0] * count), month, tariffs=standing)
        assert (statement["hours_counted"], statement["standing_charge"]) == (count, Decimal(1))


def test_an_hour_across_local_midnight_belongs_to_the_day_it_starts_on() -> None:
    given = {"meters": [meter("m", zone="Asia/Kolkata")], "tariffs": [charge("unit_rate", 0.1)]}
    rows = hours("m", "2024-02-29 18:00", [1.0, 1.0])
    for month, start in (("2024-02-01", "2024-02-29 18:00"), ("2024-03-01", "2024-02-29 19:00")):
        assert [row["interval_start_utc"] for row in month_of(rows, month, **given)[0]] == [at(start)]


def test_windows_go_by_the_local_clock_and_the_more_special_charge_applies() -> None:
    tariffs = [
        charge("unit_rate", 0.30),
        charge("unit_rate", 0.10, from_hour=23, to_hour=7),
        charge("unit_rate", 0.20, days="weekend"),
    ]
    # In London 29 March 2024 is Good Friday; on 31 March 00:00 UTC is 00:00, and 22:00 UTC is 23:00.
    rows = [
        *hours("m", "2024-03-27 06:00", [1.0] * 2),
        *hours("m", "2024-03-29 12:00", [1.0]),
        *hours("m", "2024-03-31 22:00", [1.0]),
    ]
    found, _ = month_of(rows, meters=[meter("m", country="GB", subdivision="ENG")], tariffs=tariffs)
    assert [row["price_per_kwh"] for row in found] == [0.10, 0.30, 0.20, 0.20]
    found, _ = month_of(rows, meters=[meter("m", country="GB", subdivision="ENG")], tariffs=tariffs[:2])
    assert [row["price_per_kwh"] for row in found] == [0.10, 0.30, 0.30, 0.10]


def test_negative_prices_pay_and_an_adder_stands_on_top() -> None:
    tariffs = [charge("price_series", 0.02, price_series_id="market")]
    series = prices("2024-03-01 00:00", [-0.12, 0.08], minutes=30) + prices("2024-03-01 01:00", [-0.12])
    found, statement = month_of(hours("m", "2024-03-01 00:00", [10.0, 10.0, 1.0]), tariffs=tariffs, priced=series)
    assert [row["cost"] for row in found] == [Decimal(0), Decimal(-1), None]
    assert [row["vat"] for row in found] == [Decimal(0), Decimal("-0.2"), None]
    assert [row["cost_reason"] for row in found] == [None, None, "no_price: market"]
    assert (statement["energy_cost"], statement["total"]) == (Decimal(-1), Decimal("-1.2"))
    assert "no_price: market: 1 hours" in statement["reason"]


def test_half_an_hour_without_a_price_is_an_hour_without_a_cost() -> None:
    tariffs = [charge("price_series", None, price_series_id="market")]
    found, statement = month_of(
        hours("m", "2024-03-01 00:00", [1.0]), tariffs=tariffs, priced=prices("2024-03-01 00:00", [0.1], minutes=30)
    )
    assert (found[0]["cost"], statement["energy_cost"], statement["total"]) == (None, None, None)


def test_a_hole_is_named_and_so_is_a_tariff_that_is_not_there() -> None:
    found, _ = month_of(hours("m", "2024-03-01 06:00", [1.0] * 2), tariffs=[charge("unit_rate", 0.3, from_hour=7)])
    assert [row["cost_reason"] for row in found] == ["tariff_hole: T", None]
    found, statement = month_of(hours("m", "2024-03-01 06:00", [1.0]))
    assert (found[0]["cost_reason"], statement["currency"], statement["total"]) == ("no_tariff: T", "XXX", None)
    ended = [charge("unit_rate", 0.3, valid_to=date(2024, 3, 1))]
    assert month_of(hours("m", "2024-03-01 06:00", [1.0]), tariffs=ended)[0][0]["cost_reason"] == "tariff_hole: T"


def test_exports_are_paid_out_and_a_net_register_pays_and_is_paid() -> None:
    tariffs = [charge("unit_rate", 0.3), charge("unit_rate", 0.1, flow="export", vat_share=0.0)]
    found, _ = month_of(hours("m", "2024-03-01 00:00", [5.0]), meters=[meter("m", flow="export")], tariffs=tariffs)
    assert (found[0]["price_per_kwh"], found[0]["cost"]) == (-0.1, Decimal("-0.5"))
    net = [meter("m", flow="net")]
    found, _ = month_of(hours("m", "2024-03-01 00:00", [2.0, -5.0]), meters=net, tariffs=tariffs)
    assert [row["cost"] for row in found] == [Decimal("0.6"), Decimal("-0.5")]
    found, _ = month_of(hours("m", "2024-03-01 00:00", [-5.0]), meters=net, tariffs=tariffs[:1])
    assert found[0]["cost"] is None, "nobody says what an export earns"


def test_charges_of_the_month() -> None:
    tariffs = [
        charge("unit_rate", 0.0),
        charge("demand_per_kw_month", 2.0, days="weekdays", from_hour=16, to_hour=19),
        charge("capacity_per_kw_month", 0.62, valid_from=date(2024, 3, 17)),
    ]
    rows = [*hours("m", "2024-03-01 12:00", [99.0]), *hours("m", "2024-03-01 16:00", [5.0, 7.0, None, 99.0])]
    given = {"tariffs": tariffs, "meters": [meter("m", agreed_capacity_kw=100.0)]}
    _, statement = month_of(rows, **given)
    assert (statement["demand_charge"], statement["peak_kw"]) == (Decimal(14), 99.0)
    assert statement["capacity_charge"] == Decimal(30), "15 of 31 days"
    assert statement["total"] == Decimal("52.8")
    _, statement = month_of(rows, **(given | {"meters": [meter("m")]}))
    assert (statement["capacity_charge"], statement["total"]) == (None, None)
    assert str(statement["reason"]).startswith("no_agreed_capacity")


def test_a_tariff_in_two_currencies_and_a_series_in_another_one_are_no_price() -> None:
    series = [charge("price_series", 0.0, price_series_id="market", currency="EUR")]
    found, _ = month_of(hours("m", "2024-03-01 00:00", [1.0]), tariffs=series, priced=prices("2024-03-01 00:00", [0.1]))
    assert found[0]["cost_reason"] == "tariff_in_two_currencies"
    assert found[0]["available_at_utc"] == at("2024-03-01 01:00")
