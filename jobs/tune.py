"""Search a model's settings on the day's shards: an Optuna study, its trials in MLflow, its best as a config file."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import parser, start
from energy_lib.intervals import Period
from energy_lib.lake import Outcome
from energy_lib.training.tuning import best_config, record_study, run_study
from jobs.train import prepared


def run(spark: SparkSession, config: Config, period: Period, given: argparse.Namespace) -> Outcome:
    """Started again, or beside another with the same storage and study, it adds to the same trials."""
    dataset, manifest, spec = prepared(config, period.only_day)
    name = given.study or f"{spec.model}-{manifest.dataset_id}"
    study = run_study(spark, config, spec, dataset, name, given.trials)
    record_study(config, spec, study)
    text = best_config(spec, study)
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(text)
    return Outcome(rows_in=manifest.rows("train"), rows_out=len(study.trials), lines=text.rstrip().splitlines())


def main() -> int:
    arguments = parser("tune", "Search a model's settings (training.model) on the day's shards.")
    arguments.add_argument("--trials", type=int, default=20, help="trials the study shall have in all")
    arguments.add_argument("--study", help="its name (default: model and dataset)")
    arguments.add_argument("--out", type=Path, help="where to write the best as a config file, conf/models/<name>.yaml")
    given = arguments.parse_args()
    # Trials write to the study's storage alone, so that several may run beside a night.
    return start("tune", given, partial(run, given=given), writes=False)


if __name__ == "__main__":
    sys.exit(main())
