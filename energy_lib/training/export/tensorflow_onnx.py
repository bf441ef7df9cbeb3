"""TensorFlow's trained network as ONNX: all that prediction needs, without TensorFlow."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from energy_lib.encoding.tensors import Encoding
from energy_lib.models.families.network.prediction import NETWORK_FILE
from energy_lib.models.networks.inputs import input_shapes
from energy_lib.models.networks.tensorflow.networks import build
from energy_lib.shards.manifest import Manifest
from energy_lib.training.checkpoint import State
from energy_lib.training.export.model_folder import publish_network
from energy_lib.training.spec import TrainingSpec


def export_network(folder: Path, spec: TrainingSpec, dataset: Path, manifest: Manifest, state: State) -> None:
    """Write `<folder>/model` with the best weights, whole or not at all."""
    network = build(spec.model, manifest.encoding, spec.seed)
    for variable, value in zip(network.trainable_variables, state.best, strict=True):
        variable.assign(value)
    with publish_network(folder, spec, dataset, manifest, state) as working:
        write_onnx(spec.model, network, manifest.encoding, working / NETWORK_FILE)
        network.save(working / "network.keras")


def write_onnx(name: str, network: keras.Model, encoding: Encoding, file: Path) -> None:
    """Keras exports only a network that was called once."""
    network({name: np.zeros((1, *shape), dtype=np.float32) for name, shape in input_shapes(name, encoding).items()})
    network.export(str(file), format="onnx", verbose=False)
