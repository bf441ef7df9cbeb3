"""What a feature set refuses, and what its hash follows."""

from __future__ import annotations

import pytest

from benchmarks.rolling_panels import Rolling, check_horizon
from energy_lib.errors import BadConfig
from energy_lib.features import feature_columns, feature_set
from energy_lib.features.definitions.lags import Lag
from energy_lib.features.definitions.windows import Window
from energy_lib.features.feature import FeatureSet


def test_a_lag_shorter_than_the_horizon_is_refused_by_name() -> None:
    with pytest.raises(BadConfig, match=r"energy_lag_24h looks 24 h .* horizon of 48 h"):
        FeatureSet((Lag(24),), 48)
    with pytest.raises(BadConfig, match=r"energy_mean_24h_lag_12h .* horizon of 24 h"):
        check_horizon([Rolling("energy_kwh", 12, 24)], 24)
    with pytest.raises(BadConfig, match="declared twice"):
        FeatureSet((Window("mean", 24), Window("mean", 24)), 24)


def test_the_hash_follows_the_declarations() -> None:
    assert feature_set(24).hash == FeatureSet(feature_set(24).features, 24).hash
    assert feature_set(24).hash != FeatureSet(feature_set(24).features[:-1], 24).hash
    assert {c.type for c in feature_columns()} == {"float"}
