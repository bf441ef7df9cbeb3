"""Tuning as the job calls it: the day's shards → a study of trials, its record in MLflow, and its best as a config."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from energy_lib.config import Config
from energy_lib.lake import Lake, Outcome
from energy_lib.training.pipeline import prepared
from energy_lib.training.tuning.study import best_config, record_study, run_study


def tune(
    lake: Lake, config: Config, day: date, trials: int, study_name: str | None = None, out: Path | None = None
) -> Outcome:
    """Search the settings of training.model until the study has `trials` trials; write the best as a config to `out`.

    study_name: by default the model and the dataset. Started again, or beside another run with the same storage and
    study, it adds to the same trials. Raises InputMissing without shards, or where no trial ran to its end.
    """
    dataset, manifest, spec = prepared(config, day)
    study = run_study(lake.spark, config, spec, dataset, study_name or f"{spec.model}-{manifest.dataset_id}", trials)
    record_study(config, spec, study)
    text = best_config(spec, study)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    return Outcome(rows_in=manifest.rows("train"), rows_out=len(study.trials), lines=text.rstrip().splitlines())
