"""A backtest that trains again for each window: the right model in each, and the registry as it was."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from lake_content import tables_of
from pyspark.sql import SparkSession
from small_utility import Utility

from energy_lib.config import Config
from energy_lib.entry import run_with_lease
from energy_lib.intervals import Period
from energy_lib.models.exported_model import load_model
from energy_lib.registry.versions import versions
from energy_lib.vocabulary import QUANTILES
from jobs import backtest

WINDOWS = ((date(2024, 2, 16), date(2024, 2, 17)), (date(2024, 2, 18), date(2024, 2, 18)))
TREES = ("training.model=lightgbm", "training.boosting.rounds=5", "training.boosting.tail_rounds=2")


@pytest.mark.long
def test_each_window_is_forecast_by_the_model_trained_before_it(
    spark: SparkSession, utility: Utility, reference: Path, tmp_path: Path
) -> None:
    lake = tmp_path / "lake"
    shutil.copytree(reference, lake)
    before = versions(Config(lake=str(lake)))
    known = {folder.name for folder in (lake / "checkpoints").iterdir()}
    period = Period(WINDOWS[0][0], WINDOWS[-1][1])
    run = partial(backtest.run, models=["mean_of_4_weeks"], refit_every_days=2)
    output = "\n".join(run_with_lease("backtest", spark, utility.config(lake, *TREES), period, run).lines)
    assert versions(Config(lake=str(lake))) == before, "nothing is registered, the champion stays"
    made = [folder / "model" for folder in (lake / "checkpoints").iterdir() if folder.name not in known]
    models = sorted((load_model(folder) for folder in made), key=lambda model: model.trained_until)
    assert len(models) == len(WINDOWS)
    tables = tables_of(lake)
    forecasts = tables["gold.forecasts"].filter(pl.col("run_kind") == "backtest")
    names = set(forecasts.filter(pl.col("origin_utc") == datetime(2024, 2, 18, tzinfo=UTC))["model_name"])
    assert names >= {"lightgbm", "mean_of_4_weeks", "seasonal_naive_24h", "seasonal_naive_168h"}
    mine = forecasts.filter((pl.col("model_version") == "refit_2d") & pl.col("fallback").is_null()).to_pandas()
    features = tables["gold.features"].to_pandas()
    key = ["meter_id", "origin_utc", "interval_start_utc"]
    for (first, last), model in zip(WINDOWS, models, strict=True):
        assert model.trained_until <= first
        assert f"training {model.version}" in output
        issued = mine[mine["origin_utc"].dt.date.between(first, last)]
        assert len(issued) > 100
        # Whole groups, as a model wants them.
        inputs = features.merge(issued[key[:2]].drop_duplicates()).sort_values(key, ignore_index=True)
        wanted = inputs[key].join(model.predict(inputs))
        found = issued.merge(wanted, on=key, suffixes=("", "_wanted"), validate="one_to_one")
        for name in QUANTILES:
            assert found[name].to_numpy() == pytest.approx(found[f"{name}_wanted"].to_numpy(), rel=1e-5, abs=1e-6)
