"""What changed references touch, what groups sum, and what tomorrow's quantiles cost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from account_rows import (
    HOUR,
    Row,
    accounts_of,
    at,
    book_of,
    charge,
    factor,
    hours,
    intensity,
    meter,
    prices,
    table_of,
)

from energy_lib.insights.accounts import news
from energy_lib.insights.accounts.book import meters_of
from energy_lib.insights.accounts.groups import group_rows
from energy_lib.insights.accounts.tomorrow import forecast_rows
from energy_lib.tables import gold, references, silver
from energy_lib.tables.answers.accounts import COSTS, EMISSIONS

MARCH, APRIL, MAY = date(2024, 3, 1), date(2024, 4, 1), date(2024, 5, 1)
METERS = meters_of([meter("e"), meter("g", fuel="gas", tariff_id="G"), meter("fr", carbon_region="FR")], [])
KNOWN = {"e": {MARCH, APRIL, MAY}, "g": {MARCH, APRIL}, "fr": {APRIL}}


def touched(before: set[news.Entry], after: set[news.Entry]) -> set[tuple[str, date]]:
    assert news.from_text(news.as_text(after)) == after
    return news.touched_months(before ^ after, METERS, KNOWN, {"T": {"market"}})


def factors(*rows: Row) -> set[news.Entry]:
    return news.entries_of_rows(references.EMISSION_FACTORS, news.FACTOR, "region", rows)


def intensities(rows: Iterable[Row]) -> set[news.Entry]:
    table = table_of(silver.CARBON_INTENSITY, rows)
    return news.entries_of_series(news.INTENSITY, table, ("region", "method"), "intensity_gco2_per_kwh")


def test_a_factor_touches_its_region_and_fuel_from_its_first_day_on() -> None:
    old, new = factor(0.3), factor(0.2, "2024-04-15")
    assert touched(factors(old), factors(old, new)) == {("e", APRIL), ("e", MAY)}
    assert touched(factors(old), factors(factor(0.18, fuel="gas"), old)) == {("g", MARCH), ("g", APRIL)}
    assert touched(factors(old), factors(old | {"file_id": "again", "landed_at_utc": at("2030-01-01 00:00")})) == set()


def test_a_tariff_touches_the_days_that_it_holds_before_and_after() -> None:
    def tariffs(*rows: Row) -> set[news.Entry]:
        return news.entries_of_rows(references.TARIFFS, news.TARIFF, "tariff_id", rows)

    old = charge("unit_rate", 0.3, valid_to=date(2024, 5, 1))
    assert touched(tariffs(old), tariffs(old | {"rate": 0.4})) == {("e", MARCH), ("e", APRIL), ("fr", APRIL)}
    ended = old | {"valid_to": date(2024, 4, 1)}
    assert touched(tariffs(), tariffs(ended | {"tariff_id": "other"})) == set()


def test_a_series_touches_the_local_months_of_the_utc_months_that_changed() -> None:
    march = intensity("2024-03-01 00:00", 30, [1.0, 2.0])
    assert touched(intensities(march), intensities(reversed(march))) == set()
    more = [*march, *intensity("2024-04-05 00:00", 15, [3.0])]
    assert touched(intensities(march), intensities(more)) == {("e", APRIL), ("e", MAY)}, "BST: April ends an hour early"
    other = [*march, *intensity("2024-03-01 00:00", 30, [9.0], "marginal")]
    assert touched(intensities(march), intensities(other)) == {("e", MARCH), ("e", APRIL)}


def test_prices_touch_the_tariffs_that_name_their_series() -> None:
    def entries(rows: Iterable[Row]) -> set[news.Entry]:
        table = table_of(silver.PRICES, rows)
        return news.entries_of_series(news.PRICE, table, ("tariff_id", "fuel", "currency"), "price_per_kwh")

    rows = prices("2024-04-02 00:00", [0.1])
    expected = {("e", APRIL), ("e", MAY), ("fr", APRIL)}
    assert touched(set(), entries(rows)) == expected
    assert touched(entries(rows), entries([rows[0] | {"currency": "EUR"}])) == expected
    assert touched(set(), entries([rows[0] | {"tariff_id": "elsewhere"}])) == set()


def test_a_changed_meter_and_a_changed_rule_touch_all_their_months() -> None:
    moved = meters_of([meter("e", building_id="new"), meter("g", fuel="gas", tariff_id="G")], [])
    changed = touched(news.entries_of_meters(METERS.values()), news.entries_of_meters(moved.values()))
    assert changed == {("e", MARCH), ("e", APRIL), ("e", MAY), ("fr", APRIL)}
    assert len(touched(set(), news.rule_entry())) == 6


def test_hours_near_midnight_touch_the_local_months_that_their_day_lies_in() -> None:
    found = news.months_of_days([("e", date(2024, 5, 31)), ("e", date(2024, 1, 31)), ("v", MARCH)], METERS)
    assert found == {("e", date(2024, 5, 1)), ("e", date(2024, 6, 1)), ("e", date(2024, 1, 1))}


def test_groups_sum_what_is_known_and_count_what_is_not() -> None:
    rows = [meter("a"), meter("b", carbon_region=None), meter("c", site_id=None, building_id="d", tariff_id="none")]
    book = book_of(rows, [factor(0.5)], [charge("unit_rate", 0.1, vat_share=0.0)])
    energies = (("a", [1.0, 3.0]), ("b", [8.0]), ("c", [2.0]))
    accounts = accounts_of(
        [r for name, kwh in energies for r in hours(name, "2024-03-01 00:00", kwh)], "2024-03-01", book
    )
    groups = {(r["group_kind"], r["group_id"]): r for r in group_rows(EMISSIONS, accounts.emissions, book.meters)}
    assert set(groups) == {("building", "b"), ("building", "d"), ("site", "s"), ("portfolio", "*")}
    portfolio = groups["portfolio", "*"]
    assert (portfolio["emissions_g"], portfolio["meters"], portfolio["meters_missing"]) == (Decimal(3000), 3, 1)
    assert (portfolio["hours"], portfolio["hours_counted"]) == (3 * 743, 3)
    costs = {r["currency"]: r for r in group_rows(COSTS, accounts.costs, book.meters) if r["group_kind"] == "portfolio"}
    assert (costs["GBP"]["total"], costs["XXX"]["total"]) == (Decimal("1.2"), None)


def forecasts(origin: str, **values: Any) -> Row:
    plain: Row = dict.fromkeys(gold.FORECASTS.column_names) | {
        "meter_id": "e", "origin_utc": at(origin), "interval_start_utc": at(origin), "model_name": "m",
        "run_kind": "live", "model_version": "1", "fuel": "electricity", "horizon_hours": 1, "p10": 1.0, "p50": 2.0,
        "p90": 5.0, "imputed_share": 0.0,
    }  # fmt: skip
    return plain | values


def test_quantiles_of_cost_turn_round_at_a_negative_price_and_what_is_not_known_is_a_mean() -> None:
    origin = at("2024-03-01 00:00")
    tariffs = [charge("price_series", 0.0, price_series_id="market"), charge("unit_rate", 0.1, flow="export")]
    past = intensity("2024-02-29 01:00", 60, [300.0])
    book = book_of([meter("e"), meter("x", flow="export")], [], tariffs, past, prices("2024-03-01 00:00", [-0.1]))
    rows = [
        forecasts("2024-03-01 00:00"),
        forecasts("2024-03-01 00:00", interval_start_utc=origin + HOUR),
        forecasts("2024-03-01 00:00", meter_id="x"),
        forecasts("2024-03-01 00:00", meter_id="unknown"),
    ]
    foretold = book.foretold(int(origin.timestamp()) // 3600, 24)
    priced = forecast_rows(table_of(gold.FORECASTS, rows), date(2024, 3, 1), foretold).to_pylist()
    first, second, export = priced
    assert [first[f"cost_p{p}"] for p in (10, 50, 90)] == [Decimal("-0.5"), Decimal("-0.2"), Decimal("-0.1")]
    assert (first["price_is_estimated"], first["emissions_p50_g"]) == (False, None)
    assert first["emissions_reason"] == "no_factor: electricity GB"
    assert (second["emissions_p90_g"], second["factor_edition"]) == (Decimal(1500), "mean_of_28_days")
    assert (second["stale_share"], second["cost_reason"]) == (1.0, "no_price: market")
    assert [export[f"cost_p{p}"] for p in (10, 90)] == [Decimal("-0.5"), Decimal("-0.1")]
    assert export["emissions_p50_g"] is None


@pytest.mark.parametrize("days", [0, 400])
def test_nothing_known_is_nothing_foretold(days: int) -> None:
    book = book_of([meter("e")], intensities=intensity("2024-03-01 00:00", 60, [300.0]))
    origin = at("2024-03-01 00:00") + timedelta(days=days)
    rows = [forecasts("2024-03-01 00:00", origin_utc=origin, interval_start_utc=origin + 5 * HOUR, p50=None)]
    (row,) = forecast_rows(
        table_of(gold.FORECASTS, rows), date(2024, 3, 1), book.foretold(int(origin.timestamp()) // 3600, 24)
    ).to_pylist()
    assert (row["emissions_p50_g"], row["cost_reason"]) == (None, "no_forecast")
