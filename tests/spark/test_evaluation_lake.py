"""Scores of a small lake: against NumPy on the same cells, after corrections, and over a change of champion."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from energy_lib.config import Config
from energy_lib.errors import BadConfig
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.lake.spark_schemas import spark_schema
from energy_lib.metrics import arrays as metrics
from energy_lib.tables import gold, silver
from energy_lib.tables.table import required
from energy_lib.vocabulary import QUANTILES
from jobs import evaluate

FIRST = date(2024, 3, 1)
DAYS = 3
NIGHT = Period.day(FIRST + timedelta(days=DAYS))
METERS = {"e1": "electricity", "e2": "electricity", "g1": "gas"}
NAIVE = "seasonal_naive_168h"


def hourly() -> pd.DataFrame:
    """Ten weeks up to and with the forecast days; the two weeks before differ by a known noise."""
    hours = pd.date_range("2023-12-25", pd.Timestamp(FIRST) + pd.Timedelta(days=DAYS), freq="h", inclusive="left")
    rng = np.random.default_rng(5)
    parts = [
        pd.DataFrame(
            {"meter_id": m, "fuel": f, "interval_start_utc": hours, "energy_kwh": rng.gamma(3, i + 1, len(hours))}
        )
        for i, (m, f) in enumerate(METERS.items())
    ]
    made = pd.concat(parts, ignore_index=True)
    return made.assign(
        measured_kwh=made["energy_kwh"],
        quality="measured",
        imputed_share=0.0,
        imputed_by=None,
        flags=[[] for _ in range(len(made))],
        suspect_from_utc=pd.NaT,
        available_at_utc=made["interval_start_utc"] + pd.Timedelta(hours=1),
        interval_month=made["interval_start_utc"].dt.to_period("M").dt.start_time.dt.date,
    )


def forecasts(actuals: pd.DataFrame, model: str, version: str, days: range) -> pd.DataFrame:
    origins = [pd.Timestamp(FIRST) + pd.Timedelta(days=d) for d in days]
    day = actuals["interval_start_utc"].dt.floor("D")
    made = actuals[day.isin(origins)].copy()
    rng = np.random.default_rng(len(model) + int(version[-1], 36))
    p50 = made["energy_kwh"] * rng.uniform(0.5, 1.5, len(made))
    made = made.assign(
        origin_utc=day, model_name=model, model_version=version, run_kind="live", p50=p50, p10=0.7 * p50, p90=1.4 * p50,
        p05=0.6 * p50, p25=0.9 * p50, p75=1.2 * p50, p95=1.5 * p50,
        horizon_hours=made["interval_start_utc"].dt.hour + 1, imputed_share=0.0,
        fallback=np.where(rng.uniform(size=len(made)) < 0.2, "model_absurd: mean_of_4_weeks", None),
    )  # fmt: skip
    return made


def write(lake: Lake, table, frame: pd.DataFrame) -> None:
    columns = [c for c in table.column_names if c in frame.columns]
    schema = spark_schema(table)
    rows = lake.spark.createDataFrame(frame[columns], type(schema)([schema[c] for c in columns]))
    lake.upsert(table, rows)


@dataclass(frozen=True)
class Scored:
    """A lake whose forecasts were scored once; `scores` are those of then, `actuals` and `issued` what was scored."""

    lake: Lake
    actuals: pd.DataFrame
    issued: pd.DataFrame
    scores: pd.DataFrame


def scores_of(lake: Lake) -> pd.DataFrame:
    return lake.read(gold.SCORES).toPandas().sort_values(list(gold.SCORES.key), ignore_index=True)


@pytest.fixture(scope="module")
def scored(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Scored:
    lake = Lake(spark, str(tmp_path_factory.mktemp("scores") / "lake"))
    actuals = hourly()
    issued = pd.concat(
        [forecasts(actuals, "dense", "1", range(DAYS)), forecasts(actuals, NAIVE, NAIVE, range(DAYS))],
        ignore_index=True,
    )
    at = pd.Timestamp("2024-03-02 07:00")
    hit = actuals["interval_start_utc"] == at
    actuals.loc[hit & (actuals["meter_id"] == "e1"), ["imputed_share", "quality"]] = [0.5, "imputed"]
    actuals.loc[hit & (actuals["meter_id"] == "g1"), "energy_kwh"] = np.nan
    suspect = (actuals["interval_start_utc"] == at + pd.Timedelta(hours=1)) & (actuals["meter_id"] == "e2")
    actuals.loc[suspect, "flags"] = actuals.loc[suspect, "flags"].map(lambda _: ["spike"])
    # The naive says nothing of one cell: no model is scored there.
    silent = (
        (issued["model_name"] == NAIVE)
        & (issued["interval_start_utc"] == "2024-03-01 03:00")
        & (issued["meter_id"] == "e1")
    )
    issued.loc[silent, list(QUANTILES)] = np.nan
    write(lake, silver.HOURLY, actuals)
    write(lake, gold.FORECASTS, issued)
    evaluate.run(spark, Config(lake=lake.root), NIGHT)
    return Scored(lake, actuals, issued, scores_of(lake))


def cells(actuals: pd.DataFrame, issued: pd.DataFrame, model: str) -> pd.DataFrame:
    """The oracle's own way to the scored cells of a model."""
    fit = actuals[(actuals["imputed_share"] == 0) & (actuals["flags"].map(len) == 0) & actuals["energy_kwh"].notna()]
    key = ["meter_id", "interval_start_utc"]
    complete = issued.groupby(key)["p50"].agg(lambda p50: p50.notna().all()).loc[lambda ok: ok].index
    mine = issued[issued["model_name"] == model].drop(columns=["energy_kwh", "fuel"]).set_index(key)
    return (
        mine.loc[mine.index.isin(complete)].join(fit.set_index(key)[["energy_kwh", "fuel"]], how="inner").reset_index()
    )


