"""The specification of a training: everything its result depends on, and the id made from it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from energy_lib.config import Config, TrainingConfig
from energy_lib.models.families import family_of
from energy_lib.shards.manifest import Manifest, digest

FORMAT = 3
TORCH = "torch"
# Folder of the exported model; it exists when the training is finished.
FINISHED = "model"
# Folder of a training within a training: the ensemble's network.
NETWORK = "network"
# Every spec names these sections, null where unused: they are older than sections of families, and ids must stay.
FIRST_SECTIONS = ("boosting", "linear")


@dataclass(frozen=True, slots=True)
class TrainingSpec:
    """Equal specs give equal models, so the id names the result as well.

    settings: values of the config sections that the model's family has, by the section's name.
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
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    framework: str = "tensorflow"
    schedule: str = "constant"
    gradient_norm: float | None = None
    network: TrainingSpec | None = None

    @property
    def training_id(self) -> str:
        return digest([FORMAT, self.as_json()])

    def as_json(self) -> dict[str, Any]:
        """All values by name; each section stands beside the other keys."""
        values = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "settings"}
        values["network"] = None if self.network is None else self.network.as_json()
        return {**dict.fromkeys(FIRST_SECTIONS), **values, **self.settings}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> TrainingSpec:
        names = {each.name for each in fields(cls)}
        arguments = {name: value for name, value in values.items() if name in names}
        arguments["settings"] = {
            name: value for name, value in values.items() if name not in names and value is not None
        }
        network = arguments.get("network")
        return cls(**{**arguments, "network": None if network is None else cls.from_json(network)})

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(self.as_json(), indent=1, sort_keys=True), encoding="utf-8")

    @classmethod
    def read(cls, file: Path) -> TrainingSpec:
        return cls.from_json(json.loads(file.read_text(encoding="utf-8")))


def training_spec(config: Config, manifest: Manifest) -> TrainingSpec:
    """The training of training.model on the dataset."""
    return _spec_of(config.training, manifest, config.training.model)


def _spec_of(training: TrainingConfig, manifest: Manifest, model: str) -> TrainingSpec:
    family = family_of(model)
    return TrainingSpec(
        dataset_id=manifest.dataset_id,
        model=model,
        workers=1 if family.one_process else training.workers,
        epochs=training.epochs,
        batch_size=training.batch_size,
        learning_rate=training.learning_rate,
        patience=training.patience,
        seed=training.seed,
        settings={name: getattr(training, name).model_dump() for name in family.sections},
        framework=family.framework(training.framework),
        schedule=training.schedule,
        gradient_norm=training.gradient_norm,
        network=_spec_of(training, manifest, training.network) if family.with_network else None,
    )


def training_folder(config: Config, spec: TrainingSpec) -> Path:
    """The folder of the training's checkpoints, with the exported model in `model/`."""
    return config.local_folder / "checkpoints" / spec.training_id
