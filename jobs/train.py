"""Train on the day's shards, register the model, hold it against champion and seasonal naive, promote the winner."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import parser, start
from energy_lib.errors import InputMissing
from energy_lib.evaluation.report import score_lines
from energy_lib.forecasting.model_forecasts import ModelRef
from energy_lib.forecasting.pipeline.backtest import backtest
from energy_lib.forecasting.pipeline.issue import Window
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.models.baselines import SEASONAL_NAIVES
from energy_lib.registry.promotion import judge
from energy_lib.registry.versions import champion, register, settle
from energy_lib.shards.manifest import Manifest, find
from energy_lib.tables import gold
from energy_lib.training.cost import cost_of, costed
from energy_lib.training.spec import FINISHED, TrainingSpec, training_folder, training_spec
from energy_lib.training.tracking import describe, tracked_run
from energy_lib.training.workers.barrier import train

SHORTHANDS = ("framework", "model", "workers", "epochs")


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Each step is skipped if it was done: a rerun goes on where a killed run stopped, or changes nothing."""
    lake, day = Lake(spark, config.lake), period.only_day
    dataset, manifest, spec = prepared(config, day)
    folder = training_folder(config, spec)
    exported = trained(spark, config, spec, dataset)
    run_id = tracked_run(config, spec, manifest, exported)
    challenger = register(config, run_id, exported, day)
    if challenger.decided:
        return Outcome(lines=[f"Training {spec.training_id} is version {challenger.version} already."])
    holder = champion(config)
    models = [ModelRef(*each.ref) for each in (challenger, holder) if each is not None]
    scores = backtest(lake, config, [Window(manifest.split.backtest, tuple(dict.fromkeys(models)))])
    from energy_lib.training.export.model_folder import importance_on_validation  # imports Petastorm: seconds

    importance = importance_on_validation(exported, dataset, manifest, spec.seed)
    describe(config, challenger.version, run_id, exported, manifest, scores, importance, cost_of(folder))
    verdict = judge(scores, challenger.version, holder.version if holder else None, SEASONAL_NAIVES)
    settle(config, challenger, verdict.won)
    fate = "is champion now" if verdict.won else "is registered, not promoted"
    return Outcome(
        rows_in=manifest.rows("train"),
        rows_out=len(scores),
        versions_written={t.full_name: lake.version(t) for t in (gold.FORECASTS, gold.SCORES)},
        lines=[*score_lines(scores, SEASONAL_NAIVES), f"{spec.model} {fate}: {verdict.reason}."],
    )


def prepared(config: Config, day: date) -> tuple[Path, Manifest, TrainingSpec]:
    """The day's shards, their manifest, and what a training on them is; raises InputMissing without shards."""
    found = find(config, day)
    if found is None:
        raise InputMissing(f"There are no shards for {day}: run write_shards --date {day} with this config first.")
    dataset, manifest = found
    return dataset, manifest, training_spec(config, manifest)


def trained(spark: SparkSession, config: Config, spec: TrainingSpec, dataset: Path) -> Path:
    """The exported model; a training that finished is not repeated, and costs nothing more."""
    folder = training_folder(config, spec)
    if (folder / FINISHED).is_dir():
        return folder / FINISHED
    with costed(folder, config.training.country):
        return train(spark, spec, dataset, folder)


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser("train", "Train a model on the day's shards and promote it if it wins.")
    for name in SHORTHANDS:
        arguments.add_argument(f"--{name}", help=f"short for --set training.{name}=…")
    given = arguments.parse_args(argv)
    said = ((name, getattr(given, name)) for name in SHORTHANDS)
    given.set += [f"training.{name}={value}" for name, value in said if value is not None]
    return start("train", given, run)


if __name__ == "__main__":
    sys.exit(main())