def test_scores_are_the_metrics_on_the_same_cells(scored: Scored) -> None:
    actuals, issued, scores = scored.actuals, scored.issued, scored.scores
    for model in ("dense", NAIVE):
        c = cells(actuals, issued, model)
        assert len(c) == 3 * 24 * DAYS - 4, "imputed, missing, suspect and unforecast cells are not scored"
        total = scores.query("model_name == @model and scope == 'total' and fuel == '*'").iloc[0]
        y, p10, p50, p90 = (c[name].to_numpy(float) for name in ("energy_kwh", "p10", "p50", "p90"))
        expected = {
            "cells": len(c),
            "energy_kwh": y.sum(),
            "wape": metrics.wape(y, p50),
            "smape": metrics.smape(y, p50),
            "cvrmse": metrics.cvrmse(y, p50),
            "nmbe": metrics.nmbe(y, p50),
            "wql": metrics.wql(y, {0.1: p10, 0.5: p50, 0.9: p90}),
            "wql_all": metrics.wql(y, {level: c[name].to_numpy(float) for name, level in QUANTILES.items()}),
            "pinball_p90": metrics.pinball(y, p90, 0.9),
            "coverage_p10_p90": metrics.coverage(y, p10, p90),
            "fallback_share": c["fallback"].notna().mean(),
        }
        assert {name: total[name] for name in expected} == pytest.approx(expected)
        per_meter = scores.query("model_name == @model and scope == 'meter'").set_index("meter_id")
        for meter, own in c.groupby("meter_id"):
            y, p50 = own["energy_kwh"].to_numpy(float), own["p50"].to_numpy(float)
            past = actuals[(actuals["meter_id"] == meter) & (actuals["interval_start_utc"] < "2024-03-01")]
            scale = metrics.mase_scale(past["energy_kwh"].to_numpy(float)[-(56 + 7) * 24 :])
            assert per_meter.loc[meter, "mase"] == pytest.approx(metrics.mase(y, p50, scale))
        assert total["mase"] == pytest.approx(per_meter["mase"].mean())
        assert total["wape_median"] == pytest.approx(per_meter["wape"].median())
    days = scores.query("scope == 'day' and fuel == '*'")
    assert len(days) == 2 * DAYS
    assert set(days["first_date"]) == {FIRST + timedelta(days=d) for d in range(DAYS)}


def test_a_rerun_changes_nothing_and_a_correction_rescores_its_day(scored: Scored) -> None:
    lake, before, config = scored.lake, scored.scores, Config(lake=scored.lake.root)
    evaluate.run(lake.spark, config, NIGHT)
    pd.testing.assert_frame_equal(scores_of(lake), before)
    # Two months later the first day's hour is corrected: only that day is scored again.
    actuals = scored.actuals
    late = actuals[(actuals["meter_id"] == "e2") & (actuals["interval_start_utc"] == "2024-03-01 05:00")]
    write(lake, silver.HOURLY, late.assign(energy_kwh=1000.0))
    evaluate.run(lake.spark, config, Period.day(date(2024, 5, 1)))
    changed = scores_of(lake).merge(before, how="outer", indicator=True).query("_merge == 'left_only'")
    assert {(row.scope, row.first_date, row.last_date) for row in changed.itertuples()} == {("day", FIRST, FIRST)}
    assert set(changed["fuel"]) == {"electricity", "*"}


