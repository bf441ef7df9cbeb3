"""Training through Spark's barrier stage: it trains, it does not train twice, and it fails with a sentence."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from energy_lib.errors import BadConfig, TryAgain
from energy_lib.models.exported_model import load_model
from energy_lib.models.families import FAMILIES
from energy_lib.models.families.boosting.settings import BoostingConfig
from energy_lib.models.families.ensemble.settings import LinearConfig
from energy_lib.models.families.network.family import NETWORK
from energy_lib.shards.manifest import Manifest
from energy_lib.training.spec import TrainingSpec
from energy_lib.training.workers.barrier import train
from tests.frameworks import FRAMEWORKS
from tests.synthetic_features import feature_rows, write_dataset


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    folder = tmp_path_factory.mktemp("dataset")
    return folder, write_dataset(folder, feature_rows(meters=4, days=60), files=4)


def spec_of(manifest: Manifest, workers: int, model: str = "dense", framework: str = "tensorflow") -> TrainingSpec:
    return TrainingSpec(manifest.dataset_id, model, workers, 2, 64, 1e-3, 5, 7, framework=framework)


@pytest.mark.slow
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_two_workers_train_and_a_rerun_does_not(
    spark: SparkSession, dataset: tuple[Path, Manifest], tmp_path: Path, framework: str
) -> None:
    folder, manifest = dataset
    spec = spec_of(manifest, 2, framework=framework)
    exported = train(spark, spec, folder, tmp_path)
    model = load_model(exported)
    assert model.predict(feature_rows(meters=2, days=30)).notna().all().all()
    written = (exported / "network.onnx").stat().st_mtime_ns
    assert train(spark, spec, folder, tmp_path) == exported
    assert (exported / "network.onnx").stat().st_mtime_ns == written


@pytest.mark.slow
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_failing_worker_is_a_sentence_and_a_try_again(
    spark: SparkSession,
    dataset: tuple[Path, Manifest],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    framework: str,
) -> None:
    folder, manifest = dataset
    unknown = replace(NETWORK, models=(*NETWORK.models, "no_such_network"))  # to its worker only
    monkeypatch.setitem(FAMILIES, NETWORK.name, unknown)
    with pytest.raises(TryAgain, match=r"A training worker ended with code 1: .*no_such_network") as failed:
        train(spark, spec_of(manifest, 1, "no_such_network", framework), folder, tmp_path)
    assert "\n" not in str(failed.value)


def test_a_missing_torch_is_told(
    spark: SparkSession, dataset: tuple[Path, Manifest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, manifest = dataset
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(BadConfig, match=r"PyTorch is not installed here: make install-torch\."):
        train(spark, spec_of(manifest, 1, framework="torch"), folder, tmp_path)


def test_more_workers_than_slots_are_refused_at_once(
    spark: SparkSession, dataset: tuple[Path, Manifest], tmp_path: Path
) -> None:
    folder, manifest = dataset
    with pytest.raises(BadConfig, match=r"training\.workers is 3.*2 tasks at once"):
        train(spark, spec_of(manifest, 3), folder, tmp_path)


@pytest.mark.slow
def test_an_ensembles_network_is_trained_first_and_not_again(
    spark: SparkSession, dataset: tuple[Path, Manifest], tmp_path: Path
) -> None:
    folder, manifest = dataset
    trees = BoostingConfig(rounds=20, leaves=7, min_rows=20).model_dump()
    spec = replace(
        spec_of(manifest, 1, "ensemble", "lightgbm"),
        settings={"boosting": trees, "linear": LinearConfig(own_days=10).model_dump()},
        network=spec_of(manifest, 2),
    )
    exported = train(spark, spec, folder, tmp_path)
    network = tmp_path / "network" / "model" / "network.onnx"
    assert (exported / "network.onnx").read_bytes() == network.read_bytes()
    written = network.stat().st_mtime_ns
    shutil.rmtree(exported)
    assert load_model(train(spark, spec, folder, tmp_path)).predict(feature_rows(meters=2, days=30)).notna().all().all()
    assert network.stat().st_mtime_ns == written
