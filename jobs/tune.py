"""Search a model's settings on the day's shards: an Optuna study, its trials in MLflow, its best as a config file."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import parser, start
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.training.tuning.pipeline import tune


def run(
    spark: SparkSession,
    config: Config,
    period: Period,
    trials: int,
    study_name: str | None = None,
    out: Path | None = None,
) -> Outcome:
    """Search the settings of training.model on the day's shards until the study has `trials` trials in all.

    `study_name`: by default model and dataset; a study that is there goes on. `out`: where the best trial is written as
    a config file. Raises InputMissing if the day has no shards.
    """
    return tune(Lake(spark, config.lake), config, period.only_day, trials, study_name, out)


def main() -> int:
    arguments = parser("tune", "Search a model's settings (training.model) on the day's shards.")
    arguments.add_argument("--trials", type=int, default=20, help="trials of the study in all, earlier runs' included")
    arguments.add_argument("--study", help="its name (default: model and dataset)")
    arguments.add_argument("--out", type=Path, help="where to write the best as a config file, conf/models/<name>.yaml")
    options = arguments.parse_args()
    # Trials write to the study's storage alone, so that several may run beside a night.
    search = partial(run, trials=options.trials, study_name=options.study, out=options.out)
    return start("tune", options, search, writes=False)


if __name__ == "__main__":
    sys.exit(main())
