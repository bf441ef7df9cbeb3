"""The whole config: the keys of energy_lib.config, and the sections that the model families bring.

Jobs, tests and benchmarks read their config here. What lies below this room sees it as energy_lib.config.Config.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from pydantic import Field, create_model

from energy_lib.config import Config as BaseConfig
from energy_lib.config import Origins, read_config
from energy_lib.config import TrainingConfig as BaseTrainingConfig
from energy_lib.models.families import FAMILIES
from energy_lib.models.families.family import Family
from energy_lib.models.families.network.family import NETWORK


def training_class(families: Iterable[Family]) -> type[BaseTrainingConfig]:
    """Section `training` with a section for each that a family has, and only models that there are."""
    families = tuple(families)
    models = tuple(model for family in families for model in family.models)
    sections = {name: kind for family in families for name, kind in family.sections.items()}
    fields: dict[str, Any] = {name: (kind, kind()) for name, kind in sections.items()}
    fields |= {"model": _one_of(models, "model"), "network": _one_of(NETWORK.models, "network")}
    return create_model("TrainingConfig", __base__=BaseTrainingConfig, __module__=__name__, **fields)


def config_class(training: type[BaseTrainingConfig]) -> type[BaseConfig]:
    """The whole config with this training section."""
    return create_model("Config", __base__=BaseConfig, __module__=__name__, training=(training, training()))


def _one_of(names: tuple[str, ...], key: str) -> tuple[Any, Any]:
    """The field of section `training` as it was declared, with these values and no others."""
    declared = BaseTrainingConfig.model_fields[key]
    return Literal[names], Field(declared.default, description=declared.description)


# Named like the classes, so that Spark's tasks can be sent a config.
TrainingConfig = training_class(FAMILIES.values())
Config = config_class(TrainingConfig)


def load_config(path: str | None, overrides: Sequence[str] = ()) -> tuple[BaseConfig, Origins]:
    """Read a YAML file (and what it `extends`), then apply `key=value` overrides.

    Returns the config and, for each dotted key that was set, where its value came from.
    Raises BadConfig, whose sentence names the key, where it stands and what to do.

        config, _ = load_config("conf/local.yaml", ["training.model=lightgbm", "training.boosting.leaves=63"])
    """
    return read_config(path, overrides, Config)
