"""Grams and money by DuckDB: the names, types and every digit that Spark gives, or the question is left to Spark."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pyarrow as pa
import pytest
from plain_rows import NOON, put
from pyspark.sql import SparkSession

from energy_lib.catalog import all_tables
from energy_lib.lake import Lake
from energy_lib.lake.duckdb_queries import answer_by_duckdb
from energy_lib.lake.queries import fetched, run_query
from energy_lib.tables import silver
from energy_lib.tables.answers.accounts import COSTS, EMISSIONS, HOURLY_ACCOUNTS

# Of an hour: 18 digits, 6 or 8 of them after the point. Halves at each digit, the ends of the range, none, zero.
GRAMS = ["0.000005", "-0.000005", "2.675", "-2.675", "999999999999.999999", "-999999999999.999999", "0", None, "1234.5"]
MONEY = ["0.00000005", "-0.125", "2.5", "-2.5", "9999999999.99999999", "0.005", "1.5", "-0.00000001", None]
KWH = [0.1, 2.675, -3.0, 0.0, 1e-7, 123456.789, None, 2.5, -0.125]
# A month's: 28 digits.
MORE_GRAMS = ["1234567890123456789012.345678", "-0.000001", "10.5", None, "0.000004", "-99.995", "7", "0.5", "-3.25"]
MORE_MONEY = ["12345678901234567890.12345678", "-2.25", "0.00000001", None, "-0.05", "1", "33.33333333", "2", "-1.5"]
HOUR = timedelta(hours=1)

OF_HOURS = (
    "emissions_g + cost", "emissions_g - apart_g", "emissions_g * cost", "cost + 1", "cost - 0.5", "1000 * cost",
    "emissions_g * 0.0005", "emissions_g / 1000", "cost / 7", "1 / nullif(cost, 0)", "cost / 0.3",
    "emissions_g / nullif(cost, 0)", "- emissions_g", "abs(cost)", "round(cost)", "round(cost, 2)",
    "round(emissions_g, 5)", "round(emissions_g, 8)", "round(cost + vat, 1)", "cast(cost AS DOUBLE)",
    "cast(emissions_g AS DOUBLE)", "cast(emissions_g AS DECIMAL(20, 2))", "cast(energy_kwh AS DECIMAL(18, 2))",
    "cast(cost + vat AS DECIMAL(30, 4))", "cost * energy_kwh", "energy_kwh + 0.1", "cost + energy_kwh",
    "cost / nullif(energy_kwh, 0)", "coalesce(cost, 0)", "coalesce(cost, vat, 0.5)", "coalesce(cost, energy_kwh, 1)",
    "greatest(cost, vat, 0)", "least(emissions_g, cost, 3)", "nullif(cost, 2.5)", "nullif(emissions_g, 0)",
    "CASE WHEN cost > 0 THEN cost ELSE 0 END", "CASE WHEN cost > vat THEN emissions_g WHEN vat > 0 THEN vat END",
    "cost > 0.5", "cost = vat", "cost <> 2.5", "cost >= energy_kwh", "emissions_g BETWEEN -3 AND 2.675",
    "cost IN (0, 1.5, 2.5)", "cost NOT IN (2.5, 1)", "cost IS NULL", "emissions_g > cost", "1.5", "7 / 2.0",
    "0.1 + 0.25", "1e3 * cost", "year(interval_start_utc) * cost", "length(meter_id)", "year(interval_start_utc) * 2",
    "interval_start_utc - TIMESTAMP '2024-03-01 00:30:00'", "imputed_share",
    "coalesce(cost, 0.25, 0.5)", "coalesce(0.5, 0.25)", "0.05",
)  # fmt: skip
OF_GROUPS = (
    "sum(cost)", "sum(emissions_g)", "avg(cost)", "avg(emissions_g)", "min(cost)", "max(vat)", "count(cost)",
    "sum(DISTINCT cost)", "sum(emissions_g) / 1000", "sum(cost) * 1.2", "sum(cost) + sum(vat)", "sum(cost + vat)",
    "sum(cost) / count(*)", "sum(cost) / nullif(sum(energy_kwh), 0)", "round(sum(cost), 2)", "round(avg(cost), 6)",
    "sum(CASE WHEN cost > 0 THEN cost ELSE 0 END)", "sum(CASE WHEN cost > 0 THEN 1 ELSE 0 END)", "avg(energy_kwh)",
    "sum(coalesce(cost, 0))", "max(cost) - min(cost)", "cast(sum(cost) AS DOUBLE)", "sum(cast(cost AS DECIMAL(18, 2)))",
    "max(interval_start_utc) - min(interval_start_utc)", "max(imputed_share)", "percentile(energy_kwh, 0.05)",
    "percentile(energy_kwh, 0.5)", "percentile(cost, 0.95)", "percentile(energy_kwh, 1)", "sum(length(meter_id))",
)  # fmt: skip
OF_MONTHS = (
    "sum(emissions_g)", "sum(emissions_g) / 1000", "sum(emissions_g) * 0.001", "avg(emissions_g)",
    "avg(emissions_g) / 3",    "sum(emissions_g) + sum(apart_g)",
    "sum(emissions_g) / sum(hours)", "max(emissions_g) / 1000", "sum(hours) / 24",
    "round(sum(emissions_g) / 1000000, 3)", "sum(emissions_g) - max(emissions_g)", "min(emissions_g) * 2",
)  # fmt: skip
OF_BILLS = (
    "sum(total)", "sum(total) / 12", "sum(energy_cost) + sum(vat)", "sum(total) * 1.2", "avg(total)", "max(total) / 7",
    "sum(total) / nullif(sum(hours), 0)", "round(sum(total), 2)", "sum(energy_cost - vat)", "min(total) * max(vat)",
)  # fmt: skip


def listed(expressions: tuple[str, ...]) -> str:
    return ", ".join(f"{expression} AS c{i}" for i, expression in enumerate(expressions))


QUESTIONS = {
    "hours": f"SELECT meter_id, interval_start_utc, {listed(OF_HOURS)} FROM gold.hourly_accounts",
    "groups": f"SELECT meter_id, {listed(OF_GROUPS)} FROM gold.hourly_accounts GROUP BY meter_id",
    "no rows": f"SELECT {listed(OF_GROUPS)} FROM gold.hourly_accounts WHERE meter_id = 'nobody'",
    "months": f"SELECT month, {listed(OF_MONTHS)} FROM gold.emissions GROUP BY month",
    "bills": f"SELECT month, {listed(OF_BILLS)} FROM gold.costs GROUP BY month",
    "unnamed": "SELECT sum(cost), avg(emissions_g), max(vat), count(cost) FROM gold.hourly_accounts",
    "all columns": "SELECT * FROM gold.hourly_accounts",
    "in a query": "WITH m AS (SELECT meter_id, sum(cost) AS cost FROM gold.hourly_accounts GROUP BY meter_id) "
    "SELECT meter_id, cost / 1000 AS thousands, share FROM m JOIN (SELECT max(cost) AS share FROM m) ON cost <= share",
    "its own name": "SELECT meter_id, sum(cost) AS cost, round(sum(vat), 1) AS vat FROM gold.hourly_accounts "
    "GROUP BY meter_id HAVING sum(cost) > -10 ORDER BY cost DESC, meter_id",
    "the highest": "SELECT meter_id, cost FROM gold.hourly_accounts WHERE cost = (SELECT max(cost) FROM gold.costs, "
    "gold.hourly_accounts WHERE cost < 3)",
    "two tables": "SELECT h.month, max(h.energy_kwh) AS kwh, sum(e.energy_kwh) AS reported, max(e.imputed_share) AS i "
    "FROM gold.hourly_accounts h JOIN gold.emissions e ON e.month = h.month GROUP BY h.month",
    "together": "SELECT cost AS money FROM gold.hourly_accounts UNION ALL SELECT vat FROM gold.hourly_accounts",
    "grouped": "SELECT cost, count(*) AS n FROM gold.hourly_accounts GROUP BY cost ORDER BY cost",
    "lists": "SELECT meter_id, flags FROM silver.readings",
}
# Whose types or digits DuckDB would give otherwise, or that Spark refuses.
SPARKS = (
    "SELECT cost / 0 AS x FROM gold.hourly_accounts",
    "SELECT sum(cost) / sum(vat - vat) AS x FROM gold.hourly_accounts",
    "SELECT cost * -5 AS x FROM gold.hourly_accounts",
    "SELECT cost % 2 AS x FROM gold.hourly_accounts",
    "SELECT cast(cost AS INT) AS x FROM gold.hourly_accounts",
    "SELECT cast(cost AS DECIMAL(8, 2)) AS x FROM gold.hourly_accounts WHERE cost > 9999999",
    "SELECT cast(cost AS DECIMAL) AS x FROM gold.hourly_accounts",
    "SELECT avg(cast(cost AS DECIMAL(8, 2))) AS x FROM gold.hourly_accounts WHERE cost < 9",
    "SELECT avg(DISTINCT cost) AS x FROM gold.hourly_accounts",
    "SELECT cost = '2.5' AS x FROM gold.hourly_accounts",
    "SELECT cost AS x FROM gold.hourly_accounts UNION ALL SELECT emissions_g FROM gold.hourly_accounts",
    "SELECT -cost AS cost FROM gold.hourly_accounts ORDER BY abs(cost) + cost",
    "SELECT cost AS money FROM gold.hourly_accounts WHERE money > 1",
    "SELECT sum(max_cost) AS x FROM (SELECT max(cost) - nobody AS max_cost FROM gold.hourly_accounts)",
    "SELECT * FROM gold.costs JOIN gold.emissions USING (group_kind, month)",
    "SELECT 2L AS x",
    "SELECT 1.5D",
)


@pytest.fixture(scope="module")
def accounts(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    forget(spark)
    root = tmp_path_factory.mktemp("decimals") / "lake"
    random = Random(7)
    hours = []
    for i in range(36):
        grams, apart, cost, vat = (random.choice(given) for given in (GRAMS, GRAMS, MONEY, MONEY))
        row = {"emissions_g": grams, "apart_g": apart, "cost": cost, "vat": vat}
        known = {name: value and Decimal(value) for name, value in row.items()}
        about = {"meter_id": f"m{i % 4}", "interval_start_utc": NOON + i * HOUR, "month": date(2024, 3, 1)}
        hours.append({**about, **known, "energy_kwh": random.choice(KWH), "imputed_share": i / 36})
    # Of one meter nothing is known.
    hours += [
        {"meter_id": "silent", "interval_start_utc": NOON + i * HOUR, "month": date(2024, 4, 1)} for i in range(2)
    ]
    put(root, HOURLY_ACCOUNTS, *hours)
    months = [date(2024, 1 + i % 2, 1) for i in range(9)]
    grams = [value and Decimal(value) for value in MORE_GRAMS]
    money = [value and Decimal(value) for value in MORE_MONEY]
    for month, g, other, m, n in zip(months, grams, grams[::-1], money, range(9), strict=True):
        put(root, EMISSIONS, {"month": month, "emissions_g": g, "apart_g": other, "hours": 700 + n})
        put(root, COSTS, {"month": month, "total": m, "energy_cost": m, "vat": money[-n], "hours": 700 + n})
    put(root, EMISSIONS, {"month": date(2024, 3, 1), "energy_kwh": Decimal("12.5"), "imputed_share": 0.25})
    put(root, silver.READINGS, {"flags": ["a", "b"]}, {"flags": []})
    yield Lake(spark, str(root))
    forget(spark)


def forget(spark: SparkSession) -> None:
    """Tables of another lake may be known to the session by the same names."""
    for table in (COSTS, EMISSIONS, HOURLY_ACCOUNTS, silver.READINGS):
        spark.sql(f"DROP TABLE IF EXISTS {table.full_name}")


@pytest.mark.parametrize("question", QUESTIONS)
def test_duckdb_gives_sparks_digits_and_types(accounts: Lake, question: str) -> None:
    statement = QUESTIONS[question]
    ours = answer_by_duckdb(accounts.root, statement)
    assert ours is not None
    assert shown(ours) == shown(fetched(run_query(accounts, all_tables(), statement)))


@pytest.mark.parametrize("statement", SPARKS)
def test_the_rest_is_left_to_spark(accounts: Lake, statement: str) -> None:
    assert answer_by_duckdb(accounts.root, statement) is None


def shown(answer: pa.Table) -> tuple[list[tuple[str, pa.DataType]], list[str]]:
    """Names and types of the columns, and the rows in the order of their texts."""
    types = [(column.name, column.type) for column in answer.schema]
    return types, sorted(map(str, answer.to_pylist()))