def test_a_new_champion_is_scored_on_its_own_days_with_the_naive_beside(lake: Lake, spark: SparkSession) -> None:
    actuals = hourly()
    write(lake, silver.HOURLY, actuals)
    for model, version, days in (("dense", "1", range(0, 2)), ("dense", "2", range(2, 3)), (NAIVE, NAIVE, range(0, 3))):
        write(lake, gold.FORECASTS, forecasts(actuals, model, version, days))
    outcome = evaluate.run(spark, Config(lake=lake.root), Period(FIRST, FIRST + timedelta(days=2)))
    totals = lake.read(gold.SCORES).where((F.col("scope") == "total") & (F.col("fuel") == "*")).collect()
    spans = {(row["model_version"], row["first_date"].day, row["last_date"].day): row["cells"] for row in totals}
    assert spans == {("1", 1, 2): 144, ("2", 3, 3): 72, (NAIVE, 1, 2): 144, (NAIVE, 3, 3): 72}
    assert any("vs naive" in line for line in outcome.lines)


def test_a_lake_whose_actuals_are_not_known_yet_is_no_error(lake: Lake, spark: SparkSession) -> None:
    actuals = hourly()
    write(lake, gold.FORECASTS, forecasts(actuals, NAIVE, NAIVE, range(DAYS)))
    write(lake, silver.HOURLY, actuals[actuals["interval_start_utc"] < "2024-03-01"])
    outcome = evaluate.run(spark, Config(lake=lake.root), Period.day(FIRST))
    assert outcome.rows_out == 0
    assert lake.read(gold.SCORES).count() == 0


def test_a_lake_made_before_a_column_was_declared_gains_it(lake: Lake, spark: SparkSession) -> None:
    actuals = hourly()
    write(lake, silver.HOURLY, actuals)
    write(lake, gold.FORECASTS, forecasts(actuals, NAIVE, NAIVE, range(DAYS)))
    old = replace(gold.SCORES, columns=tuple(c for c in gold.SCORES.columns if c.name != "wql_all"))
    earlier = dict.fromkeys(old.key, "x") | {"first_date": date(2023, 1, 1), "last_date": date(2023, 1, 1)}
    lake.append(old, spark.createDataFrame([earlier | {"cells": 1, "wql": 0.25}]))
    evaluate.run(spark, Config(lake=lake.root), Period(FIRST, FIRST + timedelta(days=DAYS)))
    stored = lake.read(gold.SCORES)
    assert stored.columns == list(gold.SCORES.column_names)
    assert stored.schema["wql_all"].metadata["comment"] == gold.SCORES.column("wql_all").comment
    rows = stored.toPandas().set_index("run_kind")
    assert (rows.loc["x", "wql"], rows.loc["live", "wql_all"].notna().all()) == (0.25, True)
    assert np.isnan(rows.loc["x", "wql_all"])
    version = lake.version(gold.SCORES)
    lake.ensure(gold.SCORES)
    assert lake.version(gold.SCORES) == version, "nothing is added twice"
    lacking = replace(gold.SCORES, columns=(*gold.SCORES.columns, required("region", "string", "Region")))
    with pytest.raises(BadConfig, match=r"gold.scores lacks region"):
        lake.ensure(lacking)


def test_a_quantile_that_is_missing_leaves_only_its_own_metrics_unknown(lake: Lake, spark: SparkSession) -> None:
    actuals = hourly()
    write(lake, silver.HOURLY, actuals)
    issued = forecasts(actuals, NAIVE, NAIVE, range(DAYS))
    issued.loc[(issued["meter_id"] == "e1") & (issued["origin_utc"] == str(FIRST)), "p05"] = np.nan
    write(lake, gold.FORECASTS, issued)
    evaluate.run(spark, Config(lake=lake.root), Period(FIRST, FIRST + timedelta(days=DAYS)))
    scores = lake.read(gold.SCORES).toPandas()
    assert scores["wql"].notna().all()
    meters = scores.query("scope == 'meter'").set_index("meter_id")["wql_all"]
    assert meters.isna().to_dict() == {"e1": True, "e2": False, "g1": False}
    totals = scores.query("scope == 'total'").set_index("fuel")["wql_all"]
    assert totals.isna().to_dict() == {"electricity": True, "gas": False, "*": True}
