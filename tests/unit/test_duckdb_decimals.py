"""Grams and money by DuckDB: types by Spark's rules, values worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as Amount
from pathlib import Path

import pyarrow as pa
import pytest
from plain_rows import NOON, put

from energy_lib.lake import duckdb_decimals as decimals
from energy_lib.lake.duckdb_decimals import Decimal
from energy_lib.lake.duckdb_queries import answer_by_duckdb
from energy_lib.tables.answers.accounts import EMISSIONS, HOURLY_ACCOUNTS

HOUR = timedelta(hours=1)
GRAMS, MONEY = Decimal(28, 6), Decimal(28, 8)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (decimals.of_literal("1000"), (4, 0)),
        (decimals.of_literal("-0.050"), (3, 3)),
        (decimals.of_literal("12.50"), (4, 2)),
        (decimals.of_literal(".0"), (1, 1)),
        (decimals.added(GRAMS, MONEY), (31, 8)),
        # 39 digits do not fit: one after the point goes.
        (decimals.added(Decimal(38, 8), Decimal(38, 8)), (38, 7)),
        (decimals.multiplied(MONEY, Decimal(2, 1)), (31, 9)),
        (decimals.multiplied(Decimal(38, 8), Decimal(2, 1)), (38, 6)),
        (decimals.divided(GRAMS, Decimal(4, 0)), (33, 11)),
        (decimals.divided(Decimal(38, 6), Decimal(4, 0)), (38, 6)),
        (decimals.divided(Decimal(1, 0), Decimal(1, 0)), (7, 6)),
        # 20 digits before the point, 18 after it.
        (decimals.divided(Decimal(18, 6), Decimal(18, 8)), (38, 18)),
        # 38 digits after the point and then 19: Spark's second rounding may move a half.
        (decimals.divided(Decimal(19, 18), Decimal(38, 0)), None),
        (decimals.summed(GRAMS), (38, 6)),
        (decimals.summed(Decimal(30, 6)), (38, 6)),
        (decimals.averaged(GRAMS), (32, 10)),
        (decimals.averaged(Decimal(11, 2)), None),
        (decimals.rounded(MONEY, 2), (23, 2)),
        (decimals.rounded(MONEY, 9), (29, 8)),
        (decimals.wider(GRAMS, MONEY), (30, 8)),
        (decimals.wider(Decimal(38, 0), MONEY), None),
    ],
)
def test_the_rules_are_sparks(found: Decimal | None, expected: tuple[int, int] | None) -> None:
    assert found == expected


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("decimals")
    given = [("a", "2.5", "1"), ("a", "-2.5", "3"), ("a", None, "0.00000001"), ("b", "0.125", "7"), ("c", None, None)]
    for i, (meter, cost, vat) in enumerate(given):
        hour = {"meter_id": meter, "interval_start_utc": NOON + i * HOUR, "month": date(2024, 3, 1)}
        put(
            root,
            HOURLY_ACCOUNTS,
            {**hour, "cost": cost and Amount(cost), "vat": vat and Amount(vat), "energy_kwh": i / 2},
        )
    put(
        root,
        EMISSIONS,
        {"emissions_g": Amount("1234567890123456789012.000004"), "hours": 3},
        {"emissions_g": Amount("0.5")},
    )
    return root


@pytest.mark.parametrize(
    ("asked", "kind", "values"),
    [
        ("sum(cost)", (28, 8), ["0", "0.125", None]),
        # Thirds are cut at twelve digits, halves go away from zero.
        ("avg(vat)", (22, 12), ["1.333333336667", "7", None]),
        ("sum(vat) / 1000", (33, 13), ["0.0040000000100", "0.007", None]),
        ("round(min(cost))", (11, 0), ["-3", "0", None]),
        ("round(max(cost), 2)", (13, 2), ["2.5", "0.13", None]),
        ("sum(cost) + sum(vat)", (29, 8), ["4.00000001", "7.125", None]),
        ("sum(coalesce(cost, 0))", (28, 8), ["0", "0.125", "0"]),
        ("min(cost) * 3", (20, 8), ["-7.5", "0.375", None]),
        ("count(cost)", "int64", [2, 1, 0]),
        ("cast(max(vat) AS DOUBLE)", "double", [3.0, 7.0, None]),
        # Of 0, 0.5 and 1 the twentieth part of the way; of one value it is that.
        ("percentile(energy_kwh, 0.05)", "double", [0.05, 1.5, 2.0]),
        ("max(interval_start_utc) - min(interval_start_utc)", "duration[us]", [2 * HOUR, 0 * HOUR, 0 * HOUR]),
    ],
)  # fmt: skip
def test_amounts_of_groups(lake: Path, asked: str, kind: tuple[int, int] | str, values: list[object]) -> None:
    statement = f"SELECT {asked} AS x FROM gold.hourly_accounts GROUP BY meter_id ORDER BY meter_id"
    answer = answer_by_duckdb(str(lake), statement)
    assert answer is not None
    wanted = kind if isinstance(kind, str) else f"decimal128({kind[0]}, {kind[1]})"
    assert str(answer.schema.field("x").type) == wanted
    expected = [Amount(value) if isinstance(value, str) else value for value in values]
    assert answer.column("x").to_pylist() == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        # 1234567890123456789012500004 / 1000, and half a unit of the sixth digit more.
        ("sum(emissions_g) / 1000", Amount("1234567890123456789.012500")),
        ("sum(emissions_g) / 8", Amount("154320986265432098626.562501")),
        ("sum(emissions_g) / sum(hours)", Amount("308641972530864197253.125001")),
        ("max(emissions_g) - min(emissions_g)", Amount("1234567890123456789011.500004")),
        ("cast(max(emissions_g) AS DOUBLE)", 1234567890123456789012.000004),
    ],
)  # fmt: skip
def test_no_digit_is_lost_in_large_sums(lake: Path, asked: str, expected: Amount | float) -> None:
    answer = answer_by_duckdb(str(lake), f"SELECT {asked} AS x FROM gold.emissions")
    assert answer is not None
    assert answer.column("x").to_pylist() == [expected]


def test_a_sum_beyond_its_digits_is_sparks_error(lake: Path) -> None:
    assert answer_by_duckdb(str(lake), "SELECT max(emissions_g) * 1e0 AS x FROM gold.emissions") is not None
    assert answer_by_duckdb(str(lake), "SELECT max(emissions_g) * max(emissions_g) AS x FROM gold.emissions") is None


def test_all_columns_have_the_tables_types(lake: Path) -> None:
    answer = answer_by_duckdb(str(lake), "SELECT * FROM gold.hourly_accounts")
    assert answer is not None
    assert answer.schema.field("cost").type == pa.decimal128(18, 8)
    assert answer.schema.field("imputed_share").type == pa.float32()
    assert answer.schema.field("interval_start_utc").type == pa.timestamp("us", "UTC")
