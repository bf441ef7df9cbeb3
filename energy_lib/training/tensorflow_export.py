"""The trained network as ONNX: all that prediction needs, without TensorFlow."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np

from energy_lib.models.network import NETWORK_FILE
from energy_lib.models.tensorflow.networks import build, input_shapes
from energy_lib.shards.encoding import CANDIDATES, Encoding
from energy_lib.shards.manifest import Manifest
from energy_lib.training.checkpoint import State
from energy_lib.training.export import publish, write_description
from energy_lib.training.spec import TrainingSpec


def export_network(folder: Path, spec: TrainingSpec, dataset: Path, manifest: Manifest, state: State) -> None:
    """Write `<folder>/model` with the best weights, whole or not at all."""
    network = build(spec.model, manifest.encoding, spec.seed)
    for variable, value in zip(network.trainable_variables, state.best, strict=True):
        variable.assign(value)
    with publish(folder) as working:
        write_onnx(spec.model, network, manifest.encoding, working / NETWORK_FILE)
        network.save(working / "network.keras")
        told = {
            "anchor": f"softmax mixture of {', '.join(CANDIDATES)}, each over the level",
            "best_epoch": state.best_epoch,
            "best_val_loss": state.best_loss,
        }
        history = [asdict(log) for log in state.history]
        write_description(working, spec, dataset, manifest, "network", history, told)


def write_onnx(name: str, network: keras.Model, encoding: Encoding, file: Path) -> None:
    """Keras exports only a network that was called once."""
    network({name: np.zeros((1, *shape), dtype=np.float32) for name, shape in input_shapes(name, encoding).items()})
    network.export(str(file), format="onnx", verbose=False)
