"""One worker of a study: `python -m energy_lib.training.tuning.worker JOB.json` takes trials until enough are done.

All workers, on whatever machine, meet in the study's storage. A trial trains on the shards' training part and is judged
by its pinball loss on the validation part; one that is worse than the others were at its step ends early.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.trial import TrialState

from energy_lib.config import BoostingConfig
from energy_lib.shards.manifest import Manifest
from energy_lib.training.spec import TrainingSpec
from energy_lib.training.tuning.search_space import suggested
from energy_lib.training.workers.process import die_with_parent, say

# Rounds of trees between two looks at how a trial does.
REPORT_EVERY = 20
# Steps that a trial has before it may be ended.
WARM_UP = {True: 60, False: 2}
# A running trial says so this often; one that was not heard for so long has died with its worker.
ALIVE_EVERY_SECONDS, DEAD_AFTER_SECONDS = 20, 90
COUNTED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)


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


Objective = Callable[[optuna.trial.Trial], float]


class NumberedSampler(optuna.samplers.TPESampler):  # type: ignore[misc]
    """TPE whose draws follow the study's seed and the trial's number: no start and no worker repeats another's."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed=seed, constant_liar=True)
        self.study_seed = seed

    def before_trial(self, study: optuna.study.Study, trial: optuna.trial.FrozenTrial) -> None:
        drawn = np.random.SeedSequence([self.study_seed, trial.number]).generate_state(1)[0]
        optuna.samplers.TPESampler.__init__(self, seed=int(drawn), constant_liar=True)
        super().before_trial(study, trial)


def open_study(storage: str, name: str, seed: int, *, boosted: bool) -> optuna.study.Study:
    """The study, made if there is none, its dead trials failed; trees and networks wait differently to end a trial."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)  # heartbeats are, since 2021
    study = optuna.create_study(
        storage=optuna.storages.RDBStorage(
            storage, heartbeat_interval=ALIVE_EVERY_SECONDS, grace_period=DEAD_AFTER_SECONDS
        ),
        study_name=name,
        sampler=NumberedSampler(seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=WARM_UP[boosted]),
        direction="minimize",
        load_if_exists=True,
    )
    optuna.storages.fail_stale_trials(study)
    return study


def counted(study: optuna.study.Study) -> int:
    """Trials that have ended with a loss or early, or are under way; a trial whose worker died is none."""
    return len(study.get_trials(deepcopy=False, states=COUNTED))


def main(text: str) -> int:
    die_with_parent()
    job = TuneJob(**json.loads(text))
    spec, manifest = TrainingSpec.from_json(job.spec), Manifest.read(Path(job.dataset))
    study = open_study(job.storage, job.study, job.seed, boosted=spec.boosted)
    objective = (_trees if spec.boosted else _network)(job, spec, manifest)
    enough = optuna.study.MaxTrialsCallback(job.until, states=COUNTED)
    study.optimize(objective, callbacks=[enough, _told])
    return 0


def _told(study: optuna.study.Study, trial: optuna.trial.FrozenTrial) -> None:
    end = "ended early, " if trial.state == TrialState.PRUNED else ""
    loss = "no loss" if trial.value is None else f"validation {trial.value:.5f}"
    say(0, f"trial {trial.number}: {end}{loss}, {json.dumps(trial.params)}")


def _judged(trial: optuna.trial.Trial, loss: float, step: int) -> None:
    """Report; raises TrialPruned where others were better by then."""
    trial.report(loss, step)
    if trial.should_prune():
        raise optuna.TrialPruned


def _trees(job: TuneJob, spec: TrainingSpec, manifest: Manifest) -> Objective:
    from energy_lib.training.families import boosting

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
    from energy_lib.training.tuning.single_process import trainer

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
