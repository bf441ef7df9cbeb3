"""The inputs of every framework's networks, and constants that they share."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from energy_lib.errors import BadConfig

if TYPE_CHECKING:
    from energy_lib.encoding.tensors import Encoding

# Its softplus is the initial distance between neighbouring quantiles, in levels.
FIRST_SPREAD = -2.0
# Tensors each network reads; the shards' other columns are never decoded.
INPUTS = {"dense": ("features",), "lstm": ("history", "features"), "tide": ("history", "features")}
# Channels in local time that are also given one-hot: name and count of values.
CATEGORIES = {"hour": 24, "weekday": 7}


def input_shapes(name: str, encoding: Encoding) -> dict[str, tuple[int, ...]]:
    """Shape of each of the network's inputs, without the batch's axis; raises BadConfig for an unknown name."""
    require_known(name, INPUTS)
    shapes = {
        "history": (encoding.history_hours,),
        "features": (encoding.horizon_hours, encoding.channels),
    }
    return {tensor: shapes[tensor] for tensor in INPUTS[name]}


def categories_of(encoding: Encoding) -> dict[str, int]:
    """The columns that are categories, with how many values each has; raises InputMissing if the encoding lacks one."""
    encoding.require(CATEGORIES)
    return CATEGORIES


def require_known(name: str, networks: Collection[str]) -> None:
    """Raises BadConfig for an unknown network."""
    if name not in networks:
        raise BadConfig(f"training.model is '{name}': choose one of {', '.join(sorted(networks))}.")
