"""What a training is: all that its result depends on, and the id made from it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from energy_lib.config import Config
from energy_lib.shards.manifest import Manifest, digest, local_folder

FORMAT = 2
BOOSTED, ENSEMBLE = "lightgbm", "ensemble"
TORCH = "torch"
# Folder of the exported model: there when a training is done.
FINISHED = "model"


@dataclass(frozen=True, slots=True)
class TrainingSpec:
    """Equal specs give equal models, so the id names the result as well."""

    dataset_id: str
    model: str
    workers: int
    epochs: int
    batch_size: int
    learning_rate: float
    patience: int
    seed: int
    boosting: dict[str, Any] | None = None
    linear: dict[str, Any] | None = None
    framework: str = "tensorflow"
    schedule: str = "constant"
    gradient_norm: float | None = None

    @property
    def boosted(self) -> bool:
        """Trees, grown by one process with all the cores; else a network."""
        return self.boosting is not None

    @property
    def training_id(self) -> str:
        return digest([FORMAT, asdict(self)])

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self), indent=1, sort_keys=True))

    @classmethod
    def read(cls, file: Path) -> TrainingSpec:
        return cls(**json.loads(file.read_text()))


def training_spec(config: Config, manifest: Manifest) -> TrainingSpec:
    training = config.training
    boosted = training.model in (BOOSTED, ENSEMBLE)
    return TrainingSpec(
        dataset_id=manifest.dataset_id,
        model=training.model,
        # Trees are grown by one process with all the cores.
        workers=1 if boosted else training.workers,
        epochs=training.epochs,
        batch_size=training.batch_size,
        learning_rate=training.learning_rate,
        patience=training.patience,
        seed=training.seed,
        boosting=training.boosting.model_dump() if boosted else None,
        linear=training.linear.model_dump() if training.model == ENSEMBLE else None,
        framework=BOOSTED if boosted else training.framework,
        schedule=training.schedule,
        gradient_norm=training.gradient_norm,
    )


def training_folder(config: Config, spec: TrainingSpec) -> Path:
    """Checkpoints, and in `model/` what came of them."""
    return local_folder(config.lake) / "checkpoints" / spec.training_id
