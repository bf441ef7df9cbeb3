"""One MLflow run a training: parameters, metrics, curves, manifest, the exported model and its card."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from energy_lib.config import Config
from energy_lib.models.families import FAMILIES
from energy_lib.registry.mlflow_store import DATA, MODEL_ARTIFACT, client, experiment_id, finished_run
from energy_lib.registry.model_card import model_card
from energy_lib.shards.manifest import Manifest
from energy_lib.training.spec import TrainingSpec

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient

CARD = "model_card.md"


def tracked_run(config: Config, spec: TrainingSpec, manifest: Manifest, exported: Path) -> str:
    """Id of the finished run of this training, recorded now if there is none; unfinished runs are ignored."""
    api, experiment = client(config), experiment_id(config)
    recorded = finished_run(api, experiment, "training_id", spec.training_id)
    if recorded is not None:
        return recorded
    run = api.create_run(
        experiment, tags={"training_id": spec.training_id}, run_name=f"{spec.model}-{spec.training_id}"
    )
    run_id = str(run.info.run_id)
    _log(api, run_id, spec, manifest, exported)
    api.set_terminated(run_id, "FINISHED")
    return run_id


def describe(
    config: Config,
    version: str,
    run_id: str,
    exported: Path,
    manifest: Manifest,
    scores: pd.DataFrame,
    importance: Mapping[str, float],
    cost: Mapping[str, float],
) -> None:
    """Leave model card, importances and cost with the run; the card is the registered version's description too."""
    described = json.loads((exported / "model.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        card = model_card(described, manifest, scores, importance, cost)
        (folder / CARD).write_text(card, encoding="utf-8")
        (folder / "importance.json").write_text(json.dumps(importance, indent=1), encoding="utf-8")
        client(config).log_artifacts(run_id, str(folder))
    client(config).update_model_version(config.mlflow.registered_model, version, description=card)
    for name, value in cost.items():
        client(config).log_metric(run_id, f"cost_{name}", value)


def _log(api: MlflowClient, run_id: str, spec: TrainingSpec, manifest: Manifest, exported: Path) -> None:
    from mlflow.entities import Metric, Param

    history = json.loads((exported / "history.json").read_text(encoding="utf-8"))
    described = json.loads((exported / "model.json").read_text(encoding="utf-8"))
    params = {**described["split"], **spec.as_json()}
    params |= {"feature_set": manifest.encoding.feature_set, "train_rows": manifest.rows("train")}
    metrics = [
        Metric(name, float(value), 0, int(log["epoch"]))
        for log in history
        for name, value in log.items()
        if name != "epoch"
    ]
    api.log_batch(run_id, metrics=metrics, params=[Param(name, str(value)) for name, value in params.items()])
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        manifest.write(folder)
        _curves(history, folder / "curves.png")
        save_pyfunc(exported, folder / MODEL_ARTIFACT, described["family"])
        api.log_artifacts(run_id, str(folder))


def _curves(history: Sequence[dict[str, Any]], file: Path) -> None:
    """Training and validation loss by epoch."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    epochs = [log["epoch"] + 1 for log in history]
    axes.plot(epochs, [log["loss"] for log in history], label="training")
    axes.plot(epochs, [log["val_loss"] for log in history], label="validation")
    axes.set(xlabel="epoch", ylabel="weighted pinball loss, levels")
    axes.legend()
    figure.savefig(file, format="png")


def save_pyfunc(exported: Path, target: Path, family: str) -> None:
    """Save the export as an MLflow model in the folder `target`, which must not exist.

    `mlflow.pyfunc.load_model(str(target)).predict(features)` then gives what the export's own `predict` gives: of rows
    of gold.features the quantiles, kWh. `family`: its name in FAMILIES, which knows what prediction needs.
    """
    import mlflow.pyfunc

    staged = target.parent / DATA
    shutil.copytree(exported, staged)
    mlflow.pyfunc.save_model(
        str(target),
        loader_module="energy_lib.models.exported_model",
        data_path=str(staged),
        # Named here, because MLflow's own search for them takes forty seconds.
        pip_requirements=[f"{name}=={version(name)}" for name in FAMILIES[family].requirements],
    )
    shutil.rmtree(staged)
