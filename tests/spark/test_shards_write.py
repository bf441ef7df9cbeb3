"""gold.features → shards through Spark: the same rows, the same bytes, whatever order they lie in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from energy_lib.config import Config
from energy_lib.errors import InputMissing
from energy_lib.features import feature_set, features_table
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.models.config import load_config
from energy_lib.shards.dataset import write_dataset
from energy_lib.shards.manifest import Manifest, find, shards_root
from energy_lib.shards.time_split import time_split
from energy_lib.tables import silver
from jobs import write_shards
from tests.synthetic_features import COLUMNS, SCALED_BY_LEVEL, feature_rows

DAY = date(2024, 2, 20)
FEATURE_SET = feature_set(24).hash


def config_for(lake: Lake, late_share: float = 0) -> Config:
    days = ["training.validation_days=3", "training.backtest_days=2"]
    others = ["training.workers=2", f"training.late_share={late_share}"]
    config, _ = load_config(None, [f"lake={lake.root}", *days, *others])
    return config


def hourly_of(rows: pd.DataFrame) -> pd.DataFrame:
    """silver.hourly_readings of the target hours."""
    hours = rows[["meter_id", "fuel", "interval_start_utc"]].assign(
        energy_kwh=rows["target_kwh"].astype(float),
        quality="measured",
        imputed_share=0.0,
        available_at_utc=pd.Timestamp(DAY),
    )
    month = hours["interval_start_utc"].dt.to_period("M").dt.start_time.dt.date
    return hours.assign(flags=[[] for _ in range(len(hours))], interval_month=month)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return feature_rows(meters=3, days=48).assign(feature_set=FEATURE_SET)


def frames(spark: SparkSession, rows: pd.DataFrame) -> tuple[DataFrame, DataFrame]:
    hourly = hourly_of(rows)
    names = ["meter_id", "interval_start_utc", "energy_kwh", "quality", "imputed_share", "flags"]
    types = ["string", "timestamp", "double", "string", "double", "array<string>"]
    schema = ", ".join(f"{name} {kind}" for name, kind in zip(names, types, strict=True))
    return spark.createDataFrame(rows.drop(columns="target_kwh")), spark.createDataFrame(hourly[names], schema)


def written(spark: SparkSession, config: Config, rows: pd.DataFrame) -> Manifest:
    features, hourly = frames(spark, rows)
    return write_dataset(features, hourly, config, time_split(config, DAY), COLUMNS, SCALED_BY_LEVEL, FEATURE_SET, {})


def content(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*.parquet"))}


@pytest.fixture(scope="module")
def dataset(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory, rows: pd.DataFrame) -> tuple[Path, Manifest]:
    """The dataset of all rows, and its folder."""
    config = config_for(Lake(spark, str(tmp_path_factory.mktemp("shards") / "lake")))
    manifest = written(spark, config, rows)
    return shards_root(config) / manifest.dataset_id, manifest


def test_the_same_rows_in_another_order_give_the_same_bytes(
    spark: SparkSession, lake: Lake, rows: pd.DataFrame, dataset: tuple[Path, Manifest]
) -> None:
    folder, first = dataset
    other = config_for(lake)
    second = written(spark, other, rows.sample(frac=1, random_state=2))
    assert second.dataset_id == first.dataset_id
    assert content(shards_root(other) / second.dataset_id) == content(folder)


def test_rows_lie_in_their_part_of_the_time_split(dataset: tuple[Path, Manifest]) -> None:
    folder, manifest = dataset
    split = manifest.split
    train, validation = (pd.read_parquet(folder / part) for part in ("train", "validation"))
    days = train["origin_utc"].dt.date
    assert max(days) <= split.train_last < split.validation_first
    assert set(validation["origin_utc"].dt.date) <= set(Period(split.validation_first, split.validation_last).days())
    assert manifest.rows("train") == 3 * ((split.train_last - date(2024, 1, 29)).days + 1)


def test_suspect_and_imputed_hours_are_no_targets(spark: SparkSession, lake: Lake, rows: pd.DataFrame) -> None:
    config = config_for(lake)
    features, hourly = frames(spark, rows)
    dirty = hourly.withColumn(
        "flags", F.when(F.hour("interval_start_utc") == 3, F.array(F.lit("spike"))).otherwise(F.col("flags"))
    )
    manifest = write_dataset(
        features, dirty, config, time_split(config, DAY), COLUMNS, SCALED_BY_LEVEL, FEATURE_SET, {}
    )
    train = pd.read_parquet(shards_root(config) / manifest.dataset_id / "train")
    weight = np.stack([np.frombuffer(value, "<f4") for value in train["weight"]])
    assert (weight[:, 3] == 0).all()
    assert (weight.sum(axis=0)[[0, 1, 2, 4, 23]] > 0).all()


def test_the_job_is_a_no_op_when_nothing_changed(spark: SparkSession, lake: Lake, rows: pd.DataFrame) -> None:
    config = config_for(lake)
    lake.append(features_table(), spark.createDataFrame(rows.drop(columns="target_kwh")))
    lake.append(
        silver.HOURLY,
        spark.createDataFrame(
            hourly_of(rows)[[c for c in silver.HOURLY.column_names if c in hourly_of(rows)]].assign(measured_kwh=1.0)
        ),
    )
    first = write_shards.run(spark, config, Period.day(DAY))
    found = find(config, DAY)
    assert found is not None
    assert find(config_for(lake, late_share=0.1), DAY) is None, "another recipe"
    stamp = (found[0] / "manifest.json").stat().st_mtime_ns
    again = write_shards.run(spark, config, Period.day(DAY))
    assert "written" in first.lines[0]
    assert "is there already" in again.lines[0]
    assert (found[0] / "manifest.json").stat().st_mtime_ns == stamp


def test_too_short_a_history_is_said(spark: SparkSession, lake: Lake, rows: pd.DataFrame) -> None:
    with pytest.raises(InputMissing, match="validation"):
        written(spark, config_for(lake), rows[rows["origin_utc"] < "2024-02-05"])
