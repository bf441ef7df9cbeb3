"""All model families. A new one is a folder here, its worker in energy_lib.training.families, and a line below."""

from __future__ import annotations

from energy_lib.errors import BadConfig
from energy_lib.models.families.boosting.family import BOOSTING
from energy_lib.models.families.ensemble.family import ENSEMBLE
from energy_lib.models.families.family import Family
from energy_lib.models.families.network.family import NETWORK

FAMILIES: dict[str, Family] = {family.name: family for family in (NETWORK, BOOSTING, ENSEMBLE)}


def family_of(model: str) -> Family:
    """The family of a training.model; raises BadConfig for a model that there is not."""
    for family in FAMILIES.values():
        if model in family.models:
            return family
    models = sorted(name for family in FAMILIES.values() for name in family.models)
    raise BadConfig(f"training.model is '{model}': choose one of {', '.join(models)}.")
