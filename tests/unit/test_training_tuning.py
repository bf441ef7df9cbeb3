"""A study on a small dataset: trials are shared, judged, ended early, and the best becomes a config."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import optuna
import pytest
import yaml
from optuna.trial import TrialState

from energy_lib.models.config import load_config
from energy_lib.models.families import family_of
from energy_lib.models.families.boosting.family import BOOSTING
from energy_lib.models.families.boosting.settings import BoostingConfig
from energy_lib.shards.manifest import Manifest
from energy_lib.training.spec import TrainingSpec
from energy_lib.training.tuning.study import best_config, finished, plot_study, record_study
from energy_lib.training.tuning.trials import TuneJob
from energy_lib.training.tuning.worker import DEAD_AFTER_SECONDS, open_study
from energy_lib.training.workers.supervisor import supervise
from tests.synthetic_features import feature_rows, write_dataset

TREES = BoostingConfig(rounds=80, leaves=7, min_rows=20, patience=80).model_dump()


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    folder = tmp_path_factory.mktemp("dataset")
    return folder, write_dataset(folder, feature_rows(meters=4, days=60), files=2)


def spec_of(manifest: Manifest, model: str) -> TrainingSpec:
    settings = {"boosting": TREES} if model == "lightgbm" else {}
    return TrainingSpec(manifest.dataset_id, model, 2, 3, 64, 1e-3, 5, 7, settings)


def worked(folder: Path, dataset: Path, spec: TrainingSpec, until: int) -> optuna.study.Study:
    storage = f"sqlite:///{folder}/studies.db"
    job = TuneJob(str(dataset), storage, "a-study", until, 1, 1, spec.as_json())
    supervise(["-m", "energy_lib.training.tuning.worker", job.as_text()], {"TF_CPP_MIN_LOG_LEVEL": "3"})
    return open_study(storage, "a-study", 1, family_of(spec.model).search.warm_up_steps)


def test_workers_share_a_study_and_its_best_is_a_config(dataset: tuple[Path, Manifest], tmp_path: Path) -> None:
    folder, manifest = dataset
    spec = spec_of(manifest, "lightgbm")
    open_study(f"sqlite:///{tmp_path}/studies.db", "a-study", 1, BOOSTING.search.warm_up_steps)
    with ThreadPoolExecutor() as pool:
        one, _ = pool.map(lambda _: worked(tmp_path, folder, spec, until=6), range(2))
    trials = one.trials
    assert 6 <= len(trials) <= 7, "both may have begun their last at once"
    assert {trial.number for trial in trials} == set(range(len(trials)))
    study = worked(tmp_path, folder, spec, until=9)
    assert len(study.trials) == 9, "it goes on with theirs"
    assert study.best_value == min(trial.value for trial in study.trials if trial.value is not None)
    assert len({str(trial.params) for trial in study.trials}) == 9, "and repeats none"

    (tmp_path / "models").mkdir()
    (tmp_path / "local.yaml").write_text("lake: somewhere\n")
    (tmp_path / "models" / "best.yaml").write_text(best_config(spec, study))
    config, _ = load_config(str(tmp_path / "models" / "best.yaml"))
    assert config.training.model == "lightgbm"
    assert config.training.boosting.leaves == study.best_params["leaves"]
    plot_study(study, tmp_path / "study.png")
    assert (tmp_path / "study.png").stat().st_size > 5_000

    told, _ = load_config(None, [f"lake={tmp_path}/lake"])
    for _ in range(2):
        record_study(told, spec, study)
    runs = _runs(tmp_path / "lake")
    assert len(runs) == 10, "one for the study and one a trial, however often it is recorded"
    parents = {run.data.tags["mlflow.parentRunId"] for run in runs if run.data.tags["trial"] != "all"}
    assert parents == {run.info.run_id for run in runs if run.data.tags["trial"] == "all"}
    assert yaml.safe_load(best_config(spec, study))["extends"] == "../local.yaml"


def test_a_trial_that_died_with_its_worker_is_made_up_for(dataset: tuple[Path, Manifest], tmp_path: Path) -> None:
    folder, manifest = dataset
    spec, storage = spec_of(manifest, "lightgbm"), f"sqlite:///{tmp_path}/studies.db"
    study = open_study(storage, "a-study", 1, BOOSTING.search.warm_up_steps)
    with pytest.warns(UserWarning, match="supposed to be used with Study.optimize"):
        dead, slow = study.ask(), study.ask()
    for trial in (dead, slow):
        study._storage.record_heartbeat(trial._trial_id)  # type: ignore[attr-defined]  # as its worker's thread does
    with sqlite3.connect(tmp_path / "studies.db") as database:
        old = (DEAD_AFTER_SECONDS + 60, dead._trial_id)
        database.execute("UPDATE trial_heartbeats SET heartbeat = datetime(heartbeat, '-' || ? || ' seconds') "
                         "WHERE trial_id = ?", old)  # fmt: skip
    states = [trial.state for trial in worked(tmp_path, folder, spec, until=3).trials]
    assert states[:2] == [TrialState.FAIL, TrialState.RUNNING]
    assert len(states) == 4, "one under way, and two of this worker's"


@pytest.mark.slow
def test_networks_are_tuned_by_epochs(dataset: tuple[Path, Manifest], tmp_path: Path) -> None:
    folder, manifest = dataset
    study = worked(tmp_path, folder, spec_of(manifest, "dense"), until=2)
    assert [sorted(trial.intermediate_values) for trial in study.trials] == [[0, 1, 2]] * 2
    for trial in study.trials:
        assert trial.value == min(trial.intermediate_values.values())


def test_a_trial_ended_early_has_no_loss_of_its_own(dataset: tuple[Path, Manifest], tmp_path: Path) -> None:
    study = optuna.create_study()

    def objective(trial: optuna.trial.Trial) -> float:
        trial.report(trial.suggest_float("learning_rate", 0.1, 1.0), 20)
        if trial.number == 1:
            raise optuna.TrialPruned
        return float(trial.number + 1)

    study.optimize(objective, n_trials=3)
    assert study.trials[1].value is not None, "Optuna's own: the last report"
    assert finished(study) == [(0, 1.0), (2, 3.0)]
    config, _ = load_config(None, [f"lake={tmp_path}/lake"])
    record_study(config, spec_of(dataset[1], "lightgbm"), study)
    runs = {run.data.tags["trial"]: run for run in _runs(tmp_path / "lake")}
    assert runs["1"].info.status == "KILLED"
    assert {trial for trial, run in runs.items() if "best_val_loss" in run.data.metrics} == {"0", "2"}


def _runs(lake: Path) -> list[object]:
    from mlflow import MlflowClient

    api = MlflowClient(tracking_uri=f"sqlite:///{lake}/mlflow/mlflow.db")
    return list(api.search_runs([each.experiment_id for each in api.search_experiments()]))
