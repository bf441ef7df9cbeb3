"""The trained network as ONNX with its model.json: all that prediction needs, without TensorFlow."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np

from energy_lib.columns import QUANTILES
from energy_lib.models.artifact import MODEL_FILE, NETWORK_FILE
from energy_lib.models.tensorflow.networks import build, input_shapes
from energy_lib.shards.encoding import CANDIDATES, Encoding
from energy_lib.shards.manifest import Manifest
from energy_lib.shards.split import last_target
from energy_lib.training.checkpoint import State
from energy_lib.training.spec import FINISHED, TrainingSpec


def export_model(folder: Path, spec: TrainingSpec, manifest: Manifest, state: State) -> Path:
    """Write `<folder>/model` with the best weights, whole or not at all."""
    working, target = folder / "model.writing", folder / FINISHED
    shutil.rmtree(working, ignore_errors=True)
    working.mkdir(parents=True)
    network = build(spec.model, manifest.encoding, spec.seed)
    for variable, value in zip(network.trainable_variables, state.best, strict=True):
        variable.assign(value)
    write_onnx(spec.model, network, manifest.encoding, working / NETWORK_FILE)
    network.save(working / "network.keras")
    (working / MODEL_FILE).write_text(json.dumps(_described(spec, manifest, state), indent=1, sort_keys=True))
    (working / "history.json").write_text(json.dumps([asdict(log) for log in state.history], indent=1))
    shutil.rmtree(target, ignore_errors=True)
    return working.rename(target)


def write_onnx(name: str, network: keras.Model, encoding: Encoding, file: Path) -> None:
    """Keras exports only a network that was called once."""
    network({name: np.zeros((1, *shape), dtype=np.float32) for name, shape in input_shapes(name, encoding).items()})
    network.export(str(file), format="onnx", verbose=False)


def _described(spec: TrainingSpec, manifest: Manifest, state: State) -> dict[str, object]:
    until = last_target(manifest.split.validation_last, 0, manifest.encoding.horizon_hours)
    return {
        "name": spec.model,
        "training_id": spec.training_id,
        "dataset_id": spec.dataset_id,
        "trained_until": str(until.date()),
        "split": manifest.split.as_json(),
        "quantiles": QUANTILES,
        "anchor": f"softmax mixture of {', '.join(CANDIDATES)}, each over the level",
        "encoding": manifest.encoding.as_json(),
        "best_epoch": state.best_epoch,
        "best_val_loss": state.best_loss,
    }
