"""Real trainings on a small dataset: workers as processes, kills, resumes, the export."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from energy_lib.encoding.slots import slots
from energy_lib.encoding.tensors import encode
from energy_lib.models.exported_model import ExportedModel, load_model
from energy_lib.shards.manifest import Manifest
from energy_lib.training.checkpoint import load, newest
from energy_lib.training.spec import TrainingSpec
from energy_lib.training.workers.barrier import free_port
from energy_lib.training.workers.gpus import assigned, visible
from energy_lib.training.workers.job import WorkerJob, cluster_environment
from tests.frameworks import FRAMEWORKS, needs_torch
from tests.programs import PATHS, python
from tests.synthetic_features import feature_rows, write_dataset

pytestmark = pytest.mark.slow
EPOCHS = 16
# What Keras says to saved inputs, in kWh.
KERAS_ANSWER = """
import sys
import keras, numpy as np
import energy_lib.models.networks.tensorflow.networks
inputs = dict(np.load(sys.argv[2]))
network = keras.saving.load_model(sys.argv[1])
relative = network({each.name: inputs[each.name] for each in network.inputs}, training=False).numpy()
np.save(sys.argv[3], np.maximum(relative, 0) * inputs["level"][:, None, None])
"""
# How many GPUs a framework finds.
GPUS = {
    "tensorflow": "import tensorflow as tf; print(len(tf.config.list_physical_devices('GPU')))",
    "torch": "import torch; print(torch.cuda.device_count())",
}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    folder = tmp_path_factory.mktemp("dataset")
    return folder, write_dataset(folder, feature_rows(meters=8, days=90), files=4)


@pytest.fixture(scope="module")
def uninterrupted(dataset: tuple[Path, Manifest], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Trainings of `spec_of`, each run once for all the tests that read it."""

    @cache
    def model(workers: int, model: str, framework: str) -> Path:
        spec = spec_of(dataset[1], workers, model, framework=framework)
        return trained(tmp_path_factory.mktemp("uninterrupted"), dataset[0], spec)

    return model


def started(
    folder: Path, dataset: Path, spec: TrainingSpec, resume: Path | None = None
) -> list[subprocess.Popen[bytes]]:
    folder.mkdir(parents=True, exist_ok=True)
    spec.write(folder / "spec.json")
    ports = [free_port() for _ in range(spec.workers)]
    gpus = assigned([visible()] * spec.workers)
    processes = []
    for worker in range(spec.workers):
        job = WorkerJob(str(folder), str(dataset), worker, 1, None if resume is None else str(resume))
        environment = {**os.environ, **place(worker, ports), "PYTHONPATH": PATHS}
        if spec.framework == "tensorflow":
            environment["CUDA_VISIBLE_DEVICES"] = gpus[worker]
        command = [sys.executable, "-m", f"energy_lib.training.workers.{spec.framework}_worker", job.as_text()]
        processes.append(subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL))
    return processes


def place(worker: int, ports: list[int]) -> dict[str, str]:
    """What tells a worker of either framework who it is and where the others are."""
    hosts = [f"127.0.0.1:{port}" for port in ports]
    torchrun = {"RANK": str(worker), "WORLD_SIZE": str(len(ports)), "MASTER_PORT": str(ports[0])}
    return {**cluster_environment(worker, hosts), "MASTER_ADDR": "127.0.0.1", **torchrun}


def trained(folder: Path, dataset: Path, spec: TrainingSpec, resume: Path | None = None) -> Path:
    assert [process.wait(timeout=900) for process in started(folder, dataset, spec, resume)] == [0] * spec.workers
    return folder / "model"


def spec_of(
    manifest: Manifest, workers: int = 1, model: str = "dense", epochs: int = EPOCHS, framework: str = "tensorflow"
) -> TrainingSpec:
    return TrainingSpec(manifest.dataset_id, model, workers, epochs, 64, 1e-3, 60, 7, framework=framework)


def validation_loss(exported: Path) -> float:
    """The best, once it is sure that something was learnt."""
    best = float(json.loads((exported / "model.json").read_text())["best_val_loss"])
    history = json.loads((exported / "history.json").read_text())
    assert best < 0.97 * history[0]["val_loss"]
    assert history[-1]["loss"] < 0.8 * history[0]["loss"]
    return best


