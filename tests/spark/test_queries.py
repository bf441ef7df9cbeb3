"""Every block of docs/queries.md runs, on a lake of two meters; and the tables open without Spark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from plain_rows import NOON, full_rows
from pyspark.sql import SparkSession

from energy_lib.catalog import all_tables
from energy_lib.lake import Lake
from energy_lib.lake.answers import as_frame
from energy_lib.lake.duckdb_queries import answer_by_duckdb
from energy_lib.lake.queries import fetched, run_query
from energy_lib.lake.spark_schemas import spark_schema
from energy_lib.tables import Table, bronze, gold, ops, references, silver
from energy_lib.tables.answers.access import ACCESS_INDICATORS, AREA_SUMMARIES
from energy_lib.tables.answers.accounts import ACCOUNT_FORECASTS, COSTS, EMISSIONS
from energy_lib.tables.answers.advice import ADVICE
from energy_lib.tables.answers.alerts import ALERTS, DAY_LIMITS
from energy_lib.tables.answers.anomalies import ANOMALIES
from energy_lib.tables.answers.recommendations import RECOMMENDATION_STATES, RECOMMENDATIONS
from energy_lib.tables.answers.savings import SAVINGS
from energy_lib.tables.answers.scenarios import SCENARIO_RESULTS
from energy_lib.tables.answers.schedules import SCHEDULES

PAGE = (Path(__file__).parents[2] / "docs" / "queries.md").read_text()
SQL = re.findall(r"\n([^\n]*)\n```sql\n(.*?)```", PAGE, re.S)
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, re.S)
HOUR = timedelta(hours=1)


def insert(lake: Lake, table: Table, *rows: dict[str, Any]) -> None:
    """Rows with plausible values where none are given."""
    full = [tuple(row.values()) for row in full_rows(table, *rows)]
    lake.append(table, lake.spark.createDataFrame(full, spark_schema(table)))


@pytest.fixture(scope="module")
def small(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    lake = Lake(spark, str(tmp_path_factory.mktemp("queries") / "lake"))
    meters = [
        {"meter_id": m, "fuel": f, "zone": "Europe/London", "floor_area_m2": 50.0}
        for m, f in (("m1", "gas"), ("m2", "electricity"))
    ]
    insert(lake, silver.METERS, *meters)
    insert(lake, silver.VIRTUAL_METERS, {"virtual_meter_id": "v", "meter_id": "m1", "sign": 1.0})
    hours = [dict(m, interval_start_utc=NOON + HOUR * i) for m in meters for i in range(14)]
    month = {"interval_month": date(2024, 3, 1), "quality": "measured"}
    insert(lake, silver.HOURLY, *(dict(h, energy_kwh=2.0 + i, measured_kwh=2.0, **month) for i, h in enumerate(hours)))
    first = dict(
        hours[0], available_at_utc=NOON - 40 * 24 * HOUR, superseded_at_utc=NOON + HOUR, energy_kwh=5.0, **month
    )
    second = dict(first, row_number=2, available_at_utc=NOON + HOUR, superseded_at_utc=None, energy_kwh=7.0)
    insert(lake, silver.READINGS, first, second)
    insert(lake, silver.QUARANTINE, {"row_number": 3, "rule_id": "negative", "reason": "-1 kWh is negative"})
    insert(lake, bronze.READINGS, *({"row_number": n} for n in (1, 2, 3)))
    models = [
        ("dense", "1", "model_absurd: mean_of_4_weeks", 3.0),
        ("seasonal_naive_168h", "seasonal_naive_168h", None, 1.0),
    ]
    insert(
        lake,
        gold.FORECASTS,
        *(
            dict(
                h, origin_utc=NOON, model_name=n, model_version=v, run_kind="live", p10=1.0, p50=p, p90=4.0, fallback=w
            )
            for h in hours
            for n, v, w, p in models
        ),
    )
    portfolio = {"group_kind": "portfolio", "group_id": "*", "origin_utc": NOON, "model_name": "dense"}
    insert(lake, gold.GROUP_FORECASTS, *(dict(portfolio, fuel=m["fuel"], meters=1) for m in meters))
    scopes = [("total", "backtest", "*", "*"), ("day", "live", "*", "*"), ("meter", "live", "gas", "m1")]
    insert(
        lake,
        gold.SCORES,
        *(
            {
                "model_name": n,
                "model_version": v,
                "run_kind": kind,
                "scope": scope,
                "fuel": fuel,
                "meter_id": meter,
                "wape": p,
                "mase": p,
            }
            for scope, kind, fuel, meter in scopes
            for n, v, _, p in models
        ),
    )
    building = {"group_kind": "building", "group_id": "b", "emissions_g": Decimal("1.5"), "statement": 1}
    insert(lake, EMISSIONS, dict(building, superseded_at_utc=NOON + HOUR), dict(building, statement=2))
    insert(lake, COSTS, {"group_kind": "portfolio", "group_id": "*", "total": Decimal("-2.25"), "hours": 744})
    insert(lake, ACCOUNT_FORECASTS, dict(hours[0], emissions_p50_g=Decimal(3), cost_p50=Decimal("0.1")))
    offered = {"status": "offered", "priority_rank": 1, "energy_kwh_per_year": 2.0, "counted_energy_kwh_per_year": 1.0}
    insert(lake, SAVINGS, {"project_id": "p", "meter_id": "*", "scope": "total"})
    insert(lake, RECOMMENDATION_STATES, {"state": "done", "project_id": "p", "promised_kwh_per_year": 2.0})
    insert(lake, RECOMMENDATIONS, offered, {"status": "suppressed", "reason": "no price"})
    insert(lake, ANOMALIES, {
        "state": "open", "energy_kwh": 12.5, "cost": 3.125, "currency": "GBP", "counted_kwh": 4.0, "counted_cost": 1.0,
    })  # fmt: skip
    insert(lake, DAY_LIMITS, {"meter_id": "m1", "expected_kwh": [2.0] * 24})
    insert(lake, ALERTS, {"score": 1.5})
    insert(lake, ADVICE, {"worth": 6.5})
    told = {"area_id": "ward", "edition": 1, "energy_kwh": 2.5}
    insert(lake, references.AREAS, {"area_id": "ward", "deprivation_rank": 0.25})
    asked = {"scenario": "cars", "category": "homes", "quantity": "cost", "group_kind": "all", "group_id": "*"}
    asked |= {"baseline": 120.0, "change": 12.5, "change_low": 6.25, "change_high": 25.0, "units": 4, "taking_part": 2}
    insert(lake, SCENARIO_RESULTS, asked, asked | {"group_kind": "area", "group_id": "ward", "gain_share": 0.25})
    insert(lake, AREA_SUMMARIES, told | {"flow": "import"}, told | {"flow": "import", "energy_kwh": None})
    insert(lake, ACCESS_INDICATORS, told | {"homes": 120, "share": 0.25}, told | {"edition": 2, "share": 0.5})
    planned = {"site_id": "s", "origin_utc": NOON, "power_kw": 2.5, "expected_saving": 1.25, "currency": "GBP"}
    insert(lake, SCHEDULES, dict(planned, asset_kind="battery"), dict(planned, asset_id="*", relaxed_kw=1.0))
    saved = {
        "project_id": "p",
        "meter_id": "*",
        "scope": "total",
        "avoided_kwh": 84.0,
        "proven": True,
        "avoided_cost": 9.5,
    }
    insert(lake, SAVINGS, saved | {"avoided_kwh_low": 1.0, "avoided_kwh_high": 167.0, "currency": "GBP"})
    insert(lake, ops.RUNS, {"job": "clean", "status": "succeeded"})
    return lake


def test_the_page_holds_a_dozen_queries() -> None:
    assert len(SQL) >= 12
    assert len(PYTHON) == 3


@pytest.mark.parametrize(("question", "statement"), SQL, ids=[question[:40] for question, _ in SQL])
def test_each_query_answers_and_duckdb_gives_sparks_answer(small: Lake, question: str, statement: str) -> None:
    """As printed: the same columns, types, values and number of digits; the order of equal rows is nobody's."""
    sparks = fetched(run_query(small, all_tables(), statement))
    assert sparks.num_rows > 0, question
    ours = answer_by_duckdb(small.root, statement)
    assert ours is not None, question
    assert list(zip(ours.column_names, ours.schema.types, strict=True)) == list(
        zip(sparks.column_names, sparks.schema.types, strict=True)
    )
    assert sorted(as_lines(ours)) == sorted(as_lines(sparks))


