"""What a run of build_features computes: the news' (meter, origin)s, and the period's for every meter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.cleaning.hourly import LONG_INTERVAL_HOURS
from energy_lib.cleaning.pipeline.virtual_meters import counted_meters
from energy_lib.cleaning.virtual_meters import VirtualMeter
from energy_lib.config import Config
from energy_lib.features.catalog import feature_set, features_table
from energy_lib.features.spark.affected_origins import (
    affected_by_weather,
    affected_origins,
    meters_out_of_order,
    origins_within_reach,
)
from energy_lib.features.spark.kernels import METER_COLUMNS, between, features_frame, version_reach_hours
from energy_lib.features.weather import WEATHER_REACH_HOURS, WeatherBook
from energy_lib.intervals import A_MONDAY, HOUR, LONGEST_INTERVAL_DAYS, Period, midnight_utc
from energy_lib.lake import Lake
from energy_lib.lake.table_files import FileSink
from energy_lib.tables import silver

LONGEST = timedelta(days=LONGEST_INTERVAL_DAYS)


@dataclass(frozen=True)
class News:
    """What changed since the last run."""

    hourly: DataFrame
    weather: DataFrame
    first_run: bool


def work_of(lake: Lake, config: Config, period: Period, news: News) -> DataFrame:
    """(meter_id, origin_utc) to compute, with METER_COLUMNS beside, none after the period's last origin."""
    hour, horizon = config.features.origin_hour_utc, config.features.horizon_hours
    reach, every = feature_set(horizon).reach_hours, config.features.origin_every_days
    last = midnight_utc(period.last) + HOUR * hour
    meters = meter_facts(lake)
    todays = lake.spark.createDataFrame([(origin,) for origin in period.origins(hour, every)], "origin_utc timestamp")
    pairs = meters.select("meter_id").crossJoin(F.broadcast(todays))
    if news.first_run:
        pairs = pairs.union(origins_within_reach(news.hourly, hour, reach, last))
    else:
        pairs = pairs.union(affected_origins(news.hourly, hour, reach, last))
        by_weather = affected_by_weather(news.weather, hour, WEATHER_REACH_HOURS, horizon, last)
        pairs = pairs.union(_there_already(lake, meters, by_weather))
    if every > 1:
        pairs = pairs.where(F.datediff("origin_utc", F.lit(A_MONDAY)) % every == 0)
    return pairs.distinct().join(F.broadcast(meters), "meter_id")


def _there_already(lake: Lake, meters: DataFrame, by_weather: DataFrame) -> DataFrame:
    """(meter_id, origin_utc) of the rows that weather changes: readings and periods make rows, weather makes none.

    `by_weather`: (location_id, origin_utc). So the weather of 1990 costs nothing where the readings are of 2024.
    """
    edge = by_weather.agg(F.min("origin_utc").alias("first"), F.max("origin_utc").alias("last")).first()
    located = meters.select("meter_id", F.col("weather_location_id").alias("location_id"))
    changed = located.join(F.broadcast(by_weather), "location_id").select("meter_id", "origin_utc")
    if edge is None or edge["first"] is None:
        return changed
    within = F.col("origin_utc").between(F.lit(edge["first"]), F.lit(edge["last"]))
    rows = lake.read(features_table()).where(within).select("meter_id", "origin_utc")
    return changed.join(rows, ["meter_id", "origin_utc"], "left_semi")


def meter_facts(lake: Lake) -> DataFrame:
    """meter_id and METER_COLUMNS; a floor area that the meter lacks comes from its building."""
    meters = lake.read(silver.METERS)
    if lake.exists(silver.BUILDINGS):
        areas = lake.read(silver.BUILDINGS).select("building_id", F.col("floor_area_m2").alias("building_area"))
        meters = meters.join(F.broadcast(areas), "building_id", "left").withColumn(
            "floor_area_m2", F.coalesce("floor_area_m2", "building_area")
        )
    return meters.select("meter_id", *METER_COLUMNS)


def compute(
    lake: Lake, config: Config, work: DataFrame, late_hours: int = 0, sink: FileSink | None = None
) -> DataFrame | None:
    """Rows of gold.features for `work`, as if readings came `late_hours` later; None if it is empty.

    With a `sink`: the names of the files that hold them (see features_frame).
    """
    features = feature_set(config.features.horizon_hours)
    edge = work.agg(F.min("origin_utc").alias("first"), F.max("origin_utc").alias("last")).first()
    if edge is None or edge["first"] is None:
        return None
    first, last = edge["first"], edge["last"]
    view = lake.read(silver.HOURLY)
    hourly = between(view, first - timedelta(hours=features.reach_hours), last)
    deepest = first - timedelta(hours=version_reach_hours(features, config.cleaning))
    deep = between(lake.read(silver.READINGS), deepest - LONGEST, last).where(
        (F.col("interval_start_utc") >= F.lit(deepest)) | (F.col("interval_minutes") > LONG_INTERVAL_HOURS * 60)
    )
    corrected = deep.where(F.col("superseded_at_utc").isNotNull()).select("meter_id")
    late = meters_out_of_order(between(view, deepest, last), config.features.origin_hour_utc)
    virtual = {each.meter_id: each for each in counted_meters(lake)}
    return features_frame(
        work,
        hourly,
        versions_of(deep, corrected.union(late).distinct(), virtual.values()),
        lake.spark.sparkContext.broadcast(_weather(lake, first, last, features.horizon_hours)),
        features,
        config.features.chunk_days,
        config.cleaning,
        late_hours,
        virtual,
        sink,
    )


def versions_of(readings: DataFrame, restated: DataFrame, virtual: Iterable[VirtualMeter]) -> DataFrame:
    """The `readings` of the `restated` meters, with the meter that was read as `register_id`.

    A virtual meter has those of all its registers, if it or one of them is to be restated.
    """
    pairs = [(each.meter_id, term.meter_id) for each in virtual for term in each.terms]
    own = readings.join(F.broadcast(restated), "meter_id", "left_semi").withColumn("register_id", F.col("meter_id"))
    if not pairs:
        return own
    terms = readings.sparkSession.createDataFrame(pairs, "virtual_id string, register_id string")
    is_of = (F.col("meter_id") == F.col("virtual_id")) | (F.col("meter_id") == F.col("register_id"))
    by_term = terms.join(F.broadcast(restated), is_of)
    terms = terms.join(by_term.select("virtual_id").distinct(), "virtual_id", "left_semi")
    of_terms = readings.withColumnRenamed("meter_id", "register_id").join(F.broadcast(terms), "register_id")
    return own.unionByName(of_terms.withColumnRenamed("virtual_id", "meter_id"))


def _weather(lake: Lake, first: datetime, last: datetime, horizon_hours: int) -> WeatherBook:
    """The weather that the origins first … last may look at."""
    rows = between(
        lake.read_or_empty(silver.WEATHER),
        first - timedelta(hours=WEATHER_REACH_HOURS),
        last + timedelta(hours=horizon_hours),
    )
    return WeatherBook.of(rows.drop(*silver.SAID_BY_NAMES).toPandas())
