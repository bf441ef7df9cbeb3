"""A study: its workers on Spark, its trials as child runs in MLflow, its history as a plot, its best as a config."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import optuna
import yaml
from optuna.trial import TrialState
from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.errors import InputMissing
from energy_lib.models.families import family_of
from energy_lib.registry.mlflow_store import client, experiment_id
from energy_lib.training.spec import TrainingSpec
from energy_lib.training.tuning.trials import TuneJob
from energy_lib.training.tuning.worker import open_study, trials_taken
from energy_lib.training.workers.process import cores_each
from energy_lib.training.workers.supervisor import supervise

STATUS = {TrialState.COMPLETE: "FINISHED", TrialState.PRUNED: "KILLED"}


def storage_of(config: Config) -> str:
    """Where studies live: a database that all workers reach, or SQLite beside the lake."""
    if config.tuning.storage is not None:
        return config.tuning.storage
    file = config.local_folder / "tuning" / "studies.db"
    file.parent.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{file}"


def run_study(
    spark: SparkSession, config: Config, spec: TrainingSpec, dataset: Path, name: str, trials: int
) -> optuna.study.Study:
    """Run or resume the study until it has `trials` trials; raises InputMissing if none ran to its end.

    A family of one process has one worker with all cores; else training.workers share them.
    """
    family, storage = family_of(spec.model), storage_of(config)
    workers = 1 if family.one_process else config.training.workers
    study = open_study(storage, name, spec.seed, family.search.warm_up_steps)
    job = TuneJob(str(dataset), storage, name, trials, spec.seed, cores_each(workers), spec.as_json())

    stall_seconds = config.training.stall_seconds

    def work(jobs: Iterable[TuneJob]) -> Iterator[int]:
        for job in jobs:
            threads = {"OMP_NUM_THREADS": str(job.threads)}
            supervise(["-m", "energy_lib.training.tuning.worker", job.as_text()], threads, stall_seconds)
            yield 1

    if trials_taken(study) < trials:
        spark.sparkContext.parallelize([job] * workers, workers).mapPartitions(work).collect()
    if not finished(study):
        raise InputMissing(f"Study {name} has no finished trial: give it more trials (--trials).")
    return study


def finished(study: optuna.study.Study) -> list[tuple[int, float]]:
    """Number and loss of the trials that ran to their end; not of pruned ones, to which Optuna gives a value too."""
    whole = study.get_trials(deepcopy=False, states=[TrialState.COMPLETE])
    return [(trial.number, trial.value) for trial in whole if trial.value is not None]


def record_study(config: Config, spec: TrainingSpec, study: optuna.study.Study) -> None:
    """The study as a run and each ended trial as its child; trials that are recorded already are left alone."""
    from mlflow.entities import Metric, Param

    api, experiment = client(config), experiment_id(config)
    parents = api.search_runs([experiment], f"tags.study = '{study.study_name}' and tags.trial = 'all'", max_results=1)
    tags = {"study": study.study_name, "trial": "all"}
    (parent,) = parents or [api.create_run(experiment, tags=tags, run_name=f"tune-{study.study_name}")]
    children = api.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'", max_results=50_000)
    recorded, losses = {child.data.tags["trial"] for child in children}, dict(finished(study))
    for trial in study.trials:
        if str(trial.number) in recorded or not trial.state.is_finished():
            continue
        child_tags = {**tags, "trial": str(trial.number), "mlflow.parentRunId": parent.info.run_id}
        run = api.create_run(experiment, tags=child_tags, run_name=f"{study.study_name}-{trial.number}")
        metrics = [Metric("val_loss", loss, 0, step) for step, loss in trial.intermediate_values.items()]
        metrics += [Metric("best_val_loss", losses[trial.number], 0, 0)] if trial.number in losses else []
        params = [Param("model", spec.model), *(Param(name, str(value)) for name, value in trial.params.items())]
        api.log_batch(run.info.run_id, metrics=metrics, params=params)
        api.set_terminated(run.info.run_id, STATUS.get(trial.state, "FAILED"))
    with tempfile.TemporaryDirectory() as scratch:
        plot_study(study, Path(scratch) / "study.png")
        (Path(scratch) / "best.yaml").write_text(best_config(spec, study), encoding="utf-8")
        api.log_artifacts(parent.info.run_id, scratch)
    api.set_terminated(parent.info.run_id, "FINISHED")


def best_config(spec: TrainingSpec, study: optuna.study.Study) -> str:
    """The best trial as the text of a config file for conf/models/."""
    head = f"# Best of {len(study.trials)} trials of study {study.study_name}: validation loss {study.best_value:.5f}."
    return f"{head}\n{yaml.safe_dump(as_config(spec, study.best_params), sort_keys=False)}"


def as_config(spec: TrainingSpec, best: dict[str, Any]) -> dict[str, Any]:
    """The best trial's values as the content of a config file beside conf/local.yaml, floats to three digits."""
    rounded = {name: float(f"{value:.3g}") if isinstance(value, float) else value for name, value in best.items()}
    section = family_of(spec.model).search.section
    values = rounded if section is None else {section: rounded}
    return {"extends": "../local.yaml", "training": {"model": spec.model, **values}}


def plot_study(study: optuna.study.Study, file: Path) -> None:
    """Each trial's loss (hollow: ended early), and the best so far."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    whole = finished(study)
    axes.scatter(*zip(*whole, strict=True), label="finished")
    ended = [t for t in study.get_trials(deepcopy=False, states=[TrialState.PRUNED]) if t.intermediate_values]
    last = [t.intermediate_values[max(t.intermediate_values)] for t in ended]
    axes.scatter([t.number for t in ended], last, facecolors="none", edgecolors="grey", label="ended early")
    best = list(accumulate((loss for _, loss in whole), min))
    axes.step([number for number, _ in whole], best, where="post", label="best so far")
    axes.set(xlabel="trial", ylabel="validation pinball loss, levels", title=study.study_name)
    axes.legend()
    figure.savefig(file, format="png")
