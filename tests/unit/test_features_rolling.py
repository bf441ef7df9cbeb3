"""Rolling features of every hour at once, held against plain pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.rolling_panels import Rolling, rolling_arrays
from energy_lib.features.calendar import Place


def test_rolling_arrays_against_pandas_with_gaps_and_in_any_order() -> None:
    rng = np.random.default_rng(4)
    start = pd.date_range("2022-01-01", periods=600, freq="h").delete(range(100, 130))
    series = pd.Series(rng.random(len(start)), start)
    regular = series.asfreq("h")
    shuffled = rng.permutation(len(start))
    declared = [Rolling("energy_kwh", 48), *(Rolling("energy_kwh", 24, 168, s) for s in ("mean", "std", "min", "max"))]
    hours = np.asarray(start).astype("datetime64[h]").astype(np.int64)[shuffled]
    first = int(hours.min()) + 200
    order, made = rolling_arrays(
        hours, {"energy_kwh": series.to_numpy()[shuffled]}, declared, ["hour"], Place("UTC"), first
    )
    kept = start[start >= start[0] + pd.Timedelta(hours=200)]
    assert list(start[shuffled][order]) == list(kept)
    rolling = regular.shift(24).rolling(168, min_periods=1)
    for name, expected in {
        "energy_lag_48h": regular.shift(48),
        "energy_mean_168h_lag_24h": rolling.mean(),
        "energy_std_168h_lag_24h": rolling.std(ddof=0),
        "energy_min_168h_lag_24h": rolling.min(),
        "energy_max_168h_lag_24h": rolling.max(),
    }.items():
        np.testing.assert_allclose(made[name], expected.reindex(kept), rtol=1e-5)
    assert list(made["hour"]) == list(kept.hour)
