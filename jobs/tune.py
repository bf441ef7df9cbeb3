"""Search a model's settings on the day's shards: an Optuna study, its trials in MLflow, its best as a config file."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import parser, start
from energy_lib.intervals import Period
from energy_lib.lake import Outcome
from energy_lib.training.pipeline import prepared
from energy_lib.training.tuning.study import best_config, record_study, run_study


def run(
    spark: SparkSession,
    config: Config,
    period: Period,
    trials: int,
    study_name: str | None = None,
    out: Path | None = None,
) -> Outcome:
    """Started again, or beside another with the same storage and study, it adds to the same trials."""
    dataset, manifest, spec = prepared(config, period.only_day)
    name = study_name or f"{spec.model}-{manifest.dataset_id}"
    study = run_study(spark, config, spec, dataset, name, trials)
    record_study(config, spec, study)
    text = best_config(spec, study)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text)
    return Outcome(rows_in=manifest.rows("train"), rows_out=len(study.trials), lines=text.rstrip().splitlines())


def main() -> int:
    arguments = parser("tune", "Search a model's settings (training.model) on the day's shards.")
    arguments.add_argument("--trials", type=int, default=20, help="trials the study shall have in all")
    arguments.add_argument("--study", help="its name (default: model and dataset)")
    arguments.add_argument("--out", type=Path, help="where to write the best as a config file, conf/models/<name>.yaml")
    given = arguments.parse_args()
    # Trials write to the study's storage alone, so that several may run beside a night.
    chosen = partial(run, trials=given.trials, study_name=given.study, out=given.out)
    return start("tune", given, chosen, writes=False)


if __name__ == "__main__":
    sys.exit(main())
