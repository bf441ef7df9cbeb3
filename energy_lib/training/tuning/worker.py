"""One worker of a study: `python -m energy_lib.training.tuning.worker JOB.json` takes trials until enough are done.

All workers, on whatever machine, meet in the study's storage. A trial trains on the shards' training part and is judged
by its pinball loss on the validation part; one that is worse than the others were at its step ends early.
"""

from __future__ import annotations

import json
import sys
import warnings
from importlib import import_module
from pathlib import Path

import numpy as np
import optuna
from optuna.trial import TrialState

from energy_lib.models.families import family_of
from energy_lib.shards.manifest import Manifest
from energy_lib.training.spec import TrainingSpec
from energy_lib.training.tuning.trials import TuneJob
from energy_lib.training.workers.process import die_with_parent, report_progress

# A running trial says so this often; one that was not heard for so long has died with its worker.
ALIVE_EVERY_SECONDS, DEAD_AFTER_SECONDS = 20, 90
TAKEN = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)


class NumberedSampler(optuna.samplers.TPESampler):  # type: ignore[misc]
    """TPE whose draws follow the study's seed and the trial's number: no start and no worker repeats another's."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed=seed, constant_liar=True)
        self.study_seed = seed

    def before_trial(self, study: optuna.study.Study, trial: optuna.trial.FrozenTrial) -> None:
        drawn = np.random.SeedSequence([self.study_seed, trial.number]).generate_state(1)[0]
        optuna.samplers.TPESampler.__init__(self, seed=int(drawn), constant_liar=True)
        super().before_trial(study, trial)


def open_study(storage: str, name: str, seed: int, warm_up_steps: int) -> optuna.study.Study:
    """The study, made if there is none, its dead trials failed; no trial is ended early before `warm_up_steps`."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)  # heartbeats are, since 2021
    study = optuna.create_study(
        storage=optuna.storages.RDBStorage(
            storage, heartbeat_interval=ALIVE_EVERY_SECONDS, grace_period=DEAD_AFTER_SECONDS
        ),
        study_name=name,
        sampler=NumberedSampler(seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=warm_up_steps),
        direction="minimize",
        load_if_exists=True,
    )
    optuna.storages.fail_stale_trials(study)
    return study


def trials_taken(study: optuna.study.Study) -> int:
    """Trials that have ended with a loss or early, or are under way; a trial whose worker died is none."""
    return len(study.get_trials(deepcopy=False, states=TAKEN))


def main(text: str) -> int:
    die_with_parent()
    job = TuneJob.from_text(text)
    spec, manifest = TrainingSpec.from_json(job.spec), Manifest.read(Path(job.dataset))
    search = family_of(spec.model).search
    study = open_study(job.storage, job.study, job.seed, search.warm_up_steps)
    objective = import_module(search.objective_module).objective(job, spec, manifest)
    enough = optuna.study.MaxTrialsCallback(job.until, states=TAKEN)
    study.optimize(objective, callbacks=[enough, _report_trial])
    return 0


def _report_trial(study: optuna.study.Study, trial: optuna.trial.FrozenTrial) -> None:
    end = "ended early, " if trial.state == TrialState.PRUNED else ""
    loss = "no loss" if trial.value is None else f"validation {trial.value:.5f}"
    report_progress(0, f"trial {trial.number}: {end}{loss}, {json.dumps(trial.params)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
