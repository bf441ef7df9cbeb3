"""Boosted trees on a small dataset: what they learn, what a killed training does, what the export says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from energy_lib.models.exported_model import load_model
from energy_lib.models.families.boosting.settings import BoostingConfig
from energy_lib.shards.manifest import Manifest
from energy_lib.training.families.boosting.trees import Grower
from energy_lib.training.spec import TrainingSpec
from energy_lib.training.workers.job import WorkerJob
from energy_lib.training.workers.supervisor import supervise
from energy_lib.vocabulary import QUANTILES
from tests.pyfunc import assert_it_predicts_the_same
from tests.synthetic_features import feature_rows, write_dataset

SETTINGS = BoostingConfig(rounds=60, learning_rate=0.1, leaves=15, min_rows=20, patience=10)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    folder = tmp_path_factory.mktemp("dataset")
    return folder, write_dataset(folder, feature_rows(meters=6, days=80), files=2)


def trained(folder: Path, dataset: tuple[Path, Manifest], settings: BoostingConfig = SETTINGS) -> Path:
    folder.mkdir(exist_ok=True)
    spec = TrainingSpec(dataset[1].dataset_id, "lightgbm", 1, 1, 64, 1e-3, 5, 7, {"boosting": settings.model_dump()})
    spec.write(folder / "spec.json")
    job = WorkerJob(str(folder), str(dataset[0]), 0, 2, None)
    supervise(["-m", "energy_lib.training.families.boosting.worker", job.as_text()], {})
    return folder / "model"


@pytest.fixture(scope="module")
def exported(dataset: tuple[Path, Manifest], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("training"), dataset)


def test_trees_forecast_meters_they_never_saw_within_their_noise(exported: Path) -> None:
    rows = feature_rows(meters=3, days=45, seed=9)
    predicted = load_model(exported).predict(rows)
    assert list(predicted.columns) == list(QUANTILES)
    assert (np.diff(predicted.to_numpy(), axis=1) >= 0).all()
    actual = rows["target_kwh"]
    # The series is a shape times noise of 10 %: the best median errs by 8 %.
    assert (actual - predicted["p50"]).abs().sum() / actual.sum() < 0.12
    assert actual.between(predicted["p10"], predicted["p90"]).mean() == pytest.approx(0.8, abs=0.1)


def test_the_order_of_rows_does_not_matter(exported: Path) -> None:
    rows = feature_rows(meters=2, days=32, seed=3)
    straight, shuffled = load_model(exported).predict(rows), load_model(exported).predict(rows.sample(frac=1))
    np.testing.assert_array_equal(shuffled.loc[rows.index].to_numpy(), straight.to_numpy())


def test_as_an_mlflow_model_it_predicts_the_same(exported: Path, tmp_path: Path) -> None:
    assert_it_predicts_the_same(exported, "boosting", tmp_path, feature_rows(meters=2, days=32, seed=3))


def test_a_killed_training_goes_on_to_the_same_trees(
    exported: Path, dataset: tuple[Path, Manifest], tmp_path: Path
) -> None:
    """Killed after three boosters: what is left of it is their files."""
    done = tmp_path / "cut" / "boosters"
    done.mkdir(parents=True)
    for name in ("electricity-p05.txt", "electricity-p50.txt", "electricity.json", "electricity-p95.txt"):
        (done / name).write_bytes((exported.parent / "boosters" / name).read_bytes())
    resumed = trained(tmp_path / "cut", dataset)
    for name in QUANTILES:
        file = f"electricity-{name}.txt"
        assert (resumed / file).read_bytes() == (exported / file).read_bytes(), name


def test_without_patience_all_trees_are_kept_whatever_validation_says(
    dataset: tuple[Path, Manifest], tmp_path: Path
) -> None:
    """Trees that learn the noise by heart: validation has had enough of them soon."""
    greedy = BoostingConfig(rounds=40, tail_rounds=30, learning_rate=0.5, leaves=63, min_rows=2, patience=5)
    stopped = trained(tmp_path / "stopped", dataset, greedy)
    whole = trained(tmp_path / "whole", dataset, greedy.model_copy(update={"patience": None}))

    def grown(model: Path, quantile: str) -> int:
        return lgb.Booster(model_file=str(model / f"electricity-{quantile}.txt")).num_trees()

    assert grown(stopped, "p50") < 30
    assert {name: grown(whole, name) for name in QUANTILES} == {name: 40 if name == "p50" else 30 for name in QUANTILES}


def test_each_fuel_grows_trees_of_its_own(tmp_path: Path) -> None:
    """What gas says comes of its own files: without them, electricity's answer instead, and differently."""
    electricity = feature_rows(meters=4, days=70)
    gas = feature_rows(meters=4, days=70, seed=5).assign(fuel="gas", fuel_code=1.0)
    gas["meter_id"] = "g" + gas["meter_id"]
    rows = pd.concat([electricity.assign(fuel_code=0.0), gas], ignore_index=True)
    exported = trained(
        tmp_path / "training", (tmp_path / "dataset", write_dataset(tmp_path / "dataset", rows, files=2))
    )
    files = {file.name for file in exported.glob("*.txt")}
    assert files == {f"{fuel}-{name}.txt" for fuel in ("electricity", "gas") for name in QUANTILES}
    model = load_model(exported)
    whole = model.predict(rows)
    pd.testing.assert_frame_equal(model.predict(gas), whole.iloc[-len(gas) :].set_index(gas.index))
    for file in exported.glob("gas-*.txt"):
        file.unlink()
    assert not load_model(exported).predict(gas).equals(model.predict(gas))


def test_a_fuel_never_seen_is_answered_by_those_that_were(exported: Path) -> None:
    rows = feature_rows(meters=2, days=32, seed=3).assign(fuel_code=0.0)
    known = load_model(exported).predict(rows)
    pd.testing.assert_frame_equal(load_model(exported).predict(rows.assign(fuel_code=1.0)), known)


def test_of_too_many_hours_the_heavy_ones_are_likelier() -> None:
    grower = Grower(SETTINGS.model_copy(update={"most_hours": 500}), seed=7, threads=1)
    weight = np.where(np.arange(2000) % 2 == 0, 9.0, 1.0)
    numbers = np.arange(2000.0)
    rows, distance, weights = grower.sampled((numbers[:, None], numbers, weight))
    assert weights is None, "drawn by weight, they weigh the same"
    assert len(set(distance)) == 500
    assert (rows[:, 0] == distance).all()
    assert 0.8 < (distance % 2 == 0).mean() < 0.95
    few = grower.sampled((numbers[:400, None], numbers[:400], weight[:400]))
    np.testing.assert_array_equal(few[2], weight[:400])


def test_the_export_says_where_it_came_from(exported: Path, dataset: tuple[Path, Manifest]) -> None:
    described = json.loads((exported / "model.json").read_text())
    assert (described["family"], described["dataset_id"]) == ("boosting", dataset[1].dataset_id)
    history = json.loads((exported / "history.json").read_text())
    assert history[-1]["val_loss"] < history[0]["val_loss"]
    spec = TrainingSpec.read(exported.parent / "spec.json")
    other = replace(spec, settings={"boosting": SETTINGS.model_copy(update={"leaves": 7}).model_dump()})
    assert spec.training_id != other.training_id, "other trees are another training"
