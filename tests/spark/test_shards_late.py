"""Training rows as if the last day were not read yet: what was known a day before, and nothing else of them changes."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from energy_lib.cleaning import hourly_view
from energy_lib.config import CleaningConfig, Config, FeaturesConfig, TrainingConfig
from energy_lib.features import feature_rows, feature_set, features_table
from energy_lib.features.arrays import epoch_hours
from energy_lib.features.calendar import Place
from energy_lib.features.meter import Meter
from energy_lib.features.weather import WeatherBook
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.shards.late_days import late_keys, with_late_days
from energy_lib.shards.time_split import TimeSplit
from energy_lib.tables import silver
from jobs import build_features
from tests.corrected_meters import as_of, publish, reading_versions, register_meters

KEY = ["meter_id", "origin_utc", "interval_start_utc"]
SPLIT = TimeSplit(date(2023, 3, 6), date(2023, 3, 25), *(date(2023, 3, day) for day in (27, 28, 30, 31)))


def config_of(lake: Lake, share: float) -> Config:
    training = TrainingConfig(late_share=share)
    return Config(lake=lake.root, features=FeaturesConfig(chunk_days=30), training=training)


def frame(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values(KEY, ignore_index=True)


def known_a_day_before(versions: pd.DataFrame, meter_id: str, origin: pd.Timestamp) -> pd.DataFrame:
    """The meter's rows of the origin, from what the lake held a day before it."""
    mine = as_of(versions, origin - pd.Timedelta(hours=24))
    mine = mine[(mine["meter_id"] == meter_id) & mine["superseded_at_utc"].isna()]
    meter = Meter(meter_id, "electricity", Place("Europe/London", "GB", "ENG"))
    hourly = hourly_view(mine, CleaningConfig())
    return feature_rows(feature_set(24), meter, hourly, epoch_hours(pd.DatetimeIndex([origin])), WeatherBook({}, {}))


@pytest.fixture(scope="module")
def published(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of the meters and their readings; tests copy it."""
    lake = Lake(spark, str(tmp_path_factory.mktemp("published") / "lake"))
    register_meters(lake)
    publish(lake, reading_versions())
    return Path(lake.root)


@pytest.fixture
def lake(spark: SparkSession, tmp_path: Path, published: Path) -> Lake:
    return Lake(spark, str(shutil.copytree(published, tmp_path / "lake")))


def test_late_days_hold_what_was_known_a_day_before_and_the_others_stay(spark: SparkSession, lake: Lake) -> None:
    versions, config = reading_versions(), config_of(lake, 0.4)
    build_features.run(spark, config, Period(date(2023, 3, 2), date(2023, 3, 30)))
    features = lake.read(features_table())
    chosen = late_keys(features, config, SPLIT).toPandas()
    share = len(chosen) / (4 * 20)
    assert 0.2 < share < 0.6
    assert chosen["origin_utc"].between("2023-03-06", "2023-03-25").all()
    late = {(row.meter_id, row.origin_utc) for row in chosen.itertuples()}
    of_m1 = late_keys(features.where("meter_id = 'm1'").orderBy(F.rand(3)), config, SPLIT).toPandas()
    assert {("m1", origin) for origin in of_m1["origin_utc"]} == {key for key in late if key[0] == "m1"}
    with with_late_days(lake, config, features, SPLIT) as rows:
        found = frame(rows.toPandas())
    whole = frame(features.toPandas())
    assert found[KEY].equals(whole[KEY])
    is_late = pd.Series(list(zip(found["meter_id"], found["origin_utc"], strict=True))).isin(late)
    pd.testing.assert_frame_equal(found[~is_late], whole[~is_late])
    expected = frame(pd.concat([known_a_day_before(versions, *key) for key in sorted(late)]))
    mine = found[is_late].reset_index(drop=True)
    pd.testing.assert_frame_equal(mine, expected, check_dtype=False, rtol=1e-6)
    read = mine["meter_id"] != "silent"
    stale = whole[is_late].reset_index(drop=True)["staleness_hours"]
    assert (mine["staleness_hours"][read] >= stale[read] + 24).mean() > 0.9, "m2's lost day moves none"


def test_nothing_else_tells_a_late_day_from_its_neighbours(spark: SparkSession, lake: Lake) -> None:
    """What became known of the meters since is in none; and where none are asked for, or all that is there was declared
    otherwise (which is for others to say), the features are as they are."""
    config = config_of(lake, 0.4)
    build_features.run(spark, config, Period(date(2023, 3, 24), date(2023, 3, 26)))
    lake.upsert(silver.METERS, lake.read(silver.METERS).withColumn("floor_area_m2", F.lit(250.0)))
    features = lake.read(features_table())
    with with_late_days(lake, config, features, SPLIT) as rows:
        assert rows.where("log_floor_area IS NOT NULL").count() == 0
    others = features.withColumn("feature_set", F.lit("of before"))
    for share, there in ((0.0, features), (0.4, others)):
        with with_late_days(lake, config_of(lake, share), there, SPLIT) as rows:
            pd.testing.assert_frame_equal(frame(rows.toPandas()), frame(there.toPandas()))
