"""Given hours and forecasts, then scores: tests/scenarios/scores/<name>/*.csv."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from energy_lib.evaluation.mase_scales import with_scaled_error
from energy_lib.evaluation.scores import ALL, score_rows
from energy_lib.evaluation.spark.daily_sums import daily_sums, measured, scored_cells
from energy_lib.vocabulary import QUANTILES

SCENARIOS = sorted(p for p in (Path(__file__).parents[1] / "scenarios" / "scores").iterdir() if p.is_dir())
DAY = date(2024, 3, 20)
SCALE = pd.DataFrame({"meter_id": ["m"], "month": [DAY.replace(day=1)], "scale": [2.0]})


def hours_of(spark: SparkSession, file: Path) -> DataFrame:
    schema = "interval_start_utc timestamp, energy_kwh double, imputed_share double, flags string"
    hours = spark.read.csv(str(file), schema, header=True).withColumn("meter_id", F.lit("m"))
    flags = F.when(F.col("flags").isNull(), F.array().cast("array<string>")).otherwise(F.array("flags"))
    return hours.withColumn("flags", flags)


def forecasts_of(spark: SparkSession, file: Path) -> DataFrame:
    schema = "model_name string, interval_start_utc timestamp, p10 double, p50 double, p90 double, fallback string"
    forecasts = spark.read.csv(str(file), schema, header=True)
    constants = {"meter_id": "m", "fuel": "gas", "flow": "import", "run_kind": "live", "model_version": "1"}
    unknown = {name: F.lit(None).cast("double") for name in QUANTILES if name not in forecasts.columns}
    origin = {"origin_utc": F.lit(f"{DAY}T00:00:00").cast("timestamp")}
    return forecasts.withColumns({**{name: F.lit(text) for name, text in constants.items()}, **unknown, **origin})


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda folder: folder.name)
def test_given_then(spark: SparkSession, scenario: Path) -> None:
    hours = hours_of(spark, scenario / "given_hours.csv")
    forecasts = forecasts_of(spark, scenario / "given_forecasts.csv")
    sums = daily_sums(scored_cells(forecasts, measured(hours))).toPandas()
    scores = score_rows(with_scaled_error(sums, SCALE), [DAY], ["seasonal_naive_168h"])
    total = scores[(scores["scope"] == "total") & (scores["fuel"] == ALL)].sort_values("model_name")
    then = pd.read_csv(scenario / "then.csv")
    assert total["wql_all"].isna().all(), "p05 was not forecast"
    pd.testing.assert_frame_equal(
        total[list(then.columns)].reset_index(drop=True), then, check_dtype=False, rtol=0, atol=1e-6
    )
