"""The champion for TensorFlow Serving: its folders, its signature, and the numbers of our own server."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from exported_networks import asked, export_network, posted_features
from served_api import served
from served_models import Championed, add_version, export

from energy_lib.config import Config
from energy_lib.models.config import load_config
from energy_lib.models.networks.inputs import INPUTS
from jobs import export_champion

pytestmark = pytest.mark.filterwarnings("ignore")  # Keras's and MLflow's own


def config_of(folder: Path) -> Config:
    return load_config(None, [f"lake={folder / 'lake'}", "serving.look_seconds=0.1"])[0]


def exported_by_job(config: Config, out: Path) -> int:
    options = ["--set", f"lake={config.lake}", "--server", "tensorflow_serving", "--out", str(out)]
    return export_champion.main(options)


def signature_of(folder: Path) -> Any:
    import tensorflow as tf

    # The signature lives as long as the model.
    model = tf.saved_model.load(str(folder))
    return model, model.signatures["serving_default"]


@pytest.mark.parametrize("network", ["dense", "tide"])
def test_its_signature_gives_what_our_server_answers(tmp_path: Path, network: str) -> None:
    config = config_of(tmp_path)
    folder = export_network(tmp_path / "trained", "tensorflow", network)
    version = add_version(config, folder, promoted=True)
    assert exported_by_job(config, tmp_path / "out") == 0
    written = tmp_path / "out" / "tensorflow_serving" / "energy_forecast" / version.version
    assert (written / "assets.extra" / "model.json").read_bytes() == (folder / "model.json").read_bytes()

    _model, signature = signature_of(written)
    model, tensors = asked(folder)
    shapes = {name: (None, *getattr(tensors, name).shape[1:]) for name in INPUTS[network]}
    told_inputs = {name: tuple(spec.shape) for name, spec in signature.structured_input_signature[1].items()}
    assert told_inputs == shapes
    assert {name: tuple(s.shape) for name, s in signature.structured_outputs.items()} == {"quantiles": (None, 24, 7)}

    def answer(given: Any) -> Any:
        return signature(**{name: getattr(given, name) for name in shapes})["quantiles"].numpy()

    by_signature = replace(model, answer=answer).quantiles(tensors)
    np.testing.assert_allclose(answer(tensors), model.answer(tensors), rtol=0, atol=1e-5)
    values = posted_features(3)
    data = [None if np.isnan(each) else float(each) for each in values.ravel()]
    body = {"inputs": [{"name": "features", "datatype": "FP32", "shape": values.shape, "data": data}]}
    with served(config) as address, httpx.Client(base_url=address, timeout=60) as client:
        Championed(client, config, tmp_path).wait_for(version.version)
        said = client.post("/v2/models/energy_forecast/infer", json=body).json()
    (output,) = said["outputs"]
    np.testing.assert_allclose(by_signature.ravel(), output["data"], rtol=1e-5, atol=1e-5)


def test_what_is_no_network_of_tensorflow_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = config_of(tmp_path)
    assert exported_by_job(config, tmp_path / "out") == 4
    assert "There is no champion" in capsys.readouterr().err
    for changed in ({"framework": "torch"}, {"framework": "lightgbm", "family": "ensemble"}):
        name = "-".join(changed.values())
        file = export(tmp_path / name, name) / "model.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), **changed}))
        add_version(config, file.parent, promoted=True)
        assert exported_by_job(config, tmp_path / "out") == 2
        assert list(changed.values())[-1] in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
