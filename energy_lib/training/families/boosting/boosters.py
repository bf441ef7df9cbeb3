"""The boosters in a training's folder: grown where they are missing, and their validation losses.

A finished booster is a file, so a killed training resumes with the next one.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from energy_lib.models.families.boosting.family import SECTION
from energy_lib.models.families.boosting.prediction import booster_file
from energy_lib.models.families.boosting.settings import BoostingConfig
from energy_lib.shards.manifest import PARTS, Manifest
from energy_lib.training.families.boosting.trees import Grower
from energy_lib.training.spec import TrainingSpec
from energy_lib.training.workers.job import WorkerJob
from energy_lib.vocabulary import QUANTILES


def settings_of(spec: TrainingSpec) -> BoostingConfig:
    """The trees' settings of a training."""
    return BoostingConfig.model_validate(spec.settings[SECTION])


def grow_boosters(job: WorkerJob, spec: TrainingSpec, manifest: Manifest) -> Path:
    """Grow the boosters that are not there yet; returns the folder of all."""
    grower = Grower(settings_of(spec), spec.seed, job.threads)
    folder = Path(job.folder) / "boosters"
    folder.mkdir(exist_ok=True)
    if not (folder / "done").is_file():
        for commodity, parts in grower.datasets(Path(job.dataset), manifest).items():
            for name in QUANTILES:
                if not (folder / booster_file(commodity, name)).is_file():
                    grower.write_booster(commodity, name, parts, folder)
        (folder / "done").touch()
    return folder


def copy_boosters(boosters: Path, target: Path) -> None:
    for file in boosters.glob("*.txt"):
        shutil.copyfile(file, target / file.name)


def history_of(boosters: Path) -> list[dict[str, Any]]:
    """A row every tenth round, and the last: the medians' losses as history.json has them."""
    curves = _mean_curves(boosters)
    return [
        {"epoch": i, "loss": loss, "val_loss": val_loss}
        for i, (loss, val_loss) in enumerate(zip(curves[PARTS[0]], curves[PARTS[1]], strict=True))
        if i % 10 == 9 or i == len(curves[PARTS[0]]) - 1
    ]


def best_round(boosters: Path) -> dict[str, Any]:
    """The round of the least validation loss and that loss, as in model.json."""
    losses = _mean_curves(boosters)[PARTS[1]]
    best = int(np.argmin(losses))
    return {"best_epoch": best, "best_val_loss": losses[best]}


def _mean_curves(boosters: Path) -> dict[str, list[float]]:
    """The medians' losses by part and round, averaged over commodities; one that has stopped keeps its last loss."""
    commodities = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(boosters.glob("*.json"))]
    longest = max(len(losses[PARTS[0]]) for losses in commodities)
    padded = {
        part: np.array([losses[part] + losses[part][-1:] * (longest - len(losses[part])) for losses in commodities])
        for part in PARTS
    }
    return {part: losses.mean(axis=0).tolist() for part, losses in padded.items()}
