"""Train on the day's shards, register the model, hold it against champion and seasonal naive, promote the winner."""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import main
from energy_lib.errors import InputMissing
from energy_lib.evaluation.report import score_lines
from energy_lib.forecasting.backtest import backtest
from energy_lib.forecasting.batch import ModelRef
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.models.baselines import SEASONAL_NAIVES
from energy_lib.shards.manifest import find
from energy_lib.tables import gold
from energy_lib.training.barrier import train
from energy_lib.training.promotion import judge
from energy_lib.training.registry import champion, register, settle
from energy_lib.training.spec import training_folder, training_spec
from energy_lib.training.tracking import tracked_run


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Each step is skipped if it was done: a rerun goes on where a killed run stopped, or changes nothing."""
    lake, day = Lake(spark, config.lake), period.only_day
    found = find(config, day)
    if found is None:
        raise InputMissing(f"There are no shards for {day}: run write_shards --date {day} with this config first.")
    dataset, manifest = found
    spec = training_spec(config, manifest)
    exported = train(spark, spec, dataset, training_folder(config, spec))
    challenger = register(config, tracked_run(config, spec, manifest, exported), exported, day)
    if challenger.decided:
        return Outcome(lines=[f"Training {spec.training_id} is version {challenger.version} already."])
    holder = champion(config)
    models = [ModelRef(*each.ref) for each in (challenger, holder) if each is not None]
    scores = backtest(lake, config, manifest.split.backtest, tuple(dict.fromkeys(models)))
    verdict = judge(scores, challenger.version, holder.version if holder else None, SEASONAL_NAIVES)
    settle(config, challenger, verdict.won)
    fate = "is champion now" if verdict.won else "is registered, not promoted"
    return Outcome(
        rows_in=manifest.rows("train"),
        rows_out=len(scores),
        versions_written={t.full_name: lake.version(t) for t in (gold.FORECASTS, gold.SCORES)},
        lines=[*score_lines(scores, SEASONAL_NAIVES), f"{spec.model} {fate}: {verdict.reason}."],
    )


if __name__ == "__main__":
    sys.exit(main("train", "Train a model on the day's shards and promote it if it wins.", run))
