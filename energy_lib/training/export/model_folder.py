"""A trained model as a folder: its family's files, model.json and history.json, published whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from energy_lib.encoding.tensors import CANDIDATES, Floats, Tensors, levels_of
from energy_lib.models.calibration import Calibration, commodity_of, fit
from energy_lib.models.exported_model import MODEL_FILE, load_model, on_all_cores
from energy_lib.models.families import family_of
from energy_lib.models.importance import permutation_importance
from energy_lib.shards.manifest import Manifest
from energy_lib.shards.reader import read_part
from energy_lib.shards.time_split import last_target
from energy_lib.training.checkpoint import State
from energy_lib.training.spec import FINISHED, TrainingSpec
from energy_lib.training.workers.process import working
from energy_lib.vocabulary import QUANTILES


@contextmanager
def publish(folder: Path) -> Iterator[Path]:
    """A folder to write the model into; it becomes `<folder>/model` at the end."""
    working, target = folder / "model.writing", folder / FINISHED
    shutil.rmtree(working, ignore_errors=True)
    working.mkdir(parents=True)
    yield working
    shutil.rmtree(target, ignore_errors=True)
    working.rename(target)


@contextmanager
def publish_network(
    folder: Path, spec: TrainingSpec, dataset: Path, manifest: Manifest, state: State
) -> Iterator[Path]:
    """As `publish`, for the network of `state`: the caller writes its files, then the description is added."""
    with publish(folder) as working:
        yield working
        described = {
            "anchor": f"softmax mixture of {', '.join(CANDIDATES)}, each over the level",
            "best_epoch": state.best_epoch,
            "best_val_loss": state.best_loss,
        }
        history = [asdict(log) for log in state.history]
        write_description(working, spec, dataset, manifest, history, described)


def write_description(
    folder: Path,
    spec: TrainingSpec,
    dataset: Path,
    manifest: Manifest,
    history: Sequence[Mapping[str, Any]],
    of_family: Mapping[str, Any],
) -> None:
    """model.json (common values, `of_family` and the calibration) and history.json (a row an epoch).

    `folder` must hold the family's files already, because the calibration loads the model.
    `dataset`: folder of the shards.
    """
    until = last_target(manifest.split.validation_last, 0, manifest.encoding.horizon_hours)
    described = {
        "name": spec.model,
        "family": family_of(spec.model).name,
        "framework": spec.framework,
        "training_id": spec.training_id,
        "dataset_id": spec.dataset_id,
        "trained_until": str(until.date()),
        "split": manifest.split.as_json(),
        "quantiles": QUANTILES,
        "encoding": manifest.encoding.as_json(),
        **of_family,
    }
    (folder / MODEL_FILE).write_text(json.dumps(described, indent=1, sort_keys=True), encoding="utf-8")
    described["calibration"] = calibration_of(folder, dataset, manifest).as_json()
    (folder / MODEL_FILE).write_text(json.dumps(described, indent=1, sort_keys=True), encoding="utf-8")
    (folder / "history.json").write_text(json.dumps(list(history), indent=1), encoding="utf-8")


def calibration_of(folder: Path, dataset: Path, manifest: Manifest) -> Calibration:
    """The calibration of the exported model on the validation part."""
    tensors, target, known = learning_tensors(dataset / "validation", manifest)
    with working("the calibration"):
        quantiles = on_all_cores(load_model(folder).answer, tensors)
    return fit(quantiles, target, known, commodity_of(tensors.features, manifest.encoding))


def importance_on_validation(exported: Path, dataset: Path, manifest: Manifest, seed: int) -> dict[str, float]:
    """Permutation importance of the exported model's features on the validation part."""
    tensors, target, known = learning_tensors(dataset / "validation", manifest)
    weight = known * levels_of(tensors.features, manifest.encoding)[:, None]
    return permutation_importance(load_model(exported).answer, manifest.encoding, tensors, target, weight, seed)


def learning_tensors(part: Path, manifest: Manifest) -> tuple[Tensors, Floats, npt.NDArray[np.bool_]]:
    """A part's groups, their targets over the level [n, H], and true for hours with weight > 0 [n, H].

    The level of these tensors is 1: answers are over the level, as the targets are.
    """
    encoding = manifest.encoding
    read = read_part(part, {name: manifest.columns[name] for name in ("history", "features", "target", "weight")})
    features = read.tensors["features"].reshape(-1, encoding.horizon_hours, encoding.channels)
    level = np.ones(len(features), dtype=np.float32)
    tensors = Tensors(read.tensors["history"], features, level, read.meters)
    return tensors, read.tensors["target"], read.tensors["weight"] > 0
