"""build_features on a small lake: whole, night by night, with corrections and late data."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
from pyspark.sql import SparkSession

from energy_lib.cleaning import hourly_view
from energy_lib.config import CleaningConfig, Config, FeaturesConfig
from energy_lib.features import feature_rows, feature_set, features_table
from energy_lib.features.arrays import epoch_hours
from energy_lib.features.calendar import Place
from energy_lib.features.meter import Meter
from energy_lib.features.weather import WeatherBook
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from jobs import build_features
from tests.corrected_meters import as_of, publish, reading_versions, register_meters

KEY = ["meter_id", "origin_utc", "interval_start_utc"]


def table_of(lake: Lake) -> pd.DataFrame:
    return lake.read(features_table()).toPandas().sort_values(KEY, ignore_index=True)


def expected(versions: pd.DataFrame, last: date) -> pd.DataFrame:
    """Every meter's rows of all origins, by the kernels alone."""
    origins = epoch_hours(pd.date_range("2023-03-02", last, freq="D"))
    no_weather = WeatherBook({}, {})
    made = []
    for meter_id in ("m1", "m2", "m3", "silent"):
        mine = versions[versions["meter_id"] == meter_id]
        hourly = hourly_view(mine[mine["superseded_at_utc"].isna()], CleaningConfig())
        meter = Meter(meter_id, "electricity", Place("Europe/London", "GB", "ENG"))
        made.append(feature_rows(feature_set(24), meter, hourly, origins, no_weather, mine, CleaningConfig()))
    return pd.concat(made, ignore_index=True)


def test_nights_with_late_and_corrected_readings_equal_the_kernels_and_a_rerun_changes_nothing(
    spark: SparkSession, lake: Lake
) -> None:
    versions = reading_versions()
    config = Config(lake=lake.root, features=FeaturesConfig(chunk_days=30))
    begin = date(2023, 3, 2)
    register_meters(lake)
    for night in (date(2023, 3, 19), date(2023, 3, 30)):
        publish(lake, as_of(versions, pd.Timestamp(night) + pd.Timedelta(hours=8)))
        build_features.run(spark, config, Period(begin, night))
        begin = night + timedelta(days=1)
    rows = table_of(lake)
    pd.testing.assert_frame_equal(rows, expected(versions, night), check_dtype=False, rtol=1e-6)
    build_features.run(spark, config, Period.day(night))
    pd.testing.assert_frame_equal(table_of(lake), rows, check_exact=True)
