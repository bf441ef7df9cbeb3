"""build_features on a small lake: whole, night by night, with corrections and late data."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from energy_lib.cleaning import hourly_view
from energy_lib.config import CleaningConfig, Config, FeaturesConfig
from energy_lib.errors import InputMissing
from energy_lib.features import catalog, feature_rows, feature_set, features_table
from energy_lib.features.arrays import epoch_hours
from energy_lib.features.calendar import Place
from energy_lib.features.meter import Meter
from energy_lib.features.spark.stored_features import read_features
from energy_lib.features.weather import WeatherBook
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.tables import Table, silver
from jobs import build_features
from tests.corrected_meters import as_of, publish, reading_versions, register_meters

KEY = ["meter_id", "origin_utc", "interval_start_utc"]


def config_of(lake: Lake) -> Config:
    return Config(lake=lake.root, features=FeaturesConfig(chunk_days=30))


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
    config = config_of(lake)
    begin = date(2023, 3, 2)
    register_meters(lake)
    for night in (date(2023, 3, 19), date(2023, 3, 30)):
        publish(lake, as_of(versions, pd.Timestamp(night) + pd.Timedelta(hours=8)))
        build_features.run(spark, config, Period(begin, night))
        begin = night + timedelta(days=1)
    rows = table_of(lake)
    pd.testing.assert_frame_equal(rows, expected(versions, night), check_dtype=False, rtol=1e-6)
    version = lake.version(features_table())
    assert build_features.run(spark, config, Period.day(night)).rows_out == 0, "the same run computes nothing"
    assert build_features.run(spark, config, Period.day(date(2023, 3, 2))).rows_out == 4 * 24, "other days are computed"
    pd.testing.assert_frame_equal(table_of(lake), rows, check_exact=True)
    assert lake.version(features_table()) - version <= 1, "nothing is outdated"
    larger = lake.read(silver.METERS).where("meter_id = 'm1'").withColumn("floor_area_m2", F.lit(90.0))
    lake.upsert(silver.METERS, larger)
    assert build_features.run(spark, config, Period.day(night)).rows_out == 4 * 24, "a meter's attributes changed"
    areas = table_of(lake).query("meter_id == 'm1'").groupby("origin_utc")["log_floor_area"].max()
    assert areas.dropna().to_dict() == {pd.Timestamp(night): pytest.approx(math.log(90.0))}


RAMP = "energy_ramp_6h"
# Few, so that the tests are short. The table's suite, which names others, is left out; its declaration is audited.
FEW = ("energy_lag_24h", RAMP, "energy_mean_672h", "level_28d", "imputed_share")
ALL = catalog.FEATURES
GATE = import_module("energy_lib.quality.gate")
Declare = Callable[..., None]


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Iterator[Declare]:
    """Declares a few features of the catalog, or all but one of them."""
    monkeypatch.setattr(GATE, "read_suite", lambda table: None)
    yield partial(declare_few, monkeypatch)
    feature_set.cache_clear()


def declare_few(patch: pytest.MonkeyPatch, but: str | None = None) -> None:
    few = tuple(feature for feature in ALL if feature.name in FEW and feature.name != but)
    patch.setattr(catalog, "FEATURES", few)
    feature_set.cache_clear()


@pytest.fixture(scope="module")
def without_ramp(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake built without one feature until March 26th, and the readings of four more days; tests copy it."""
    lake = Lake(spark, str(tmp_path_factory.mktemp("features") / "lake"))
    register_meters(lake)
    publish(lake, as_of(reading_versions(), pd.Timestamp("2023-03-26 08:00")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(GATE, "read_suite", lambda table: None)
        declare_few(patch, but=RAMP)
        build_features.run(spark, config_of(lake), Period(date(2023, 3, 2), date(2023, 3, 26)))
    feature_set.cache_clear()
    publish(lake, as_of(reading_versions(), pd.Timestamp("2023-03-30 08:00")))
    return Path(lake.root)


@pytest.fixture
def built(lake: Lake, without_ramp: Path, declare: Declare) -> Lake:
    """A copy of that lake; all the few features are declared."""
    shutil.copytree(without_ramp, lake.root)
    declare()
    return lake


def test_an_added_feature_gets_its_column_and_old_rows_are_computed_anew_range_by_range(
    spark: SparkSession, built: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake, config = built, config_of(built)
    with pytest.raises(InputMissing, match=rf"lacks {RAMP} \(it has meter_id, "):
        read_features(lake)
    nights, replace_where, ranges = Period(date(2023, 3, 27), date(2023, 3, 30)), Lake.replace_where, []

    def killed_in_the_second_range(self: Lake, table: Table, rows: DataFrame, predicate: str) -> None:
        if ranges:
            raise KeyboardInterrupt
        ranges.append(predicate)
        replace_where(self, table, rows, predicate)

    with monkeypatch.context() as patch:
        patch.setattr(Lake, "replace_where", killed_in_the_second_range)
        with pytest.raises(KeyboardInterrupt):
            build_features.run(spark, config, nights)
    rows = table_of(lake)
    outdated = rows[rows["feature_set"] != feature_set(24).hash]
    assert outdated["origin_utc"].max() < pd.Timestamp("2023-03-24"), "the newest range comes first"
    assert outdated[RAMP].isna().all()
    build_features.run(spark, config, nights)
    rows = table_of(lake)
    assert set(rows["feature_set"]) == {feature_set(24).hash}
    everything = expected(reading_versions(), nights.last)
    pd.testing.assert_frame_equal(rows[everything.columns], everything, check_dtype=False, rtol=1e-6)


def test_a_run_killed_after_the_columns_were_added_is_completed_and_loses_no_news(
    spark: SparkSession, built: Lake, declare: Declare
) -> None:
    lake, config, night = built, config_of(built), date(2023, 3, 30)
    lake.ensure(features_table())
    build_features.run(spark, config, Period.day(night))
    rows, everything = table_of(lake), expected(reading_versions(), night)
    # No period asked for these nights. News makes them, but for what came before the first of them, and who is silent.
    unasked = (everything["origin_utc"] > "2023-03-26") & (everything["origin_utc"] < "2023-03-30")
    untouched = (everything["origin_utc"] < "2023-03-28") | (everything["meter_id"] == "silent")
    everything = everything[~(unasked & untouched)].reset_index(drop=True)
    pd.testing.assert_frame_equal(rows[everything.columns], everything, check_dtype=False, rtol=1e-6)
    declare(but=RAMP)
    assert RAMP in rows.columns
    assert tuple(read_features(lake).columns) == features_table().column_names, "what is declared, and no more"
