"""Champions made in seconds: an ONNX network of one layer over made-up meters, in a real model store."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from energy_lib.config import Config
from energy_lib.encoding.tensors import ANCHOR, Encoding, fit
from energy_lib.features import feature_set
from energy_lib.forecasting.model_forecasts import ModelRef
from energy_lib.registry.mlflow_store import client, experiment_id
from energy_lib.registry.versions import Version, register, settle, versions
from energy_lib.vocabulary import QUANTILES
from tests.synthetic_features import COLUMNS, SCALED_BY_LEVEL, feature_rows

HOURS = 24


@dataclass
class Championed:
    """The API of a lake with a champion, and its config; tests may add versions."""

    api: httpx.Client
    config: Config
    folder: Path

    def ref(self, version: str) -> ModelRef:
        """A version of the registry, as batches name it."""
        return next(ModelRef(*each.ref) for each in versions(self.config) if each.version == version)

    def add(self, name: str, raised: float = 0.0, *, promoted: bool = True) -> Version:
        return add_version(self.config, export(self.folder / name, name, raised), promoted=promoted)

    def wait_for(self, version: str) -> None:
        """Until that version answers."""
        deadline = time.monotonic() + 60
        while version not in self.api.get("/v2/models/energy_forecast").json().get("versions", []):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def made_encoding() -> Encoding:
    return fit(feature_rows(meters=2, days=31), COLUMNS, SCALED_BY_LEVEL, HOURS, feature_set(HOURS).hash)


def export(folder: Path, training_id: str, raised: float = 0.0) -> Path:
    """A model whose median is 1 + `raised` times the level, and moves with the anchor; its spread is a fifth."""
    encoding = made_encoding()
    weights = np.zeros((encoding.channels, len(QUANTILES)), dtype=np.float32)
    weights[encoding.columns.index(ANCHOR)] = 0.1
    bias = np.float32(1.0 + raised) + np.linspace(-0.2, 0.2, len(QUANTILES), dtype=np.float32)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["features", "w"], ["m"]), helper.make_node("Add", ["m", "b"], ["relative"])],
        "layer",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", HOURS, encoding.channels])],
        [helper.make_tensor_value_info("relative", TensorProto.FLOAT, ["n", HOURS, len(QUANTILES)])],
        [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(bias, "b")],
    )
    folder.mkdir(parents=True)
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), folder / "network.onnx"
    )
    described = {
        "name": "dense", "family": "network", "training_id": training_id, "trained_until": "2024-05-01",
        "encoding": encoding.as_json(),
    }  # fmt: skip
    (folder / "model.json").write_text(json.dumps(described))
    return folder


def add_version(config: Config, exported: Path, *, promoted: bool) -> Version:
    """Register an export in the store of `config`, as a training does; a promoted one is champion from then on."""
    run = client(config).create_run(experiment_id(config))
    artifacts = Path(run.info.artifact_uri.removeprefix("file://"))
    shutil.copytree(exported, artifacts / "model" / "data" / "exported")
    version = register(config, run.info.run_id, exported, date(2024, 5, 2))
    settle(config, version, promoted)
    return version
