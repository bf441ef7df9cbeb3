"""Per-interval rolling features through Spark, held to pandas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from benchmarks.rolling_panels import Rolling
from benchmarks.rolling_panels_spark import rolling_files
from energy_lib.features.calendar import Place

DECLARED = (Rolling("energy_kwh", 48), Rolling("energy_kwh", 24, 168, "mean"), Rolling("energy_kwh", 24, 24, "max"))


def hourly_of(meter: str, seed: int) -> pd.DataFrame:
    """110 days with a gap of 30 hours, across chunks of 30 days."""
    rng = np.random.default_rng(seed)
    start = pd.date_range("2022-01-01", periods=24 * 110, freq="h").delete(range(1000, 1030))
    return pd.DataFrame({"meter_id": meter, "interval_start_utc": start, "energy_kwh": rng.random(len(start))})


@pytest.mark.parametrize("chunk_days", [30, 100_000])
def test_shuffled_rows_in_chunks_equal_pandas(spark: SparkSession, tmp_path: Path, chunk_days: int) -> None:
    meters = {"a": hourly_of("a", 1), "b": hourly_of("b", 2)}
    rows = pd.concat(meters.values()).sample(frac=1, random_state=3)
    written = rolling_files(
        spark.createDataFrame(rows).repartition(2),
        tmp_path / "made",
        DECLARED,
        ["hour"],
        place=Place("UTC"),
        horizon_hours=24,
        chunk_days=chunk_days,
    )
    made = spark.read.parquet(str(tmp_path / "made")).toPandas()
    assert len(made) == len(rows) == written
    for meter, hourly in meters.items():
        got = made[made["meter_id"] == meter].sort_values("interval_start_utc").set_index("interval_start_utc")
        energy = hourly.set_index("interval_start_utc")["energy_kwh"]
        regular, known = energy.asfreq("h"), got.index
        expected = {
            "energy_kwh": regular,
            "energy_lag_48h": regular.shift(48),
            "energy_mean_168h_lag_24h": regular.shift(24).rolling(168, min_periods=1).mean(),
            "energy_max_24h_lag_24h": regular.shift(24).rolling(24, min_periods=1).max(),
        }
        assert list(known) == list(energy.index)
        for name, series in expected.items():
            np.testing.assert_allclose(got[name], series.reindex(known), rtol=1e-5, err_msg=name)
        assert list(got["hour"]) == list(pd.DatetimeIndex(known).hour)
