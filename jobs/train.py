"""Train on the day's shards, register the model, compare it with champion and seasonal naive, promote the winner."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pandas as pd
from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import parser, start
from energy_lib.evaluation.report import score_lines
from energy_lib.forecasting.model_forecasts import ModelRef
from energy_lib.forecasting.pipeline.backtest import backtest
from energy_lib.forecasting.pipeline.issue_forecasts import Window
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.models.baselines import SEASONAL_NAIVES
from energy_lib.registry.versions import Version
from energy_lib.tables import gold
from energy_lib.training.pipeline import train_and_judge

SHORTHANDS = ("framework", "model", "workers", "epochs")


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Train on the day's shards, register the model, and make it champion if it beats champion and seasonal naive.

    Each step is skipped if it was done: a rerun goes on where a killed run stopped, or changes nothing. Raises
    InputMissing if the day has no shards, TryAgain if a worker fails.
    """
    lake = Lake(spark, config.lake)

    def scored(days: Period, versions: Sequence[Version]) -> pd.DataFrame:
        models = tuple(dict.fromkeys(ModelRef(*version.ref) for version in versions))
        return backtest(lake, config, [Window(days, models)])

    judged = train_and_judge(lake, config, period.only_day, scored)
    spec, challenger = judged.spec, judged.challenger
    if judged.scores is None or judged.verdict is None:
        return Outcome(lines=[f"Training {spec.training_id} is version {challenger.version} already."])
    fate = "is champion now" if judged.verdict.won else "is registered, not promoted"
    return Outcome(
        rows_in=judged.manifest.rows("train"),
        rows_out=len(judged.scores),
        versions_written={t.full_name: lake.version(t) for t in (gold.FORECASTS, gold.SCORES)},
        lines=[*score_lines(judged.scores, SEASONAL_NAIVES), f"{spec.model} {fate}: {judged.verdict.reason}."],
    )


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser("train", "Train a model on the day's shards and promote it if it wins.")
    for name in SHORTHANDS:
        arguments.add_argument(f"--{name}", help=f"short for --set training.{name}=…")
    options = arguments.parse_args(argv)
    values = ((name, getattr(options, name)) for name in SHORTHANDS)
    options.set += [f"training.{name}={value}" for name, value in values if value is not None]
    return start("train", options, run)


if __name__ == "__main__":
    sys.exit(main())
