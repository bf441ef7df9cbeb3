"""What a training is: all that its result depends on, and the id made from it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from energy_lib.config import Config
from energy_lib.shards.manifest import Manifest, digest, local_folder

FORMAT = 3
BOOSTED, ENSEMBLE = "lightgbm", "ensemble"
TORCH = "torch"
# Folder of the exported model: there when a training is done.
FINISHED = "model"
# Folder of a training within a training: the ensemble's network.
NETWORK = "network"


@dataclass(frozen=True, slots=True)
class TrainingSpec:
    """Equal specs give equal models, so the id names the result as well.

    network: of an ensemble, its network's own training, which comes first.
    """

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
    network: TrainingSpec | None = None

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
        return cls.from_json(json.loads(file.read_text()))

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> TrainingSpec:
        network = values.get("network")
        return cls(**{**values, "network": network and cls.from_json(network)})


def training_spec(config: Config, manifest: Manifest) -> TrainingSpec:
    training = config.training
    spec = _network_spec(config, manifest, training.model)
    if training.model not in (BOOSTED, ENSEMBLE):
        return spec
    together = training.model == ENSEMBLE
    return replace(
        spec,
        workers=1,  # trees are grown by one process with all the cores
        boosting=training.boosting.model_dump(),
        linear=training.linear.model_dump() if together else None,
        framework=BOOSTED,
        network=_network_spec(config, manifest, training.network) if together else None,
    )


def _network_spec(config: Config, manifest: Manifest, model: str) -> TrainingSpec:
    training = config.training
    return TrainingSpec(
        dataset_id=manifest.dataset_id,
        model=model,
        workers=training.workers,
        epochs=training.epochs,
        batch_size=training.batch_size,
        learning_rate=training.learning_rate,
        patience=training.patience,
        seed=training.seed,
        framework=training.framework,
        schedule=training.schedule,
        gradient_norm=training.gradient_norm,
    )


def training_folder(config: Config, spec: TrainingSpec) -> Path:
    """Checkpoints, and in `model/` what came of them."""
    return local_folder(config.lake) / "checkpoints" / spec.training_id
