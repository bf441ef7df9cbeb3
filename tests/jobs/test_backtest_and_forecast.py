"""The forecast, backtest and compare jobs on a lake of three meters: one of them new, no champion yet."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from energy_lib.config import Config
from energy_lib.errors import BadConfig, InputMissing
from energy_lib.evaluation.comparison.page import PAGE
from energy_lib.features import features_table
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.models.baselines import SEASONAL_NAIVES
from energy_lib.registry.mlflow_store import client, experiment_id
from energy_lib.tables import gold, silver
from jobs import backtest, compare, forecast

sys.path.append(str(Path(__file__).parents[1] / "unit"))
from test_forecasting_baselines import ORIGIN, features_of

DAY = date(2024, 3, 20)
PERIOD = Period(DAY, date(2024, 3, 21))
KEY = [*gold.FORECASTS.key]


def rows(lake: Lake, table, kind: str) -> pd.DataFrame:
    found = lake.read(table).where(F.col("run_kind") == kind).toPandas()
    return found.sort_values([*table.key], ignore_index=True)


@pytest.fixture(scope="module")
def lake(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """One for all: the jobs write live forecasts and backtests apart, each as if it were alone."""
    return Lake(spark, str(tmp_path_factory.mktemp("forecasts") / "lake"))


@pytest.fixture(scope="module")
def config(lake: Lake) -> Config:
    """Features of both days' origins, and actuals: what the week before was, doubled on the second day."""
    week = 5 + np.tile(np.sin(np.arange(168.0) / 12), 4)
    parts = [
        features_of(week, meter_id="m1"),
        features_of(7 * week, meter_id="m2"),
        features_of(week[:0], meter_id="m3"),
    ]
    today = pd.concat(parts, ignore_index=True)
    day = pd.Timedelta(days=1)
    tomorrow = today.assign(origin_utc=today["origin_utc"] + day, interval_start_utc=today["interval_start_utc"] + day)
    frame = pd.concat([today, tomorrow], ignore_index=True)
    lake.append(features_table(), lake.spark.createDataFrame(frame))
    known = frame[frame["meter_id"] != "m3"]
    doubled = np.where(known["origin_utc"] == ORIGIN, 1.0, 2.0)
    hours = pd.DataFrame(
        {
            "meter_id": known["meter_id"],
            "fuel": known["fuel"],
            "interval_start_utc": known["interval_start_utc"],
            "energy_kwh": known["energy_lag_168h"] * doubled,
            "imputed_share": 0.0,
            "available_at_utc": known["interval_start_utc"],
        }
    )
    hourly = lake.spark.createDataFrame(hours).withColumn("flags", F.array().cast("array<string>"))
    lake.append(silver.HOURLY, hourly.withColumn("interval_month", F.lit(date(2024, 3, 1))))
    meters = pd.DataFrame({"meter_id": ["m1", "m2", "m3"], "fuel": "electricity", "zone": "Asia/Tokyo"})
    lake.append(silver.METERS, lake.spark.createDataFrame(meters.assign(registered_by="registry")))
    return Config(lake=lake.root)


@pytest.fixture(scope="module")
def backtested(lake: Lake, config: Config) -> Outcome:
    return backtest.run(lake.spark, config, PERIOD, ["mean_of_4_weeks"])


def test_a_night_without_a_champion_forecasts_every_meter_and_a_rerun_changes_nothing(
    lake: Lake, config: Config
) -> None:
    outcome = forecast.run(lake.spark, config, PERIOD)
    before = rows(lake, gold.FORECASTS, "live")
    assert outcome.rows_out == len(before) == 2 * 3 * 24 * 3, "two origins, three meters, three models"
    assert set(before["model_name"]) == {"fallback", *SEASONAL_NAIVES}
    assert (before["p10"] <= before["p50"]).all()
    assert (before["p50"] <= before["p90"]).all()
    new = before[(before["meter_id"] == "m3") & (before["model_name"] == "fallback")]
    assert set(new["fallback"]) == {"no_model: fuel_profile"}
    known = before[(before["meter_id"] != "m3") & (before["model_name"] == "fallback")]
    between = known.groupby(["origin_utc", "interval_start_utc"])["p50"].agg(["min", "max"])
    guessed = new.set_index(["origin_utc", "interval_start_utc"])["p50"]
    assert guessed.between(between["min"], between["max"]).all(), "the profile lies among the meters of its fuel"
    forecast.run(lake.spark, config, PERIOD)
    pd.testing.assert_frame_equal(rows(lake, gold.FORECASTS, "live"), before)


