"""A study: its trials run on Spark, stand in MLflow, and its best is a config that loads."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from small_utility import NIGHT, Utility

from energy_lib.intervals import Period, parse_day
from energy_lib.models.config import load_config
from jobs import tune


@pytest.mark.long
def test_a_study_goes_on_where_it_stopped(
    spark: SparkSession, utility: Utility, reference: Path, tmp_path: Path
) -> None:
    lake, best = tmp_path / "lake", tmp_path / "models" / "best.yaml"
    shutil.copytree(reference, lake)
    config = utility.config(lake, "training.model=lightgbm", "training.boosting.rounds=20")
    period = Period.day(parse_day(NIGHT))
    settings = ("--set", "training.model=lightgbm", "--set", "training.boosting.rounds=20")
    arguments = ("--date", NIGHT, *settings, "--trials", "3", "--study", "s", "--out", str(best))
    for trials, submitted in ((2, False), (3, False), (3, True)):
        if submitted:
            said = utility.run("tune", lake, *arguments)
        else:
            said = "\n".join(tune.run(spark, config, period, trials, "s", best).lines)
        assert f"# Best of {trials} trials of study s" in said
        with sqlite3.connect(lake / "mlflow" / "mlflow.db") as store:
            runs = store.execute("select run_uuid from tags where key = 'study' and value = 's'").fetchall()
        assert len(runs) == 1 + trials, "the study and its trials, each once"
    (tmp_path / "local.yaml").write_text("lake: somewhere\n")
    config, _ = load_config(str(best))
    assert config.training.model == "lightgbm"
