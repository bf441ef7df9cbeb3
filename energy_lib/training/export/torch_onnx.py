"""PyTorch's trained network as ONNX: all that prediction needs, without PyTorch."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch
from torch import nn

from energy_lib.encoding.tensors import Encoding
from energy_lib.models.families.network.prediction import NETWORK_FILE
from energy_lib.models.networks.inputs import input_shapes
from energy_lib.models.networks.torch.networks import build, trained
from energy_lib.shards.manifest import Manifest
from energy_lib.training.checkpoint import State
from energy_lib.training.export.model_folder import publish_network
from energy_lib.training.spec import TrainingSpec


def export_network(folder: Path, spec: TrainingSpec, dataset: Path, manifest: Manifest, state: State) -> None:
    """Write `<folder>/model` with the best weights, whole or not at all."""
    network = build(spec.model, manifest.encoding, spec.seed).eval()
    with torch.no_grad():
        for weight, value in zip(trained(network), state.best, strict=True):
            weight.copy_(torch.from_numpy(value))
    with publish_network(folder, spec, dataset, manifest, state) as working:
        write_onnx(spec.model, network, manifest.encoding, working / NETWORK_FILE)
        torch.save(network.state_dict(), working / "network.pt")


def write_onnx(name: str, network: nn.Module, encoding: Encoding, file: Path) -> None:
    """By the tracing exporter: the newer one needs onnxscript, and says nothing that this does not."""
    shapes = input_shapes(name, encoding)
    # Two rows: a network traced on one may take the batch's axis for a constant.
    inputs = {tensor: torch.zeros(2, *shape) for tensor, shape in shapes.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (),
            str(file),
            kwargs=inputs,
            input_names=list(shapes),
            output_names=["quantiles"],
            dynamic_axes={tensor: {0: "groups"} for tensor in (*shapes, "quantiles")},
            opset_version=17,
            dynamo=False,
        )
