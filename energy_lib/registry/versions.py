"""The model registry: versions, who is champion, and when the next training is due."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from energy_lib.config import Config
from energy_lib.intervals import DAY, Period
from energy_lib.registry.mlflow_store import DATA, MODEL_ARTIFACT, client, store_file
from energy_lib.registry.store_check import broken_model, require_whole_store

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

CHAMPION = "champion"
# Tag of a version that was trained on what was erased since; its value is the policy: retrain or keep.
TRAINED_ON_ERASED, RETRAIN = "trained_on_erased", "retrain"


@dataclass(frozen=True, slots=True)
class Version:
    """A registered version; decided: whether it was compared with the champion; promoted: whether it won.

    outlived: it was trained on what was erased since, and is to be replaced (privacy.trained_models).
    """

    name: str
    version: str
    path: str
    training_id: str
    trained_for: date
    trained_until: date
    decided: bool
    promoted: bool
    outlived: bool = False

    @property
    def ref(self) -> tuple[str, str, str]:
        """Model name, version and folder of the export."""
        return self.name, self.version, self.path


def register(config: Config, run_id: str, exported: Path, day: date) -> Version:
    """The version of this training, registered now if it was not: a rerun never registers twice."""
    described = json.loads((exported / "model.json").read_text(encoding="utf-8"))
    for version in versions(config):
        if version.training_id == described["training_id"]:
            return version
    api, name = client(config), config.mlflow.registered_model
    if not api.search_registered_models(f"name = '{name}'"):
        api.create_registered_model(name)
    source = f"{api.get_run(run_id).info.artifact_uri}/{MODEL_ARTIFACT}"
    tags = {
        "training_id": described["training_id"],
        "model": described["name"],
        "trained_for": str(day),
        "trained_until": described["trained_until"],
        "decision": "",
    }
    return _version(api.create_model_version(name, source, run_id, tags=tags))


def versions(config: Config) -> list[Version]:
    """All versions, oldest first; none where there is no store yet."""
    if not _has_store(config):
        return []
    registered = client(config).search_model_versions(f"name = '{config.mlflow.registered_model}'")
    return sorted((_version(each) for each in registered), key=lambda each: int(each.version))


def champion(config: Config) -> Version | None:
    """The version with the alias `champion`; None if there is none."""
    from mlflow.exceptions import MlflowException

    if not _has_store(config):
        return None
    try:
        return _version(client(config).get_model_version_by_alias(config.mlflow.registered_model, CHAMPION))
    except MlflowException:
        return None


def champion_before(config: Config, day: date) -> tuple[str, str, str] | None:
    """(model name, version, local folder) of the newest champion whose training data end before `day`.

    Raises ModelStoreBroken if the store cannot be used, or its model cannot be read.
    """
    newest = newest_before([each for each in versions(config) if each.promoted], day)
    if newest is None:
        return None
    try:
        json.loads((Path(newest.path) / "model.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise broken_model(newest.path) from error
    return newest.ref


def versions_named(config: Config, name: str) -> list[Version]:
    """The version v<number>, or all versions of a model; oldest first."""
    return [each for each in versions(config) if name in (each.name, f"v{each.version}")]


def newest_before(registered: Sequence[Version], day: date) -> Version | None:
    """The version with the newest training data, of those whose training data end before `day`."""
    past = [each for each in registered if each.trained_until <= day]
    return max(past, key=lambda each: (each.trained_until, int(each.version)), default=None)


def settle(config: Config, challenger: Version, won: bool) -> None:
    """Record the verdict; the alias moves first, so that after a kill in between the comparison is repeated."""
    api, name = client(config), config.mlflow.registered_model
    if won:
        api.set_registered_model_alias(name, CHAMPION, challenger.version)
    api.set_model_version_tag(name, challenger.version, "decision", "promoted" if won else "kept out")


def mark_trained_on_erased(config: Config, trainings: set[str]) -> list[Version]:
    """Mark the versions of these trainings by the policy privacy.trained_models; the marked ones."""
    marked = [version for version in versions(config) if version.training_id in trainings] if trainings else []
    for version in marked:
        name, policy = config.mlflow.registered_model, config.privacy.trained_models
        client(config).set_model_version_tag(name, version.version, TRAINED_ON_ERASED, policy)
    return marked


def training_due(config: Config, period: Period) -> bool:
    """Whether the night should train: the last training is old or outlived, or a version is undecided."""
    registered = versions(config)
    if not registered:
        return True
    if any(not each.decided for each in registered) or registered[-1].outlived:
        return True
    newest = max(each.trained_for for each in registered)
    return period.last >= newest + DAY * config.training.retrain_every_days


def _has_store(config: Config) -> bool:
    """Whether the store exists: opening a default store that does not would create it, in ten seconds."""
    file = store_file(config)
    if file is not None:
        require_whole_store(file)
    return file is None or file.is_file()


def _version(registered: ModelVersion) -> Version:
    tags: dict[str, Any] = registered.tags
    return Version(
        name=tags["model"],
        version=str(registered.version),
        path=str(_local(registered.source) / "data" / DATA),
        training_id=tags["training_id"],
        trained_for=date.fromisoformat(tags["trained_for"]),
        trained_until=date.fromisoformat(tags["trained_until"]),
        decided=bool(tags.get("decision")),
        promoted=tags.get("decision") == "promoted",
        outlived=tags.get(TRAINED_ON_ERASED) == RETRAIN,
    )


def _local(source: str) -> Path:
    """The artifact as a folder here; a file on this machine is not copied."""
    if source.startswith("file://"):
        return Path(source.removeprefix("file://"))
    from mlflow.artifacts import download_artifacts

    return Path(download_artifacts(artifact_uri=source))
