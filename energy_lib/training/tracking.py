"""MLflow: one run a training, with parameters, metrics, curves, manifest and the exported model; one a comparison."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from energy_lib.config import Config
from energy_lib.shards.manifest import Manifest, local_folder
from energy_lib.training.card import model_card
from energy_lib.training.spec import TrainingSpec

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient

MODEL_ARTIFACT = "model"
DATA = "exported"
CARD = "model_card.md"
# Said here, because finding them out costs MLflow forty seconds.
REQUIREMENTS = {
    "network": ("numpy", "onnxruntime", "pandas"),
    "boosting": ("lightgbm", "numpy", "pandas"),
    "ensemble": ("lightgbm", "numpy", "onnxruntime", "pandas"),
}


def store_file(config: Config) -> Path | None:
    """The SQLite file of the default store; None where a tracking URI is configured."""
    return local_folder(config.lake) / "mlflow" / "mlflow.db" if config.mlflow.tracking_uri is None else None


def client(config: Config) -> MlflowClient:
    """A client of the configured store; the default one is made if it is not there."""
    file = store_file(config)
    if file is None:
        return _client(str(config.mlflow.tracking_uri))
    file.parent.mkdir(parents=True, exist_ok=True)
    return _client(f"sqlite:///{file}")


@lru_cache(maxsize=4)
def _client(uri: str) -> MlflowClient:
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=uri, registry_uri=uri)


def experiment_id(config: Config) -> str:
    """The experiment, made with its artifacts beside the default store."""
    api, name = client(config), config.mlflow.experiment
    found = api.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    file = store_file(config)
    artifacts = None if file is None else (file.parent / "artifacts").as_uri()
    return str(api.create_experiment(name, artifact_location=artifacts))


def tracked_run(config: Config, spec: TrainingSpec, manifest: Manifest, exported: Path) -> str:
    """Id of the finished run of this training, recorded now if it was not; one cut short counts for nothing."""
    api, experiment = client(config), experiment_id(config)
    recorded = _recorded(api, experiment, "training_id", spec.training_id)
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
    described = json.loads((exported / "model.json").read_text())
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        card = model_card(described, manifest, scores, importance, cost)
        (folder / CARD).write_text(card)
        (folder / "importance.json").write_text(json.dumps(importance, indent=1))
        client(config).log_artifacts(run_id, str(folder))
    client(config).update_model_version(config.mlflow.registered_model, version, description=card)
    for name, value in cost.items():
        client(config).log_metric(run_id, f"cost_{name}", value)


def tracked_folder(config: Config, name: str, folder: Path, params: Mapping[str, str]) -> str:
    """Id of the finished run that has these very files of `folder` as artifacts, recorded now if there is none."""
    from mlflow.entities import Param

    api, experiment = client(config), experiment_id(config)
    content = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(folder.iterdir()))).hexdigest()
    recorded = _recorded(api, experiment, "content", content)
    if recorded is not None:
        return recorded
    run_id = str(api.create_run(experiment, tags={"content": content}, run_name=name).info.run_id)
    api.log_batch(run_id, params=[Param(key, value) for key, value in params.items()])
    api.log_artifacts(run_id, str(folder))
    api.set_terminated(run_id, "FINISHED")
    return run_id


def _recorded(api: MlflowClient, experiment: str, tag: str, value: str) -> str | None:
    """Id of the finished run that bears the tag; one cut short counts for nothing."""
    found = api.search_runs([experiment], f"tags.{tag} = '{value}' and attributes.status = 'FINISHED'", max_results=1)
    return str(found[0].info.run_id) if found else None


def _log(api: MlflowClient, run_id: str, spec: TrainingSpec, manifest: Manifest, exported: Path) -> None:
    from mlflow.entities import Metric, Param

    history = json.loads((exported / "history.json").read_text())
    described = json.loads((exported / "model.json").read_text())
    params = {**described["split"], **{name: getattr(spec, name) for name in spec.__slots__}}
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
        _pyfunc(exported, folder / MODEL_ARTIFACT, described["family"])
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


def _pyfunc(exported: Path, target: Path, family: str) -> None:
    """The export as an MLflow model: `mlflow.pyfunc.load_model(...).predict(features)` works."""
    import mlflow.pyfunc

    staged = target.parent / DATA
    shutil.copytree(exported, staged)
    mlflow.pyfunc.save_model(
        str(target),
        loader_module="energy_lib.models.artifact",
        data_path=str(staged),
        pip_requirements=[f"{name}=={version(name)}" for name in REQUIREMENTS[family]],
    )
    shutil.rmtree(staged)
