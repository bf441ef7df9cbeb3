"""The gate: what it refuses, what it says, and that a refused batch changes nothing."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from energy_lib.errors import GateRefused
from energy_lib.lake import Lake
from energy_lib.lake.spark_schemas import spark_schema
from energy_lib.quality import gate
from energy_lib.tables import Table, gold, silver

Frame = Callable[..., DataFrame]

ORIGIN = datetime(2024, 3, 1, tzinfo=UTC)


def forecast(hour: int = 0, **changes: Any) -> dict[str, Any]:
    return {
        "meter_id": "m1",
        "origin_utc": ORIGIN,
        "interval_start_utc": datetime(2024, 3, 1, hour, tzinfo=UTC),
        "model_name": "dense",
        "model_version": "3",
        "run_kind": "live",
        "fuel": "electricity",
        "flow": "import",
        "horizon_hours": hour + 1,
        "p05": 0.5,
        "p10": 1.0,
        "p25": 1.5,
        "p50": 2.0,
        "p75": 2.5,
        "p90": 3.0,
        "p95": 3.5,
        "imputed_share": 0.0,
        "fallback": None,
        "feature_set": "ab12",
    } | changes


@pytest.fixture
def frame(spark: SparkSession, tmp_path: Path) -> Frame:
    """Batches as they come to the gate: read from files, where nothing holds a column to be without nulls."""
    made = itertools.count()

    def make(rows: list[dict[str, Any]], table: Table = gold.FORECASTS) -> DataFrame:
        schema, path = spark_schema(table), str(tmp_path / f"staged-{next(made)}")
        for field in schema.fields:
            field.nullable = True
        tuples = [tuple(row[c] for c in table.column_names) for row in rows]
        spark.createDataFrame(tuples, schema).write.parquet(path)
        return spark.read.schema(schema).parquet(path)

    return make


def refused(batch: DataFrame, table: Table = gold.FORECASTS) -> GateRefused:
    """The refusal; the same rows in memory are refused for the same reasons."""
    with pytest.raises(GateRefused) as caught:
        gate(batch, table)
    with pytest.raises(GateRefused) as in_memory:
        gate(batch.toArrow(), table)
    assert counts(in_memory.value.result) == counts(caught.value.result)
    return caught.value


def counts(result: dict[str, Any] | None) -> list[tuple[Any, ...]]:
    """What each expectation found, without its examples: of many bad rows each engine shows others."""
    assert result is not None
    names = ("expectation", "column", "severity", "success", "unexpected_count")
    return [tuple(check[name] for name in names) for check in result["expectations"]]


def test_a_good_batch_passes_and_says_what_was_asked(frame: Frame) -> None:
    batch = frame([forecast(h) for h in range(24)])
    result = gate(batch, gold.FORECASTS)

    assert (result["success"], result["rows"], result["failed"], result["warnings"]) == (True, 24, [], 0)
    assert counts(gate(batch.toArrow(), gold.FORECASTS)) == counts(result)
    asked = {(e["expectation"], e["column"]) for e in result["expectations"]}
    assert ("expect_column_values_to_not_be_null", "meter_id") in asked  # from the table's code
    assert ("expect_column_pair_values_a_to_be_greater_than_b", "p90, p50") in asked  # from the suite


def test_crossed_quantiles_are_refused_with_count_and_examples(frame: Frame) -> None:
    rows = [forecast(h) for h in range(22)] + [forecast(22, p90=1.9, p95=1.9, p75=1.9), forecast(23, p10=9.0)]

    error = refused(frame(rows))

    text = str(error)
    assert "gold.forecasts" in text
    assert "expect_column_pair_values_a_to_be_greater_than_b(p50, p10" in text
    assert "1 of 24 rows" in text
    assert "meter_id=m1" in text
    assert "p10=9.0" in text
    assert error.exit_code == 3
    assert error.result is not None
    counts = {f["column"]: f["unexpected_count"] for f in error.result["failed"]}
    assert counts["p50, p10"] == 1
    assert counts["p90, p50"] == 1


def test_each_kind_of_bad_row_is_counted_with_examples(frame: Frame) -> None:
    """One batch, five faults, each in a row of its own: null, unknown value, doubled key, NaN, out of range."""
    rows = [
        forecast(0, meter_id=None),
        forecast(1, run_kind="rehearsal"),
        forecast(2),
        forecast(2),
        forecast(3, p10=float("nan")),
        forecast(4, horizon_hours=169),
    ]

    error = refused(frame(rows))

    assert error.result is not None
    found = {(f["expectation"], f["column"].split(",")[0]): f for f in error.result["failed"]}
    for expectation, column, count in (
        ("expect_column_values_to_not_be_null", "meter_id", 1),
        ("expect_column_values_to_be_in_set", "run_kind", 1),
        ("expect_compound_columns_to_be_unique", "meter_id", 2),
        ("expect_column_values_to_be_between", "p10", 1),
        ("expect_column_values_to_be_between", "horizon_hours", 1),
    ):
        failed = found.pop((expectation, column))
        assert failed["unexpected_count"] == count, failed
        assert failed["examples"], failed
    # Nothing is below or above NaN: the only others are what compares with the broken p10.
    assert {column for _, column in found} <= {"p10", "p25", "p50"}
    assert "(and " in str(error)


def test_columns_and_types_follow_the_tables_code(frame: Frame) -> None:
    good = frame([forecast()])

    assert "expect_table_columns_to_match_ordered_list" in str(refused(good.drop("fallback")))
    assert "expect_column_values_to_be_of_type(p50, type_=double)" in str(
        refused(good.withColumn("p50", good["p50"].cast("float")))
    )


def test_a_warning_is_reported_and_let_through(frame: Frame) -> None:
    result = gate(frame([forecast(h, fallback="seasonal_naive_168h: new meter") for h in range(4)]), gold.FORECASTS)

    assert result["success"]
    assert [(f["column"], f["severity"]) for f in result["failed"]] == [("fallback", "warning")]
    assert result["warnings"] == 1


def test_an_empty_batch_passes(frame: Frame) -> None:
    assert gate(frame([]), gold.FORECASTS)["rows"] == 0


def test_a_refused_batch_leaves_the_table_and_no_staging(frame: Frame, lake: Lake) -> None:
    def publish(rows: list[dict[str, Any]]) -> None:
        with lake.staged(gold.FORECASTS, frame(rows)) as staged:
            gate(staged.rows, gold.FORECASTS)
            lake.upsert(gold.FORECASTS, staged.rows)

    publish([forecast(0)])
    version = lake.version(gold.FORECASTS)
    with pytest.raises(GateRefused):
        publish([forecast(0), forecast(1, p50=-1.0, p10=-1.0, p05=-1.0)])

    assert lake.version(gold.FORECASTS) == version
    assert lake.read(gold.FORECASTS).count() == 1


def test_a_version_must_not_be_known_before_its_interval(frame: Frame) -> None:
    reading = {
        "meter_id": "m1",
        "fuel": "gas",
        "flow": "export",
        "interval_start_utc": datetime(2024, 3, 1, 5, tzinfo=UTC),
        "interval_minutes": 60,
        "energy_kwh": 1.0,
        "quality": "measured",
        "flags": [],
        "available_at_utc": datetime(2024, 3, 1, 6, tzinfo=UTC),
        "superseded_at_utc": None,
        "source": "s",
        "file_id": "f",
        "row_number": 1,
        "landed_at_utc": datetime(2024, 3, 1, 6, tzinfo=UTC),
        "interval_month": datetime(2024, 3, 1, tzinfo=UTC).date(),
    }
    assert gate(frame([reading], silver.READINGS), silver.READINGS)["success"]

    early = reading | {"available_at_utc": datetime(2024, 3, 1, 5, tzinfo=UTC)}
    assert "available_at_utc, interval_start_utc" in str(refused(frame([early], silver.READINGS), silver.READINGS))


def test_only_forecasts_of_net_registers_may_be_below_zero(frame: Frame) -> None:
    below = {"p05": -3.0, "p10": -2.0, "p25": -1.0, "p50": -0.5}
    assert gate(frame([forecast(0, flow="net", **below)]), gold.FORECASTS)["success"]
    others = [forecast(hour, flow=flow, **below) for hour, flow in enumerate(("export", "import", None), start=1)]
    error = refused(frame([forecast(0), *others]))
    assert "p05, min_value=0" in str(error)
    assert error.result is not None
    assert {f["column"]: f["unexpected_count"] for f in error.result["failed"]}["p05"] == len(others)


def test_gating_leaves_nothing_cached(frame: Frame, spark: SparkSession) -> None:
    context = spark.sparkContext._jsc
    assert context is not None
    before = set(context.getPersistentRDDs())

    gate(frame([forecast(0)]), gold.FORECASTS)

    assert set(context.getPersistentRDDs()) <= before
