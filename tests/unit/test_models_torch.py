"""PyTorch's networks are TensorFlow's: equal weights give equal answers, and both start alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from energy_lib.encoding.slots import slots
from energy_lib.encoding.tensors import Encoding, Tensors, encode
from energy_lib.models.families.network.prediction import load_answer
from energy_lib.models.networks.inputs import INPUTS
from energy_lib.shards.manifest import Manifest
from tests.frameworks import needs_torch
from tests.programs import python
from tests.synthetic_features import feature_rows, write_dataset

pytestmark = [pytest.mark.slow, needs_torch]
# Keras's first weights, other weights, and what it says with those to the given tensors.
KERAS = """
import sys
from pathlib import Path
import numpy as np
from energy_lib.models.networks.tensorflow.networks import build
from energy_lib.shards.manifest import Manifest
name, folder, file = sys.argv[1:]
inputs, rng = dict(np.load(file)), np.random.default_rng(3)
network = build(name, Manifest.read(Path(folder)).encoding, 7)
told = {}
for number, variable in enumerate(network.trainable_variables):
    told[f"first-{number:02d}"] = variable.numpy()
    variable.assign(rng.normal(0, 0.05, variable.shape))
    told[f"weight-{number:02d}"] = variable.numpy()
told["answer"] = network({each.name: inputs[each.name] for each in network.inputs}, training=False).numpy()
np.savez(file, **told)
"""
# What a worker's imports and its reading load.
LOADED = """
import sys
from pathlib import Path
import energy_lib.training.workers.torch_worker
from energy_lib.training.networks.batches import Batches
from energy_lib.training.networks.torch_loop import FEED
batches = Batches(Path(sys.argv[1]) / "train", 0, 1, {"target": 24}, 8, FEED, in_memory_bytes=0)
with batches.epoch(4, seed=1, drop_rest=True) as coming:
    assert next(coming)["target"].shape == (4, 24)
print([name for name in ("tensorflow", "keras") if name in sys.modules])
"""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dataset")
    write_dataset(folder, feature_rows(meters=2, days=40), files=1)
    return folder


def tensors(encoding: Encoding) -> Tensors:
    rows = feature_rows(meters=3, days=33, seed=9)
    rows.loc[7, ["energy_lag_24h", "energy_mean_168h"]] = np.nan
    return encode(rows, encoding, slots(rows))


@pytest.mark.parametrize("name", INPUTS)
def test_equal_weights_give_equal_answers(dataset: Path, tmp_path: Path, name: str) -> None:
    import torch

    from energy_lib.models.networks.torch.networks import build, trained
    from energy_lib.training.export.torch_onnx import write_onnx

    encoding, file = Manifest.read(dataset).encoding, tmp_path / "keras.npz"
    given = tensors(encoding)
    np.savez(file, history=given.history, features=given.features)
    python(KERAS, name, dataset, file)
    keras = dict(np.load(file))
    network = build(name, encoding, 7).eval()
    weights = trained(network)
    for number, weight in enumerate(weights):
        first, ours = keras[f"first-{number:02d}"], weight.detach().numpy().T
        assert ours.shape == first.shape
        if first.ndim == 1 or not first.any():
            np.testing.assert_array_equal(ours, first)
        else:
            assert ours.std() == pytest.approx(first.std(), rel=0.1)
        weight.data = torch.from_numpy(keras[f"weight-{number:02d}"].T.copy())
    assert f"first-{len(weights):02d}" not in keras
    with torch.no_grad():
        said = network(**{each: torch.from_numpy(getattr(given, each)) for each in INPUTS[name]}).numpy()
    np.testing.assert_allclose(said, keras["answer"], rtol=1e-4, atol=1e-5)
    write_onnx(name, network, encoding, tmp_path / "network.onnx")
    np.testing.assert_allclose(load_answer(tmp_path, encoding)(given), said, rtol=1e-4, atol=1e-5)


def test_a_worker_does_not_load_tensorflow(dataset: Path) -> None:
    assert python(LOADED, dataset).splitlines()[-1] == "[]"