def test_a_backtest_scores_the_naives_by_hand(lake: Lake, backtested: Outcome) -> None:
    scores = rows(lake, gold.SCORES, "backtest")
    assert set(scores["model_name"]) == {"mean_of_4_weeks", *SEASONAL_NAIVES}
    weekly = scores[scores["model_name"] == "seasonal_naive_168h"].set_index(
        ["scope", "fuel", "meter_id", "first_date"]
    )
    # Right on the first day, half of what was used on the second: |2 y - y| / 3 y in all, under-forecast.
    total = weekly.loc[("total", "*", "*", DAY)]
    assert (total["wape"], total["nmbe"]) == pytest.approx((1 / 3, 1 / 3))
    assert total["cells"] == 2 * 2 * 24, "the new meter has no actuals"
    assert weekly.loc[("day", "electricity", "*", DAY), "wape"] == pytest.approx(0, abs=1e-6)
    assert weekly.loc[("day", "electricity", "*", date(2024, 3, 21)), "wape"] == pytest.approx(1 / 2)
    assert weekly.loc[("meter", "electricity", "m2", DAY), "energy_kwh"] == pytest.approx(
        7 * weekly.loc[("meter", "electricity", "m1", DAY), "energy_kwh"]
    )
    assert any("mean_of_4_weeks" in line for line in backtested.lines)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # MLflow's own
@pytest.mark.usefixtures("backtested")
def test_a_comparison_has_the_backtests_scores_the_meters_clock_and_a_run_in_mlflow(lake: Lake, config: Config) -> None:
    outcome = compare.run(lake.spark, config, PERIOD, reference="seasonal_naive_168h")
    folder = Path(config.lake) / "comparison" / "2024-03-20_2024-03-21"
    found = pd.read_csv(folder / "scores.csv", dtype={"value": str})
    total = found[found["slice"] == "total"].set_index("model").sort_index()
    scores = rows(lake, gold.SCORES, "backtest").query("scope == 'total' and fuel == 'electricity'")
    scores = scores.set_index("model_name").sort_index()
    for metric in ("cells", "wape", "wape_median", "wql", "coverage_p10_p90"):
        assert total[metric].to_dict() == pytest.approx(scores[metric].to_dict()), metric
    # Right on the first day, a Wednesday, and half on the second; nine hours of each UTC day are Tokyo's next.
    weekly = found[found["model"] == "seasonal_naive_168h"].set_index(["slice", "value"])
    assert weekly.loc["weekday", "cells"].to_dict() == {"2": 2 * 15, "3": 2 * 24, "4": 2 * 9}
    assert weekly.loc[("weekday", "2"), "wape"] == pytest.approx(0, abs=1e-6)
    assert weekly.loc[("weekday", "4"), "wape"] == pytest.approx(0.5)
    assert set(weekly.loc["hour", "cells"]) == {4}
    assert any("mean_of_4_weeks" in line for line in outcome.lines)
    compare.run(lake.spark, config, PERIOD, reference="seasonal_naive_168h")
    api = client(config)
    (run,) = api.search_runs([experiment_id(config)])
    assert PAGE in {artifact.path for artifact in api.list_artifacts(run.info.run_id)}, "once, however often it is made"
    with pytest.raises(BadConfig, match="is by oracle: name any of mean_of_4_weeks, seasonal_naive_168h"):
        compare.run(lake.spark, config, PERIOD, ["oracle"])
    with pytest.raises(InputMissing, match="No origin of 2025-01-01 was backtested by every model"):
        compare.run(lake.spark, config, Period.day(date(2025, 1, 1)))


def test_a_backtest_says_what_it_lacks(lake: Lake, config: Config) -> None:
    with pytest.raises(InputMissing, match=r"No registered model was trained only on days before 2024-03-20"):
        backtest.run(lake.spark, config, PERIOD)
    with pytest.raises(BadConfig, match="--models oracle"):
        backtest.run(lake.spark, config, PERIOD, ["oracle"])
    with pytest.raises(InputMissing, match=r"1 of 3 origins \(first 2024-03-22\): run jobs/build_features.py"):
        backtest.run(lake.spark, config, Period(DAY, date(2024, 3, 22)), ["seasonal_naive_24h"])
