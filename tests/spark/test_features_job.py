"""build_features on a small lake: whole, night by night, with corrections and late data."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession

from energy_lib.cleaning import hourly_view
from energy_lib.config import CleaningConfig, Config, FeaturesConfig
from energy_lib.features import catalog, feature_rows, feature_set, features_table
from energy_lib.features.arrays import epoch_hours
from energy_lib.features.calendar import Place
from energy_lib.features.declarations import Feature
from energy_lib.features.meter import Meter
from energy_lib.features.weather import WeatherBook
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.tables import Table
from jobs import build_features
from tests.corrected_meters import as_of, made_versions, publish, registered

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
    versions = made_versions()
    config = Config(lake=lake.root, features=FeaturesConfig(chunk_days=30))
    begin = date(2023, 3, 2)
    registered(lake)
    for night in (date(2023, 3, 19), date(2023, 3, 30)):
        publish(lake, as_of(versions, pd.Timestamp(night) + pd.Timedelta(hours=8)))
        build_features.run(spark, config, Period(begin, night))
        begin = night + timedelta(days=1)
    rows = table_of(lake)
    pd.testing.assert_frame_equal(rows, expected(versions, night), check_dtype=False, rtol=1e-6)
    build_features.run(spark, config, Period.day(night))
    pd.testing.assert_frame_equal(table_of(lake), rows, check_exact=True)


def declare(monkeypatch: pytest.MonkeyPatch, features: tuple[Feature, ...]) -> None:
    monkeypatch.setattr(catalog, "FEATURES", features)
    feature_set.cache_clear()


def test_an_added_feature_gets_its_column_and_old_rows_are_computed_anew_range_by_range(
    spark: SparkSession, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions, whole = made_versions(), catalog.FEATURES
    config = Config(lake=lake.root, features=FeaturesConfig(chunk_days=30))
    registered(lake)
    declare(monkeypatch, tuple(feature for feature in whole if feature.name != "energy_ramp_6h"))
    publish(lake, as_of(versions, pd.Timestamp("2023-03-26 08:00")))
    build_features.run(spark, config, Period(date(2023, 3, 2), date(2023, 3, 26)))
    assert "energy_ramp_6h" not in lake.read(features_table()).columns
    old_set = feature_set(24).hash
    declare(monkeypatch, whole)
    publish(lake, as_of(versions, pd.Timestamp("2023-03-30 08:00")))
    nights, replace_where, publications = Period(date(2023, 3, 27), date(2023, 3, 30)), Lake.replace_where, []

    def killed(self: Lake, table: Table, rows: DataFrame, predicate: str) -> None:
        if publications:
            raise KeyboardInterrupt
        publications.append(predicate)
        replace_where(self, table, rows, predicate)

    with monkeypatch.context() as patch:
        patch.setattr(Lake, "replace_where", killed)
        with pytest.raises(KeyboardInterrupt):
            build_features.run(spark, config, nights)
    assert lake.read(features_table()).where(f"feature_set = '{old_set}'").count() > 0, "what was not yet reached"
    build_features.run(spark, config, nights)
    rows = table_of(lake)
    assert set(rows["feature_set"]) == {feature_set(24).hash}
    everything = expected(versions, date(2023, 3, 30))
    pd.testing.assert_frame_equal(rows[everything.columns], everything, check_dtype=False, rtol=1e-6)
    version = lake.version(features_table())
    build_features.run(spark, config, Period.day(date(2023, 3, 30)))
    pd.testing.assert_frame_equal(table_of(lake), rows, check_exact=True)
    assert lake.version(features_table()) - version <= 1, "nothing is outdated any more"
