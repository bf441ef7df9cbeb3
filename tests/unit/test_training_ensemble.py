"""An ensemble: what its members make of one another, and a small one trained whole."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from energy_lib.encoding.slots import slots
from energy_lib.encoding.tensors import encode
from energy_lib.models.exported_model import load_model
from energy_lib.models.families.boosting import prediction as boosting
from energy_lib.models.families.boosting.settings import BoostingConfig
from energy_lib.models.families.ensemble.linear_day import LinearDays
from energy_lib.models.families.ensemble.prediction import Shares, mixed
from energy_lib.models.families.ensemble.settings import LinearConfig
from energy_lib.models.families.network import prediction as network
from energy_lib.training.families.ensemble.mixture import best_shares
from energy_lib.training.spec import TrainingSpec
from energy_lib.training.workers.barrier import free_port
from energy_lib.training.workers.job import WorkerJob, cluster_environment
from energy_lib.training.workers.supervisor import supervise
from energy_lib.vocabulary import MEDIAN, QUANTILES
from tests.pyfunc import assert_it_predicts_the_same
from tests.synthetic_features import feature_rows, write_dataset


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("training")
    dataset = folder / "dataset"
    manifest = write_dataset(dataset, feature_rows(meters=5, days=80), files=2)
    trees = BoostingConfig(rounds=40, learning_rate=0.1, leaves=7, min_rows=20).model_dump()
    linear = LinearConfig(own_days=10).model_dump()
    settings = {"boosting": trees, "linear": linear}
    learnt = TrainingSpec(manifest.dataset_id, "dense", 1, 3, 64, 1e-3, 5, 7)
    spec = TrainingSpec(manifest.dataset_id, "ensemble", 1, 3, 64, 1e-3, 5, 7, settings, network=learnt)
    (folder / "network").mkdir()
    learnt.write(folder / "network" / "spec.json")
    spec.write(folder / "spec.json")
    alone = cluster_environment(0, [f"127.0.0.1:{free_port()}"])
    job = WorkerJob(str(folder / "network"), str(dataset), 0, 2, None)
    supervise(["-m", "energy_lib.training.workers.tensorflow_worker", job.as_text()], alone)
    job = WorkerJob(str(folder), str(dataset), 0, 2, None)
    supervise(["-m", "energy_lib.training.families.ensemble.worker", job.as_text()], {})
    assert TrainingSpec.read(folder / "spec.json") == spec
    return folder / "model"


def test_the_ensemble_errs_little_more_than_by_the_noise_of_the_days_that_chose_its_mixture(exported: Path) -> None:
    model = load_model(exported)
    assert model.described["family"] == "ensemble"
    rows = feature_rows(meters=5, days=80)
    late = rows[rows["origin_utc"] >= rows["origin_utc"].max() - np.timedelta64(6, "D")]
    predicted = model.predict(late)
    assert (np.diff(predicted.to_numpy(), axis=1) >= 0).all()
    error = (late["target_kwh"] - predicted["p50"]).abs().sum() / late["target_kwh"].sum()
    assert error < 0.1, "the noise alone costs 8 %"


@pytest.mark.parametrize(("family", "model"), [("ensemble", "model"), ("network", "network/model")])
def test_as_an_mlflow_model_it_and_its_network_predict_the_same(
    exported: Path, tmp_path: Path, family: str, model: str
) -> None:
    folder, rows = exported.parent / model, feature_rows(meters=2, days=32, seed=3)
    assert_it_predicts_the_same(folder, family, tmp_path, rows)


def test_each_fuel_is_mixed_by_its_own_shares(exported: Path, tmp_path: Path) -> None:
    """Given shares of our own, its answer is what its members' files give, put together by hand."""
    folder = tmp_path / "model"
    shutil.copytree(exported, folder)
    own = {"electricity": {"network": 0.0, "linear": 1.0}, "gas": {"network": 1.0, "linear": 0.0}}
    (folder / "mixture.json").write_text(json.dumps(own))
    model = load_model(folder)
    rows = feature_rows(meters=2, days=32, seed=4)
    tensors = encode(rows, model.encoding, slots(rows))
    gas = encode(rows.assign(fuel_code=1.0), model.encoding, slots(rows))
    np.testing.assert_array_equal(model.answer(gas), network.load_answer(folder, model.encoding)(gas))
    trees = boosting.load_answer(folder, model.encoding)(tensors)
    line = LinearDays.load(folder).medians(tensors.features, model.encoding, tensors.meters)
    expected = np.clip(line, trees[..., 1], trees[..., -2])
    np.testing.assert_allclose(model.answer(tensors)[..., MEDIAN], expected, atol=1e-6)


def test_the_shares_are_judged_in_kwh_and_by_the_median_meter_not_by_the_dirtiest() -> None:
    """Trees and network err by 30 % on four meters, the linear day not at all; a fifth, tiny and dirty, says the
    opposite."""
    meters = np.array(["a", "b", "c", "d", "dirty"])
    target = np.ones((5, 24), dtype=np.float32)
    high, right = np.full_like(target, 1.3), target.copy()
    high[4], right[4] = 1.0, 50.0
    size = np.ones_like(target)
    size[4] = 1e-3
    linear = best_shares(wide(high), wide(high), right, target, size, meters)
    assert linear.linear == pytest.approx(2 / 3), "half the way from equal parts to all linear"
    learnt = best_shares(wide(high), wide(right), high, target, size, meters)
    assert (learnt.network, learnt.linear) == pytest.approx((0.75, 1 / 6)), "half the way to all network"
    trees = best_shares(wide(right), wide(high), high, target, size, meters)
    assert (trees.network, trees.linear) == pytest.approx((0.25, 1 / 6)), "half the way to all trees"
    nothing = best_shares(wide(high), wide(right), right, target, np.zeros_like(size), meters)
    assert nothing == Shares(1 / 2, 1 / 3), "nothing known: equal parts"


def wide(median: np.ndarray) -> np.ndarray:
    """Quantiles around medians [n, H], far enough apart for any linear day."""
    return (median[..., None] + np.linspace(-100, 100, len(QUANTILES))).astype(np.float32)


def test_quantiles_are_averaged_level_by_level() -> None:
    trees, learnt = np.arange(7.0).reshape(1, 1, 7), np.arange(0.0, 14.0, 2.0).reshape(1, 1, 7)
    both = mixed(trees, learnt, np.zeros((1, 1)), Shares(network=0.25, linear=0.0))
    np.testing.assert_allclose(both, 1.25 * trees)


def test_the_linear_day_moves_no_hour_out_of_what_the_others_hold_possible() -> None:
    off = np.zeros((1, 1, len(QUANTILES)), dtype=np.float32)
    alone = Shares(network=0.5, linear=1.0)
    np.testing.assert_array_equal(mixed(off, off, np.full((1, 1), 0.4, np.float32), alone), off)
    spread = np.arange(7, dtype=np.float32).reshape(1, 1, 7)
    np.testing.assert_array_equal(mixed(spread, spread, np.full((1, 1), 4.0, np.float32), alone), spread + 1)
    np.testing.assert_array_equal(mixed(spread, spread, np.full((1, 1), 9.0, np.float32), alone), spread + 2)
    np.testing.assert_array_equal(mixed(spread, spread, np.full((1, 1), np.nan, np.float32), alone), spread)
