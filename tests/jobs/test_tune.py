"""A study by spark-submit: its trials run on Spark, stand in MLflow, and its best is a config that loads."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from small_utility import NIGHT, Utility

from energy_lib.models.config import load_config


@pytest.mark.slow
def test_a_study_goes_on_where_it_stopped(utility: Utility, reference: Path, tmp_path: Path) -> None:
    lake, best = tmp_path / "lake", tmp_path / "models" / "best.yaml"
    shutil.copytree(reference, lake)
    settings = ("--set", "training.model=lightgbm", "--set", "training.boosting.rounds=20")
    for trials in (2, 3, 3):
        told = utility.run(
            "tune", lake, "--date", NIGHT, *settings, "--trials", str(trials), "--study", "s", "--out", str(best)
        )
        assert f"# Best of {trials} trials of study s" in told
        with sqlite3.connect(lake / "mlflow" / "mlflow.db") as store:
            runs = store.execute("select run_uuid from tags where key = 'study' and value = 's'").fetchall()
        assert len(runs) == 1 + trials, "the study and its trials, each once"
    (tmp_path / "local.yaml").write_text("lake: somewhere\n")
    config, _ = load_config(str(best))
    assert config.training.model == "lightgbm"
