"""Carbon by hand: intensities of any interval, factors of years, contracts, flows, and what is not known."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from account_rows import Row, accounts_of, book_of, factor, hours, intensity, meter

from energy_lib.insights.accounts.hour_means import hour_means, with_means_of_past_days

MARCH = "2024-03-01"


def month_of(rows: list[Row], **book: Any) -> tuple[list[Row], Row]:
    """The hours, and the only meter's statement."""
    accounts = accounts_of(rows, MARCH, book_of(**({"meters": [meter("m")]} | book)))
    (statement,) = accounts.emissions
    return accounts.hours.to_pylist(), statement


def means(*rows: tuple[int, int, float]) -> tuple[list[float], list[float]]:
    """Means and coverage of intervals (start, minutes, value)."""
    start, minutes, value = (np.array(column) for column in zip(*rows, strict=True))
    found = hour_means(start, minutes, value.astype(float), np.zeros(len(start), np.int64))
    return found.value.tolist(), found.covered.tolist()


def test_intervals_change_from_30_to_15_minutes_within_a_file() -> None:
    rows = intensity("2024-03-01 00:00", 30, [100.0, 200.0]) + intensity(
        "2024-03-01 01:00", 15, [10.0, 20.0, 30.0, 60.0]
    )
    found, statement = month_of(hours("m", "2024-03-01 00:00", [2.0, 3.0]), intensities=rows)
    assert [row["factor_g_per_kwh"] for row in found] == [150.0, 30.0]
    assert statement["emissions_g"] == Decimal("390.000000")
    assert (statement["stale_share"], statement["factors"]) == (0.0, "silver.carbon_intensity, of_the_hour")


def test_an_interval_ends_where_the_next_begins_and_may_last_hours() -> None:
    assert means((0, 60, 10.0), (30, 30, 30.0)) == ([20.0], [1.0])
    assert means((30, 180, 8.0)) == ([8.0] * 4, [0.5, 1.0, 1.0, 0.5])
    assert means((0, 60, 10.0), (60, 0, 99.0), (120, 60, np.nan)) == ([10.0], [1.0])


def test_a_missing_half_hour_has_the_years_factor_and_says_so() -> None:
    found, statement = month_of(
        hours("m", "2024-03-01 00:00", [2.0]),
        intensities=intensity("2024-03-01 00:00", 30, [100.0]),
        factors=[factor(0.3)],
    )
    assert (found[0]["factor_g_per_kwh"], found[0]["stale_share"]) == (200.0, 0.5)
    assert found[0]["factor_edition"] == "of_the_hour; 2024"
    assert statement["emissions_g"] == Decimal("400.000000")


def test_without_a_years_factor_the_rest_of_the_hour_stands_for_it() -> None:
    found, _ = month_of(
        hours("m", "2024-03-01 00:00", [2.0, 1.0]), intensities=intensity("2024-03-01 00:00", 30, [100.0])
    )
    assert [(row["factor_g_per_kwh"], row["emissions_reason"]) for row in found] == [
        (100.0, None),
        (None, "no_factor: electricity GB"),
    ]


def test_what_is_not_known_is_null_with_its_reason_never_zero() -> None:
    rows = hours("m", "2024-03-01 00:00", [1.0, None, 1e15])
    found, statement = month_of(rows, factors=[factor(0.2)])
    assert [row["emissions_g"] for row in found] == [Decimal("200.000000"), None, None]
    assert [row["emissions_reason"] for row in found] == [None, "no_reading", "too_large"]
    assert (statement["hours_counted"], statement["energy_kwh"]) == (1, Decimal("1.000000"))
    nowhere = {"meters": [meter("m", carbon_region=None)]}
    found, statement = month_of(hours("m", "2024-03-01 00:00", [1.0]), factors=[factor(0.2)], **nowhere)
    assert (found[0]["emissions_g"], found[0]["emissions_reason"]) == (None, "no_carbon_region")
    assert (statement["emissions_g"], statement["meters_missing"]) == (None, 1)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"calorific_basis": "net"}, "factor_by_net_calorific_value: gas GB 2024-01-01"),
        ({"edition": " "}, "factor_without_edition: gas GB 2024-01-01"),
        ({"region": "FR"}, "no_factor: gas GB"),
    ],
)
def test_a_factor_that_may_not_be_applied_is_named(wrong: Row, reason: str) -> None:
    gas = factor(0.18, fuel="gas", scope="scope_1", **wrong)
    found, _ = month_of(hours("m", "2024-03-01 00:00", [1.0]), meters=[meter("m", fuel="gas")], factors=[gas])
    assert found[0]["emissions_reason"] == reason


