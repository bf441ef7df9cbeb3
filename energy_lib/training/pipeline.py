"""Training as the jobs call it: from the day's shards to a registered model, compared, and champion if it wins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from energy_lib.config import Config
from energy_lib.errors import InputMissing
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.models.baselines import SEASONAL_NAIVES
from energy_lib.registry.mlflow_store import opened_meanwhile
from energy_lib.registry.promotion import Verdict, judge
from energy_lib.registry.versions import Version, champion, register, settle
from energy_lib.shards.manifest import Manifest, find
from energy_lib.training.cost import cost_of, costed
from energy_lib.training.spec import FINISHED, TrainingSpec, training_folder, training_spec
from energy_lib.training.tracking import describe, tracked_run
from energy_lib.training.workers.barrier import train

# Forecasts and scores the days of a period by these versions, seasonal naive beside them: gold.scores rows.
Backtest = Callable[[Period, Sequence[Version]], pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Judged:
    """A training, the version it became, and how its backtest went; no scores if an earlier run had decided on it."""

    spec: TrainingSpec
    manifest: Manifest
    challenger: Version
    scores: pd.DataFrame | None = None
    verdict: Verdict | None = None


def train_and_judge(lake: Lake, config: Config, day: date, backtest: Backtest) -> Judged:
    """Train on the day's shards, register the model, compare it with champion and seasonal naive, promote the winner.

    Each step is skipped if it was done: a rerun goes on where a killed run stopped, or changes nothing.
    Raises InputMissing without shards, TryAgain where a worker fails.
    """
    dataset, manifest, spec = prepared(config, day)
    exported = trained(lake, config, spec, dataset)
    run_id = tracked_run(config, spec, manifest, exported)
    challenger = register(config, run_id, exported, day)
    if challenger.decided:
        return Judged(spec, manifest, challenger)
    holder = champion(config)
    scores = backtest(manifest.split.backtest, [each for each in (challenger, holder) if each is not None])
    from energy_lib.training.export.model_folder import importance_on_validation  # imports Petastorm: seconds

    importance = importance_on_validation(exported, dataset, manifest, spec.seed)
    cost = cost_of(training_folder(config, spec))
    describe(config, challenger.version, run_id, exported, manifest, scores, importance, cost)
    # A champion that has to go, since what it learnt from was erased, need not be beaten.
    rival = holder.version if holder is not None and not holder.outlived else None
    verdict = judge(scores, challenger.version, rival, SEASONAL_NAIVES)
    settle(config, challenger, verdict.won)
    return Judged(spec, manifest, challenger, scores, verdict)


def prepared(config: Config, day: date) -> tuple[Path, Manifest, TrainingSpec]:
    """The day's shards, their manifest, and what a training on them is; raises InputMissing without shards."""
    dataset_of_day = find(config, day)
    if dataset_of_day is None:
        raise InputMissing(f"There are no shards for {day}: run write_shards --date {day} with this config first.")
    dataset, manifest = dataset_of_day
    return dataset, manifest, training_spec(config, manifest)


def trained(lake: Lake, config: Config, spec: TrainingSpec, dataset: Path) -> Path:
    """The exported model; a finished training is not repeated and adds no cost."""
    folder = training_folder(config, spec)
    if (folder / FINISHED).is_dir():
        return folder / FINISHED
    with costed(folder, config.training.country), opened_meanwhile(config):
        return train(lake.spark, spec, dataset, folder, config.training.stall_seconds)
