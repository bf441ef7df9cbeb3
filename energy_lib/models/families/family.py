"""A model family as one object: everything that the rest of the system needs to know about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from energy_lib.config import Section

if TYPE_CHECKING:
    # Every job reads the families' settings, and not every one loads pandas.
    from energy_lib.encoding.tensors import Encoding, Floats, Tensors

# Tensors of n groups → quantiles [n, H, Q] over the meter's level.
Answer: TypeAlias = "Callable[[Tensors], Floats]"


class Trial(Protocol):
    """What a search space needs of an Optuna trial."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float: ...

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int: ...

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any: ...


@dataclass(frozen=True, slots=True)
class Search:
    """How a study tunes a family.

    suggested: a trial → its values of the keys of config section `training.<section>` (None: of `training` itself).
    objective_module: module of energy_lib.training whose `objective(job, spec, manifest)` trains and scores a trial.
    warm_up_steps: steps (epochs, rounds) that a trial always gets before it may be pruned.
    """

    suggested: Callable[[Trial], dict[str, Any]]
    section: str | None
    objective_module: str
    warm_up_steps: int


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of model; energy_lib.models.families.FAMILIES holds them all.

    name: as `family` in model.json. models: the values of training.model that select it.
    load_answer: reads an exported model's folder.
    requirements: packages that prediction needs, for the MLflow model.
    workers: framework → module of energy_lib.training that `python -m` runs as a worker's program. Modules are named
    and not imported, since prediction must not load what trains.
    one_process: one process with all the cores of a machine trains it, whatever training.workers says.
    with_network: the network that training.network names is trained first, in the folder `network` of the training's.
    sections: the family's own config sections, `training.<name>`.
    """

    name: str
    models: tuple[str, ...]
    load_answer: Callable[[Path, Encoding], Answer]
    requirements: tuple[str, ...]
    workers: Mapping[str, str]
    search: Search
    one_process: bool = False
    with_network: bool = False
    sections: Mapping[str, type[Section]] = field(default_factory=dict)

    def framework(self, configured: str) -> str:
        """The framework that trains it: the configured one if the family has it, else the family's first."""
        return configured if configured in self.workers else next(iter(self.workers))