def test_fuels_have_the_factor_in_force_on_the_local_day_or_the_last_one_marked_stale() -> None:
    gas = {"fuel": "gas", "scope": "scope_1"}
    factors = [factor(0.10, "2023-01-01", "2024-03-10", **gas), factor(0.20, "2024-03-10", "2024-03-20", **gas)]
    rows = [*hours("m", "2024-03-09 23:00", [1.0, 1.0]), *hours("m", "2024-03-25 00:00", [1.0])]
    found, statement = month_of(rows, meters=[meter("m", fuel="gas")], factors=factors)
    assert [row["emissions_g"] for row in found] == [Decimal(100), Decimal(200), Decimal(200)]
    assert [row["stale_share"] for row in found] == [0.0, 0.0, 1.0]
    assert statement["scope"] == "scope_1"
    assert statement["factors"] == "Factors, 2023 | Factors, 2024"


def test_market_based_stands_beside_and_marginal_in_no_total() -> None:
    contract = factor(0.0, basis="market", supply_contract_id="green", valid_to="2024-03-02")
    residual = factor(0.4, basis="market")
    series = [*intensity("2024-03-01 00:00", 60, [100.0] * 2), *intensity("2024-03-01 00:00", 60, [500.0], "marginal")]
    rows = [*hours("m", "2024-03-01 00:00", [2.0] * 2), *hours("m", "2024-03-03 00:00", [2.0])]
    given = {"factors": [factor(0.3), contract, residual], "intensities": series}
    found, statement = month_of(rows, meters=[meter("m", supply_contract_id="green")], **given)
    assert [row["market_emissions_g"] for row in found] == [Decimal(0), Decimal(0), None], "the contract has ended"
    assert [row["marginal_g"] for row in found] == [Decimal(1000), None, None]
    assert (statement["emissions_g"], statement["marginal_hours"]) == (Decimal(1000), 1)
    _, statement = month_of(rows, meters=[meter("m")], **given)
    assert (statement["market_emissions_g"], statement["market_hours"]) == (Decimal(2400), 3)


def test_exports_are_told_apart_and_a_net_register_emits_only_what_it_imports() -> None:
    given = {"intensities": intensity("2024-03-01 00:00", 60, [100.0] * 2)}
    found, statement = month_of(hours("m", "2024-03-01 00:00", [2.0]), meters=[meter("m", flow="export")], **given)
    assert (found[0]["emissions_g"], found[0]["apart_g"]) == (None, Decimal(200))
    assert found[0]["emissions_reason"] == "export_is_not_counted"
    assert (statement["emissions_g"], statement["apart_g"]) == (None, Decimal(200))
    assert (statement["energy_kwh"], statement["meters_missing"]) == (Decimal(2), 0)
    assert str(statement["reason"]).startswith("export_is_not_counted: 1 hours")
    _, statement = month_of(hours("m", "2024-03-01 00:00", [3.0, -2.0]), meters=[meter("m", flow="net")], **given)
    assert (statement["emissions_g"], statement["apart_g"]) == (Decimal(300), Decimal(200))


def test_imputed_share_is_weighted_by_energy() -> None:
    rows = [*hours("m", "2024-03-01 00:00", [3.0]), *hours("m", "2024-03-01 01:00", [1.0], imputed_share=1.0)]
    assert month_of(rows, factors=[factor(0.2)])[1]["imputed_share"] == 0.25


def test_a_series_goes_on_by_the_mean_of_the_same_hour_over_28_days() -> None:
    origin = 40 * 24
    hour = np.arange(0, origin + 1)
    value = np.where(hour % 24 == 3, 7.0, 1.0)
    value[origin] = 99.0
    series = hour_means(hour * 60, np.full(len(hour), 60), value, np.zeros(len(hour), np.int64))
    tomorrow = with_means_of_past_days(series, origin, 24).at(np.arange(origin, origin + 24))
    assert tomorrow.value[[0, 1, 3]].tolist() == [99.0, 1.0, 7.0]
    assert tomorrow.estimated[:2].tolist() == [False, True]
