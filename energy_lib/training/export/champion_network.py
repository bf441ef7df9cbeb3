"""The champion as other model servers take it: a network's exported folder, with its registered name and version."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from energy_lib.config import Config
from energy_lib.encoding.tensors import Encoding
from energy_lib.errors import BadConfig, InputMissing
from energy_lib.models.exported_model import MODEL_FILE
from energy_lib.models.families.network.family import NETWORK
from energy_lib.registry.served_versions import served_versions


@dataclass(frozen=True, slots=True)
class ChampionNetwork:
    """registered: the registry's name of the model; version: its number; network: dense, lstm or tide;
    folder: of the exported model."""

    registered: str
    version: str
    network: str
    framework: str
    encoding: Encoding
    folder: Path


def champion_network(config: Config) -> ChampionNetwork:
    """Raises InputMissing without a champion, and BadConfig for one that is no network."""
    served, _ = served_versions(config)
    if served is None:
        raise InputMissing(f"There is no champion in the lake {config.lake}: run train or a night first.")
    folder = Path(served.path)
    described = json.loads((folder / MODEL_FILE).read_text(encoding="utf-8"))
    if described["family"] != NETWORK.name:
        raise BadConfig(
            f"The champion, version {served.version}, is of the family {described['family']}, and other model servers "
            f"take networks: train one of {', '.join(NETWORK.models)}, or ask the API (docs/api.md)."
        )
    return ChampionNetwork(
        registered=config.mlflow.registered_model,
        version=served.version,
        network=described["name"],
        framework=described["framework"],
        encoding=Encoding.from_json(described["encoding"]),
        folder=folder,
    )
