"""What every worker begins with."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from energy_lib.shards.manifest import Manifest
from energy_lib.training.spec import TrainingSpec
from energy_lib.training.workers.job import WorkerJob


class Opened(NamedTuple):
    """A training's folder and its dataset's, and what they hold: the specification and the manifest."""

    folder: Path
    dataset: Path
    spec: TrainingSpec
    manifest: Manifest


def opened(job: WorkerJob) -> Opened:
    folder, dataset = Path(job.folder), Path(job.dataset)
    return Opened(folder, dataset, TrainingSpec.read(folder / "spec.json"), Manifest.read(dataset))
