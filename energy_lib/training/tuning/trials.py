"""What a study's worker is told, and how a family's trials are judged."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import optuna

# A trial → its loss on the validation part.
Objective = Callable[[optuna.trial.Trial], float]


@dataclass(frozen=True, slots=True)
class TuneJob:
    """dataset: the shards' folder; spec: what is tuned; until: trials at which to stop; seed: the study's."""

    dataset: str
    storage: str
    study: str
    until: int
    seed: int
    threads: int
    spec: dict[str, Any]

    def as_text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> TuneJob:
        return cls(**json.loads(text))


def report_or_prune(trial: optuna.trial.Trial, loss: float, step: int) -> None:
    """Report the loss at a step; raises TrialPruned where other trials were better by then."""
    trial.report(loss, step)
    if trial.should_prune():
        raise optuna.TrialPruned
