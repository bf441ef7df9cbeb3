"""The linear day: for all meters, for each, and for one never seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from energy_lib.encoding.cadence import Cadence
from energy_lib.encoding.tensors import CLIP, Encoding
from energy_lib.errors import InputMissing
from energy_lib.models.calibration import commodity_of
from energy_lib.models.families.ensemble.linear_day import COLUMNS, LinearDays, inputs
from energy_lib.models.families.ensemble.settings import LinearConfig
from energy_lib.models.networks.inputs import categories_of
from energy_lib.training.families.ensemble.linear_fit import fit_linear_days

# What these tests vary; the linear day's other columns are zero.
VARIED = ("energy_same_day_type_hour_ewm_5d", "energy_residual_mean_24h", "energy_day_mean_1d", "weekday", "is_day_off")
NAMES = (*VARIED, *(name for name in COLUMNS if name not in VARIED), "staleness_hours")
SETTINGS = LinearConfig(common_ridge=0.1, own_ridge=0.1, own_days=30)


def encoding(horizon: int) -> Encoding:
    """Nothing is centred or scaled, but the hours of staleness by 10."""
    return Encoding(NAMES, (0.0,) * len(NAMES), (*(1.0,) * (len(NAMES) - 1), 10.0), horizon, "set", 1.0)


def groups(horizon: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features [n, H, F], meters [n], and distances that follow the residual: half for all, all of it for meter b."""
    rng = np.random.default_rng(seed)
    features = np.zeros((300, horizon, len(NAMES) + 1), dtype=np.float32)
    features[..., [*range(len(VARIED)), -1]] = rng.normal(size=(300, horizon, len(VARIED) + 1))
    features[..., 1] = features[:, :1, 1]
    features[..., 3], features[..., 4] = 2.0, 0.0
    meters = np.where(np.arange(300) % 3 == 0, "b", "a")
    share = np.where(meters == "b", 1.0, 0.5)
    return features, meters, share[:, None] * features[..., 1] + 0.01 * rng.normal(size=features.shape[:2])


@pytest.mark.parametrize("horizon", [24, 48])
def test_each_meter_gets_its_own_part_and_a_stranger_the_common_one(horizon: int) -> None:
    features, meters, distance = groups(horizon)
    made = fit_linear_days(features, distance, np.ones(distance.shape, bool), meters, encoding(horizon), SETTINGS)
    later, whose, actual = groups(horizon, seed=1)
    said = made.distance(later, encoding(horizon), whose)
    assert np.abs(said - actual).mean() < 0.03
    stranger = made.distance(later, encoding(horizon), np.full(len(later), "never seen"))
    slope = (stranger * later[..., 1]).sum() / (later[..., 1] ** 2).sum()
    assert 0.45 < slope < 0.75, "between the many of a and the few of b"


def test_a_day_with_an_unread_hour_teaches_nothing() -> None:
    features, meters, distance = groups(24)
    known = np.ones(distance.shape, bool)
    known[:20, 5] = False
    spoilt = distance.copy()
    spoilt[:20] = 99.0
    whole = fit_linear_days(features[20:], distance[20:], known[20:], meters[20:], encoding(24), SETTINGS)
    found = fit_linear_days(features, spoilt, known, meters, encoding(24), SETTINGS)
    np.testing.assert_allclose(found.common, whole.common, atol=1e-5)


def test_late_inputs_teach_nothing_and_are_not_answered() -> None:
    """Beyond half a day more than the meter's usual: one whose readings all come a day late is learnt from as it is."""
    features, meters, distance = groups(24)
    told, with_age = encoding(24), features.copy()
    hours_old = np.broadcast_to(np.where(meters == "b", 24.0, 0.0)[:, None], distance.shape).copy()
    hours_old[:20] += 24
    with_age[..., told.channel("staleness_hours")] = hours_old / 10
    spoilt = distance.copy()
    spoilt[:20] = 99.0
    known = np.ones(distance.shape, bool)
    found = fit_linear_days(with_age, spoilt, known, meters, told, SETTINGS)
    whole = fit_linear_days(with_age[20:], distance[20:], known[20:], meters[20:], told, SETTINGS)
    np.testing.assert_allclose(found.common, whole.common, atol=1e-5)
    np.testing.assert_allclose(found.own, whole.own, atol=1e-5)
    said = found.medians(with_age, told, meters)
    assert np.isnan(said[:20]).all()
    assert np.isfinite(said[20:]).all()
    stranger = found.medians(with_age, told, np.full(len(meters), "never seen"))
    assert np.isfinite(stranger[20:][meters[20:] == "a"]).all()
    assert np.isnan(stranger[meters == "b"]).all(), "of a stranger only what most are like is known"


def test_a_late_day_is_known_even_where_training_has_seen_none() -> None:
    """All readings came in time: the scaled hours of a late day end at the encoding's limit."""
    told = replace(encoding(24), scale=(1.0,) * len(NAMES))
    features = np.zeros((2, 24, len(NAMES) + 1), dtype=np.float32)
    cadence = Cadence.of(features, told, np.array(["a", "a"]))
    features[1, :, -2] = CLIP
    assert cadence.late(features, told, np.array(["a", "a"])).tolist() == [False, True]


def test_it_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    features, meters, distance = groups(24)
    made = fit_linear_days(features, distance, np.ones(distance.shape, bool), meters, encoding(24), SETTINGS)
    made.save(tmp_path)
    again = LinearDays.load(tmp_path).distance(features, encoding(24), meters)
    cadence = LinearDays.load(tmp_path).cadence
    assert (cadence.meters.tolist(), cadence.usual.tolist(), cadence.others) == (["a", "b"], [0, 0], 0)
    np.testing.assert_array_equal(again, made.distance(features, encoding(24), meters))
    assert inputs(features, encoding(24), 0).shape[1] == made.common.shape[1]


def test_columns_that_the_encoding_lacks_are_named_beside_those_it_has() -> None:
    kept = (*VARIED, "staleness_hours")
    lacking = Encoding(kept, (0.0,) * len(kept), (1.0,) * len(kept), 24, "set", 1.0)
    with pytest.raises(InputMissing, match=r"lacks energy_same_day_type_hour_ewm_2d, .*temperature_c.*it has energy_"):
        inputs(np.zeros((1, 24, len(kept) + 1), dtype=np.float32), lacking, 0)


@pytest.mark.parametrize(
    ("column", "reader"),
    [
        ("fuel_code", lambda features, lacking: commodity_of(features, lacking)),
        ("staleness_hours", lambda features, lacking: Cadence.of(features, lacking, np.array(["a"]))),
        ("hour, weekday", lambda _, lacking: categories_of(lacking)),
    ],
)
def test_what_models_read_beside_is_an_error_where_it_is_missing(
    column: str, reader: Callable[[np.ndarray, Encoding], object]
) -> None:
    lacking = Encoding(("level_28d",), (0.0,), (1.0,), 24, "set", 1.0)
    with pytest.raises(InputMissing, match=rf"lacks {column} \(it has level_28d\)"):
        reader(np.zeros((1, 24, 2), dtype=np.float32), lacking)
