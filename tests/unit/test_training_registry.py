"""Runs and versions in a fresh MLflow store: recorded once, champions in order, trainings when due."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from energy_lib.config import Config, PrivacyConfig
from energy_lib.intervals import Period
from energy_lib.models.config import load_config
from energy_lib.registry.mlflow_store import client, experiment_id
from energy_lib.registry.versions import (
    champion,
    champion_before,
    mark_trained_on_erased,
    newest_before,
    register,
    settle,
    training_due,
    versions,
    versions_named,
)
from energy_lib.shards.manifest import Manifest
from energy_lib.training.spec import TrainingSpec
from energy_lib.training.tracking import tracked_run
from tests.synthetic_features import feature_rows, write_dataset

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's own


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return load_config(None, [f"lake={tmp_path_factory.mktemp('lake')}", "training.retrain_every_days=7"])[0]


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return write_dataset(tmp_path_factory.mktemp("dataset"), feature_rows(meters=1, days=40), files=2)


def spec_of(manifest: Manifest, seed: int) -> TrainingSpec:
    return TrainingSpec(manifest.dataset_id, "dense", 1, 2, 64, 1e-3, 5, seed)


def exported(folder: Path, spec: TrainingSpec, manifest: Manifest, trained_until: str) -> Path:
    """What a worker leaves, but for the network."""
    folder.mkdir(parents=True)
    described = {
        "name": spec.model,
        "family": "network",
        "training_id": spec.training_id,
        "trained_until": trained_until,
        "split": manifest.split.as_json(),
    }
    log = {"epoch": 0, "loss": 0.5, "val_loss": 0.4, "seconds": 1.0, "rows_per_second": 10.0, "input_share": 0.1}
    (folder / "model.json").write_text(json.dumps(described))
    (folder / "history.json").write_text(json.dumps([log, {**log, "epoch": 1, "val_loss": 0.3}]))
    return folder


def test_from_nothing_to_a_second_champion(config: Config, manifest: Manifest, tmp_path: Path) -> None:
    assert versions(config) == []
    assert champion(config) is None
    assert champion_before(config, date(2030, 1, 1)) is None
    assert training_due(config, Period.day(date(2024, 3, 1)))

    first = spec_of(manifest, 1)
    model = exported(tmp_path / "first", first, manifest, "2024-02-20")
    run_id = tracked_run(config, first, manifest, model)
    one = register(config, run_id, model, date(2024, 3, 1))
    assert (one.version, one.decided, one.promoted) == ("1", False, False)
    assert (Path(one.path) / "model.json").is_file()
    assert training_due(config, Period.day(date(2024, 3, 1))), "a training without verdict is carried on"

    assert tracked_run(config, first, manifest, model) == run_id, "a rerun records nothing twice"
    assert register(config, run_id, model, date(2024, 3, 1)) == one
    assert len(versions(config)) == 1

    settle(config, one, won=True)
    holder = champion(config)
    assert holder is not None
    assert holder.version == "1"
    assert not training_due(config, Period.day(date(2024, 3, 1)))
    assert not training_due(config, Period.day(date(2024, 3, 7)))
    assert training_due(config, Period.day(date(2024, 3, 8)))

    for seed, day, until, won in (
        (2, date(2024, 3, 8), "2024-02-27", False),
        (3, date(2024, 3, 15), "2024-03-05", True),
    ):
        spec = spec_of(manifest, seed)
        model = exported(tmp_path / str(seed), spec, manifest, until)
        settle(config, register(config, tracked_run(config, spec, manifest, model), model, day), won)
    holder = champion(config)
    assert holder is not None
    assert holder.version == "3"
    before = champion_before(config, date(2024, 3, 4))
    assert before is not None
    assert before[:2] == ("dense", "1"), "version 3 learnt from days after; version 2 never won"
    assert champion_before(config, date(2024, 2, 19)) is None
    assert [each.version for each in versions_named(config, "v2")] == ["2"]
    assert [each.version for each in versions_named(config, "dense")] == ["1", "2", "3"]
    second = newest_before(versions_named(config, "dense"), date(2024, 3, 4))
    assert second is not None
    assert second.version == "2", "whether it won or not"
    assert newest_before(versions_named(config, "v3"), date(2024, 3, 4)) is None

    api = client(config)
    run = api.get_run(run_id)
    assert run.data.params["model"] == "dense"
    assert [point.value for point in api.get_metric_history(run_id, "val_loss")] == [0.4, 0.3]
    assert {file.path for file in api.list_artifacts(run_id)} == {"curves.png", "manifest.json", "model"}
    assert (Path(config.lake) / "mlflow" / "mlflow.db").is_file()
    assert len(api.search_runs([experiment_id(config)])) == 3

    young = Period.day(date(2024, 3, 16))
    assert not training_due(config, young)
    assert [each.version for each in mark_trained_on_erased(config, {first.training_id, "unknown"})] == ["1"]
    assert not training_due(config, young), "a newer one is not of it"
    newest = {versions(config)[-1].training_id}
    mark_trained_on_erased(config, newest)
    assert training_due(config, young)
    kept = config.model_copy(update={"privacy": PrivacyConfig(trained_models="keep")})
    mark_trained_on_erased(kept, newest)
    assert not training_due(config, young)
