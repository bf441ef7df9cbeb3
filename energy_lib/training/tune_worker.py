"""One worker of a study: `python -m energy_lib.training.tune_worker JOB.json` takes trials until enough are done.

All workers, on whatever machine, meet in the study's storage. A trial trains on the shards' training part and is judged
by its pinball loss on the validation part; one that is worse than the others were at its step ends early.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import optuna

from energy_lib.config import BoostingConfig
from energy_lib.shards.manifest import Manifest
from energy_lib.training.process import die_with_parent, say
from energy_lib.training.search import suggested
from energy_lib.training.spec import TrainingSpec

# Rounds of trees between two looks at how a trial does.
REPORT_EVERY = 20
# Steps that a trial has before it may be ended.
WARM_UP = {True: 60, False: 2}


@dataclass(frozen=True, slots=True)
class TuneJob:
    """dataset: the shards' folder; spec: what is tuned; until: trials of the study at which to stop; seed: this
    worker's own."""

    dataset: str
    storage: str
    study: str
    until: int
    seed: int
    threads: int
    spec: dict[str, Any]

    def as_text(self) -> str:
        return json.dumps(asdict(self))


Objective = Callable[[optuna.trial.Trial], float]


def open_study(storage: str, name: str, seed: int, *, boosted: bool) -> optuna.study.Study:
    """The study, made if there is none; trees and networks wait differently before they end a trial."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna.create_study(
        storage=storage,
        study_name=name,
        sampler=optuna.samplers.TPESampler(seed=seed, constant_liar=True),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=WARM_UP[boosted]),
        direction="minimize",
        load_if_exists=True,
    )


def main(text: str) -> int:
    die_with_parent()
    job = TuneJob(**json.loads(text))
    spec, manifest = TrainingSpec.from_json(job.spec), Manifest.read(Path(job.dataset))
    study = open_study(job.storage, job.study, job.seed, boosted=spec.boosted)
    objective = (_trees if spec.boosted else _network)(job, spec, manifest)
    enough = optuna.study.MaxTrialsCallback(job.until, states=None)
    study.optimize(objective, callbacks=[enough, _told])
    return 0


def _told(study: optuna.study.Study, trial: optuna.trial.FrozenTrial) -> None:
    end = "ended early, " if trial.state == optuna.trial.TrialState.PRUNED else ""
    loss = "no loss" if trial.value is None else f"validation {trial.value:.5f}"
    say(0, f"trial {trial.number}: {end}{loss}, {json.dumps(trial.params)}")


def _judged(trial: optuna.trial.Trial, loss: float, step: int) -> None:
    """Report; raises TrialPruned where others were better by then."""
    trial.report(loss, step)
    if trial.should_prune():
        raise optuna.TrialPruned


def _trees(job: TuneJob, spec: TrainingSpec, manifest: Manifest) -> Objective:
    from energy_lib.training import boosting

    base = BoostingConfig.model_validate(spec.boosting)
    grower = boosting.Grower(base, spec.seed, job.threads)
    fuels = grower.datasets(Path(job.dataset), manifest)

    def objective(trial: optuna.trial.Trial) -> float:
        settings = base.model_copy(update=suggested(trial, spec))

        def report(rounds: int, loss: float) -> None:
            if rounds % REPORT_EVERY == 0:
                _judged(trial, loss, rounds)

        return replace(grower, settings=settings).validation_loss(fuels, report)

    return objective


def _network(job: TuneJob, spec: TrainingSpec, manifest: Manifest) -> Objective:
    from energy_lib.training.alone import trainer

    def objective(trial: optuna.trial.Trial) -> float:
        tried = replace(spec, workers=1, **suggested(trial, spec))
        own = trainer(tried, Path(job.dataset), manifest, job.threads)
        state = own.first_state()
        for log in own.epochs(state):
            _judged(trial, log.val_loss, log.epoch)
        return state.best_loss

    return objective


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
