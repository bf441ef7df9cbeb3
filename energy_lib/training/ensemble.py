"""The linear day beside finished boosters, and how far the mixture goes its way."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from energy_lib.config import LinearConfig
from energy_lib.models import boosting
from energy_lib.models.ensemble import MEDIAN, MIXTURE_FILE
from energy_lib.shards.encoding import Floats
from energy_lib.shards.manifest import Manifest
from energy_lib.training.export import learning_tensors
from energy_lib.training.linear import fit_linear_days
from energy_lib.training.worker import say

SHARES = tuple(i / 10 for i in range(11))


def add_linear_days(folder: Path, settings: LinearConfig, dataset: Path, manifest: Manifest) -> float:
    """Fit on the training part, write beside the boosters in `folder`, and return the share that validated best."""
    encoding = manifest.encoding
    tensors, target, known = learning_tensors(dataset / "train", manifest)
    distance = target - boosting.anchor_of(tensors.features, encoding)
    linear = fit_linear_days(tensors.features, distance, known, tensors.meters, encoding, settings)
    linear.save(folder)
    tensors, target, known = learning_tensors(dataset / "validation", manifest)
    line = boosting.anchor_of(tensors.features, encoding)
    line = line + linear.distance(tensors.features, encoding, tensors.meters)
    median = boosting.load_answer(folder, encoding)(tensors)[..., MEDIAN]
    errors = {share: _error(median + share * (line - median), target, known) for share in SHARES}
    best = min(errors, key=lambda share: errors[share])
    (folder / MIXTURE_FILE).write_text(json.dumps({"linear_share": best, "errors": errors}, indent=1))
    told = ", ".join(f"{share:.1f} {error:.5f}" for share, error in errors.items())
    say(0, f"linear day, {len(linear.meters)} meters with a part of their own; error by its share: {told}")
    return best


def _error(said: Floats, target: Floats, known: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float:
    """Mean absolute error over the level of the known hours."""
    return float(np.abs(said - target)[known].mean())
