"""Exported models whose network has weights of its own, as a training by either framework leaves them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from energy_lib.encoding.posted_features import encode_array
from energy_lib.encoding.tensors import Floats, Tensors
from energy_lib.models.exported_model import ExportedModel, load_model
from energy_lib.vocabulary import COMMODITIES
from tests.served_models import HOURS, made_encoding


def weights(shape: tuple[int, ...], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    return rng.normal(0, 0.05, shape).astype(np.float32)


def export_network(folder: Path, framework: str, network: str) -> Path:
    """The folder with network.onnx, the framework's own file and model.json; spreads are calibrated by 1.3."""
    folder.mkdir(parents=True)
    {"tensorflow": _of_tensorflow, "torch": _of_torch}[framework](folder, network)
    factors = [1.3, 1.3, 1.3, 1.0, 1.3, 1.3, 1.3]
    described = {
        "name": network, "family": "network", "framework": framework, "training_id": f"{framework}-{network}",
        "trained_until": "2024-05-01", "encoding": made_encoding().as_json(),
        "calibration": [[factors]] * len(COMMODITIES),
    }  # fmt: skip
    (folder / "model.json").write_text(json.dumps(described))
    return folder


def posted_features(meters: int) -> Floats:
    """Features [meters, H, F] in their own units, one of them unknown."""
    values = np.random.default_rng(5).gamma(2.0, 1.0, (meters, HOURS, len(made_encoding().columns)))
    values[0, 3, 7] = np.nan
    return values.astype(np.float32)


def asked(folder: Path, meters: int = 3) -> tuple[ExportedModel, Tensors]:
    """The exported model, and the tensors of posted features."""
    model = load_model(folder)
    return model, encode_array(posted_features(meters), model.encoding)


def _of_tensorflow(folder: Path, name: str) -> None:
    from energy_lib.models.networks.tensorflow.networks import build
    from energy_lib.training.export.tensorflow_onnx import write_onnx

    network, rng = build(name, made_encoding(), 7), np.random.default_rng(3)
    for variable in network.trainable_variables:
        variable.assign(weights(variable.shape, rng))
    write_onnx(name, network, made_encoding(), folder / "network.onnx")
    network.save(folder / "network.keras")


def _of_torch(folder: Path, name: str) -> None:
    import torch

    from energy_lib.models.networks.torch.networks import build, trained
    from energy_lib.training.export.torch_onnx import write_onnx

    network, rng = build(name, made_encoding(), 7).eval(), np.random.default_rng(3)
    with torch.no_grad():
        for weight in trained(network):
            weight.copy_(torch.from_numpy(weights(tuple(weight.shape), rng)))
    write_onnx(name, network, made_encoding(), folder / "network.onnx")
    torch.save(network.state_dict(), folder / "network.pt")
