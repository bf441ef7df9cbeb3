"""A study's trials of boosted trees: the medians' boosters of all commodities, grown round by round."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import optuna

from energy_lib.models.families import family_of
from energy_lib.shards.manifest import Manifest
from energy_lib.training.families.boosting.boosters import settings_of
from energy_lib.training.families.boosting.trees import Grower
from energy_lib.training.spec import TrainingSpec
from energy_lib.training.tuning.trials import Objective, TuneJob, report_or_prune

# Rounds between two reports of a trial's loss.
REPORT_EVERY = 20


def objective(job: TuneJob, spec: TrainingSpec, manifest: Manifest) -> Objective:
    """A trial's best validation loss, one step per round."""
    base, search = settings_of(spec), family_of(spec.model).search
    grower = Grower(base, spec.seed, job.threads)
    commodities = grower.datasets(Path(job.dataset), manifest)

    def validation_loss(trial: optuna.trial.Trial) -> float:
        settings = base.model_copy(update=search.suggested(trial))

        def report(rounds: int, loss: float) -> None:
            if rounds % REPORT_EVERY == 0:
                report_or_prune(trial, loss, rounds)

        return replace(grower, settings=settings).validation_loss(commodities, report)

    return validation_loss
