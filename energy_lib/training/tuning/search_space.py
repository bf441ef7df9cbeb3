"""What a study searches: the settings of each kind of model, and between which bounds."""

from __future__ import annotations

from typing import Any

import optuna

from energy_lib.training.spec import TrainingSpec

BATCHES = (32, 64, 128, 256)


def suggested(trial: optuna.trial.Trial, spec: TrainingSpec) -> dict[str, Any]:
    """Keys of config section `training` (of its `boosting` for trees) → this trial's values."""
    if spec.boosted:
        return {
            "learning_rate": trial.suggest_float("learning_rate", 0.03, 0.15, log=True),
            "leaves": trial.suggest_int("leaves", 15, 255, log=True),
            "min_rows": trial.suggest_int("min_rows", 20, 500, log=True),
            "feature_fraction": trial.suggest_float("feature_fraction", 0.2, 1.0),
            "row_fraction": trial.suggest_float("row_fraction", 0.4, 1.0),
            "l2": trial.suggest_float("l2", 0.01, 100.0, log=True),
        }
    return {
        "learning_rate": trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True),
        "batch_size": trial.suggest_categorical("batch_size", BATCHES),
        "schedule": trial.suggest_categorical("schedule", ("constant", "cosine")),
    }


def as_config(spec: TrainingSpec, best: dict[str, Any]) -> dict[str, Any]:
    """The best trial's values as a config file beside conf/local.yaml would say them."""
    rounded = {name: float(f"{value:.3g}") if isinstance(value, float) else value for name, value in best.items()}
    values = {"boosting": rounded} if spec.boosted else rounded
    return {"extends": "../local.yaml", "training": {"model": spec.model, **values}}