def killed_after_an_epoch(folder: Path, dataset: Path, spec: TrainingSpec) -> Path:
    """Start a training, SIGKILL it once a checkpoint but not the model is there; returns the checkpoint."""
    processes = started(folder, dataset, spec)
    deadline = time.monotonic() + 600
    while (found := newest(folder / "epochs")) is None and time.monotonic() < deadline:
        time.sleep(0.02)
    for process in processes:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert found is not None
    assert not (folder / "model").exists()
    newest_now = newest(folder / "epochs")
    assert newest_now is not None
    return newest_now


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_killed_training_goes_on_to_the_same_result(
    dataset: tuple[Path, Manifest], uninterrupted: Callable[..., Path], tmp_path: Path, framework: str, workers: int
) -> None:
    folder, manifest = dataset
    spec = spec_of(manifest, workers, framework=framework)
    uncut = uninterrupted(workers, "dense", framework).parent
    checkpoint = killed_after_an_epoch(tmp_path / "cut", folder, spec)
    assert load(checkpoint).epoch < EPOCHS - 1
    trained(tmp_path / "cut", folder, spec, resume=checkpoint)
    whole, cut = (load(newest(each / "epochs") or tmp_path) for each in (uncut, tmp_path / "cut"))
    for name in ("weights", "averaged", "optimizer", "best"):
        for mine, theirs in zip(getattr(whole, name), getattr(cut, name), strict=True):
            np.testing.assert_array_equal(mine, theirs)
    losses = [[(log.loss, log.val_loss) for log in each.history] for each in (whole, cut)]
    assert losses[0] == losses[1]


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_one_worker_and_two_reach_the_same_loss(uninterrupted: Callable[..., Path], framework: str) -> None:
    one, two = (validation_loss(uninterrupted(workers, "dense", framework)) for workers in (1, 2))
    assert two == pytest.approx(one, rel=0.05)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_gradient_of_all_workers_is_clipped(dataset: tuple[Path, Manifest], tmp_path: Path, framework: str) -> None:
    """Adam's running mean of gradients is no longer than the longest of them."""
    folder, manifest = dataset
    spec = replace(spec_of(manifest, 2, epochs=2, framework=framework), gradient_norm=1e-3)
    trained(tmp_path, folder, spec)
    moments = [values for values in load(newest(tmp_path / "epochs") or tmp_path).optimizer if values.ndim]
    length = np.sqrt(sum(np.square(values).sum() for values in moments))
    assert 1e-4 < length < 1.001e-3


@needs_torch
@pytest.mark.parametrize("model", ["dense", "lstm", "tide"])
def test_both_frameworks_reach_the_same_loss(uninterrupted: Callable[..., Path], model: str) -> None:
    tensorflow, torch = (validation_loss(uninterrupted(1, model, name)) for name in ("tensorflow", "torch"))
    assert torch == pytest.approx(tensorflow, rel=0.05)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_gpu_reaches_the_loss_of_the_cpu(
    dataset: tuple[Path, Manifest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, framework: str
) -> None:
    if not int(python(GPUS[framework])):
        pytest.skip(f"{framework} finds no GPU here")
    folder, manifest = dataset
    spec = spec_of(manifest, 1, "lstm", 8, framework)
    gpu = validation_loss(trained(tmp_path / "gpu", folder, spec))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    cpu = validation_loss(trained(tmp_path / "cpu", folder, spec))
    assert gpu == pytest.approx(cpu, rel=0.05)


@pytest.mark.parametrize("model", ["dense", "lstm", "tide"])
def test_the_export_says_what_the_network_says(uninterrupted: Callable[..., Path], tmp_path: Path, model: str) -> None:
    exported = uninterrupted(1, model, "tensorflow")
    rows = feature_rows(meters=3, days=35, seed=9)
    rows.loc[7, ["energy_lag_24h", "energy_mean_168h"]] = np.nan
    onnx = load_model(exported)
    onnx.calibration = None
    np.savez(tmp_path / "inputs.npz", **tensors_of(rows, onnx))
    python(KERAS_ANSWER, exported / "network.keras", tmp_path / "inputs.npz", tmp_path / "keras.npy")
    expected = np.load(tmp_path / "keras.npy").reshape(len(rows), -1)
    predicted = onnx.predict(rows)
    np.testing.assert_allclose(predicted.to_numpy(), expected, rtol=1e-4, atol=1e-4)
    assert (np.diff(predicted.to_numpy(), axis=1) >= 0).all()
    shuffled = rows.sample(frac=1, random_state=1)
    np.testing.assert_allclose(onnx.predict(shuffled).loc[rows.index].to_numpy(), predicted.to_numpy(), rtol=1e-5)


def tensors_of(rows: object, onnx: ExportedModel) -> dict[str, np.ndarray]:
    tensors = encode(rows, onnx.encoding, slots(rows))  # type: ignore[arg-type]  # a frame
    return {"history": tensors.history, "features": tensors.features, "level": tensors.level}
