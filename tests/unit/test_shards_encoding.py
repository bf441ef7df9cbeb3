"""What tensors say: exact values, order, masks."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from energy_lib.encoding.posted_features import encode_array
from energy_lib.encoding.slots import slots
from energy_lib.encoding.tensors import CLIP, LAGS, Encoding, encode, fit
from energy_lib.errors import InputMissing
from energy_lib.models.config import load_config
from energy_lib.shards.layout import place, spread
from energy_lib.shards.shard_file import learning_weight, shard_table
from energy_lib.shards.time_split import time_split
from tests.synthetic_features import COLUMNS, SCALED_BY_LEVEL, feature_rows, series


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return feature_rows(meters=2, days=32)


@pytest.fixture(scope="module")
def encoding(rows: pd.DataFrame) -> Encoding:
    return fit(rows, COLUMNS, SCALED_BY_LEVEL, 24, "set")


def test_history_is_the_fortnight_before_the_origin_over_the_level(rows: pd.DataFrame, encoding: Encoding) -> None:
    tensors = encode(rows, encoding, slots(rows))
    energy = series(2, 32)
    level = np.abs(energy[0, :28]).mean()
    np.testing.assert_allclose(tensors.history[0], energy[0, 14:28].ravel() / level, rtol=1e-5)
    assert tensors.level[0] == pytest.approx(level, rel=1e-6)


def test_scaled_features_have_the_training_rows_mean_and_spread(rows: pd.DataFrame, encoding: Encoding) -> None:
    tensors = encode(rows, encoding, slots(rows))
    lag = encoding.channel("energy_lag_24h")
    values = tensors.features[:, :, lag]
    assert values.mean() == pytest.approx(0, abs=1e-3)
    assert values.std() == pytest.approx(1, abs=1e-2)
    assert np.abs(tensors.features).max() <= CLIP


def test_row_order_does_not_matter(rows: pd.DataFrame, encoding: Encoding) -> None:
    shuffled = rows.sample(frac=1, random_state=3)
    where, moved = slots(rows), slots(shuffled)
    straight, other = encode(rows, encoding, where), encode(shuffled, encoding, moved)
    at = moved.keys.reset_index().merge(where.keys, on=["meter_id", "origin_utc"])["index"].to_numpy()
    back = moved.keys.merge(where.keys.reset_index(), on=["meter_id", "origin_utc"])["index"].to_numpy()
    np.testing.assert_array_equal(other.features[at], straight.features[back])


def test_an_unknown_lag_becomes_the_hours_mean_and_is_counted(rows: pd.DataFrame, encoding: Encoding) -> None:
    group = rows.head(24).copy()
    before = encode(group, encoding, slots(group))
    group.loc[5, "energy_lag_24h"] = np.nan
    after = encode(group, encoding, slots(group))
    lag = encoding.channel("energy_lag_24h")
    others = [name for name in LAGS if name != "energy_lag_24h"] + ["energy_same_hour_of_week_mean_4w"]
    mean = group.loc[5, others].astype(float).mean() / group.loc[5, "level_28d"]
    expected = (mean - encoding.center[lag]) / encoding.scale[lag]
    assert after.features[0, 5, lag] == pytest.approx(expected, rel=1e-4)
    grown = after.features[0, 5, -1] - before.features[0, 5, -1]
    assert grown == pytest.approx(1 / len(COLUMNS), rel=1e-4)


def test_a_missing_column_is_named() -> None:
    rows = feature_rows(1, 29).drop(columns="energy_lag_48h")
    with pytest.raises(InputMissing, match="energy_lag_48h"):
        fit(rows, COLUMNS, SCALED_BY_LEVEL, 24, "set")


def test_only_energies_are_divided_by_the_level() -> None:
    assert "energy_lag_24h" in SCALED_BY_LEVEL
    assert "energy_zero_share_24h" not in SCALED_BY_LEVEL
    assert "energy_ratio_24h_to_peak_672h" not in SCALED_BY_LEVEL
    assert "temperature_c" not in SCALED_BY_LEVEL


def test_an_encoding_stored_before_it_named_its_scaled_columns_still_loads() -> None:
    columns = ("energy_lag_24h", "energy_zero_share_24h", "energy_ratio_24h_to_peak_672h", "temperature_c")
    stored = Encoding(columns, (0.0,) * 4, (1.0,) * 4, 24, "set", 1.0).as_json()
    del stored["scaled_by_level"]
    assert Encoding.from_json(stored).scaled_by_level == ("energy_lag_24h",)


@pytest.mark.parametrize("grown", [0.01, 3.0, 1000.0])
def test_a_meter_that_grew_is_encoded_as_before_but_for_its_level(
    rows: pd.DataFrame, encoding: Encoding, grown: float
) -> None:
    before = encode(rows, encoding, slots(rows))
    after = encode(in_size(rows, grown), encoding, slots(rows))
    np.testing.assert_allclose(after.level, grown * before.level, rtol=1e-5)
    np.testing.assert_allclose(after.history, before.history, rtol=1e-4)
    rest = [i for i in range(encoding.channels) if i != encoding.channel("level_28d")]
    np.testing.assert_allclose(after.features[..., rest], before.features[..., rest], rtol=1e-3, atol=1e-4)


def test_a_meter_that_closed_is_encoded_in_finite_numbers(rows: pd.DataFrame, encoding: Encoding) -> None:
    closed = in_size(rows, 0.0)
    tensors = encode(closed, encoding, slots(closed))
    assert np.isfinite(tensors.features).all()
    assert (tensors.history == 0).all()
    assert (tensors.level > 0).all(), "nothing is divided by it that is not nothing"
    padding = closed.assign(position=slots(closed).group, padding=False)
    target = [np.frombuffer(value.as_py(), "<f4") for value in shard_table(padding, encoding)["target"]]
    assert not np.any(target)


def in_size(rows: pd.DataFrame, factor: float) -> pd.DataFrame:
    """The same meters, using so many times as much."""
    energies = [*SCALED_BY_LEVEL, "level_28d", "target_kwh"]
    return rows.assign(**{name: factor * rows[name] for name in energies})


def test_targets_that_are_unknown_or_padding_weigh_nothing(rows: pd.DataFrame, encoding: Encoding) -> None:
    frame = rows.head(48).assign(position=np.repeat([0, 1], 24), padding=np.repeat([False, True], 24))
    frame.loc[3, "target_kwh"] = np.nan
    table = shard_table(frame, encoding)
    weight = np.stack([np.frombuffer(value.as_py(), "<f4") for value in table["weight"]])
    target = np.stack([np.frombuffer(value.as_py(), "<f4") for value in table["target"]])
    assert (weight[0] > 0).tolist() == [hour != 3 for hour in range(24)]
    assert (weight[1] == 0).all()
    assert target[0, 3] == 0
    assert target[0, 0] == pytest.approx(frame.loc[0, "target_kwh"] / frame.loc[0, "level_28d"], rel=1e-5)


def test_weight_follows_the_root_of_the_level_within_bounds() -> None:
    weight = learning_weight(np.array([4.0, 1.0, 0.0001, 1e6], dtype=np.float32), 1.0)
    np.testing.assert_allclose(weight, [2.0, 1.0, 0.1, 10.0])


def test_files_are_equal_and_padding_fills_only_the_rest() -> None:
    keys = pd.DataFrame({"meter_id": [f"m{i}" for i in range(10)], "origin_utc": pd.Timestamp("2024-01-01")})
    placed = place(spread(keys, 7), 4)
    assert placed.groupby("file").size().tolist() == [3, 3, 3, 3]
    assert placed["padding"].sum() == 2
    assert sorted(placed.loc[~placed["padding"], "meter_id"]) == sorted(keys["meter_id"])
    assert placed.groupby("file")["padding"].sum().max() == 1


def test_the_spread_depends_on_the_seed_and_not_on_the_order() -> None:
    keys = pd.DataFrame({"meter_id": [f"m{i}" for i in range(50)], "origin_utc": pd.Timestamp("2024-01-01")})
    straight = spread(keys, 7)["meter_id"].tolist()
    assert spread(keys[::-1], 7)["meter_id"].tolist() == straight
    assert spread(keys, 8)["meter_id"].tolist() != straight


def test_the_parts_of_the_time_split_never_overlap_and_end_before_the_day() -> None:
    config, _ = load_config(None, ["training.validation_days=3", "training.backtest_days=2", "training.train_days=10"])
    split = time_split(config, date(2024, 5, 20))
    assert (split.backtest_first, split.backtest_last) == (date(2024, 5, 18), date(2024, 5, 19))
    assert (split.validation_first, split.validation_last) == (date(2024, 5, 15), date(2024, 5, 17))
    assert (split.train_first, split.train_last) == (date(2024, 5, 5), date(2024, 5, 14))
    week, _ = load_config(None, ["features.horizon_hours=168"])
    apart = time_split(week, date(2024, 5, 20))
    assert (date(2024, 5, 20) - apart.backtest_last).days == 7
    assert (apart.backtest_first - apart.validation_last).days == 7


def test_an_array_of_features_becomes_the_tensors_of_its_rows() -> None:
    rows = feature_rows(meters=3, days=31)
    encoding = fit(rows, COLUMNS, SCALED_BY_LEVEL, 24, "set")
    rows.loc[rows.index[5:40], "energy_lag_24h"] = np.nan
    whole = encode(rows, encoding, slots(rows))
    posted = rows[list(encoding.columns)].to_numpy(np.float32).reshape(-1, 24, len(encoding.columns))
    kept = posted.copy()
    from_array = encode_array(posted, encoding)
    np.testing.assert_array_equal(posted, kept)
    for name in ("history", "features", "level"):
        assert getattr(from_array, name).tobytes() == getattr(whole, name).tobytes()