def as_lines(answer: pa.Table) -> list[str]:
    return as_frame(answer).to_string(index=False).splitlines()


def test_local_days_at_the_clock_change(small: Lake) -> None:
    """31 March 2024, 12:00 UTC is 13:00 in London: eleven hours are left of the local day."""
    (statement,) = [s for question, s in SQL if question.startswith("Energy per meter and local day")]
    answer = run_query(small, all_tables(), statement).toPandas().query("meter_id == 'm1'")
    assert dict(zip(answer["local_day"], answer["hours"], strict=True)) == {date(2024, 3, 31): 11, date(2024, 4, 1): 3}


def test_conservation_is_one_line(small: Lake) -> None:
    (statement,) = [s for question, s in SQL if question.startswith("Is every raw row in exactly one place")]
    answer = run_query(small, all_tables(), statement).toPandas()
    assert dict(zip(answer["places"], answer["rows"], strict=True)) == {1: 3}


def test_the_tables_open_in_pandas_polars_and_duckdb(small: Lake) -> None:
    found: dict[str, Any] = {"lake": small.root}
    for block in PYTHON:
        exec(block, found)
    assert len(found["scores"]) == 2
    assert found["expected"]["p50"].sum() == pytest.approx(28 * 4.0)
    assert dict(found["peaks"].to_numpy()) == {"m1": 4.0, "m2": 4.0}
