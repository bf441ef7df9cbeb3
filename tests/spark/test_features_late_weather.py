"""Weather that comes long after its readings, or is of years without any."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from energy_lib.config import Config
from energy_lib.features import features_table
from energy_lib.features.spark.build import News, work_of
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.lake.frames import conform
from energy_lib.lake.spark_schemas import spark_schema
from energy_lib.tables import silver

NIGHT = date(2024, 3, 10)


def midnight(month: int, day: int) -> datetime:
    return datetime(2024, month, day, tzinfo=UTC)


def weather(spark: SparkSession, first: str, last: str) -> DataFrame:
    """Observed hours of one place, known as they end."""
    hours = pd.DataFrame({"interval_start_utc": pd.date_range(first, last, freq="h", inclusive="left", tz="UTC")})
    end = F.col("interval_start_utc") + F.expr("INTERVAL 1 HOUR")
    rows = spark.createDataFrame(hours).withColumns(
        {
            "location_id": F.lit("here"),
            "kind": F.lit("observed"),
            "issued_at_utc": F.col("interval_start_utc"),
            "available_at_utc": end,
        }
    )
    return conform(rows, silver.WEATHER)


def built(lake: Lake, *rows: tuple[str, datetime]) -> None:
    """Rows of gold.features, a meter and an origin each, without values."""
    frame = lake.spark.createDataFrame(list(rows), "meter_id string, origin_utc timestamp").withColumns(
        {
            "interval_start_utc": F.col("origin_utc"),
            "horizon_hours": F.lit(1),
            "fuel": F.lit("electricity"),
            "feature_set": F.lit("f"),
        }
    )
    lake.append(features_table(), frame)


def worked_on(lake: Lake, news: DataFrame) -> set[tuple[str, datetime]]:
    none = lake.spark.createDataFrame([], spark_schema(silver.HOURLY))
    work = work_of(lake, Config(lake=lake.root), Period.day(NIGHT), News(none, news, first_run=False))
    return {(row["meter_id"], row["origin_utc"].astimezone(UTC)) for row in work.collect()}


def test_late_weather_changes_the_rows_that_are_there_and_makes_no_others(spark: SparkSession, lake: Lake) -> None:
    meters = [("m1", "here"), ("m2", "here"), ("far", "elsewhere")]
    facts = F.lit("electricity").alias("fuel"), F.lit("UTC").alias("zone"), F.lit("registry").alias("registered_by")
    rows = spark.createDataFrame(meters, "meter_id string, weather_location_id string").select("*", *facts)
    lake.append(silver.METERS, conform(rows, silver.METERS))
    of_m1 = [("m1", midnight(2, 28)), ("m1", midnight(3, 2)), ("m1", midnight(3, 5))]
    built(lake, *of_m1, ("m2", midnight(3, 5)), ("far", midnight(3, 5)))
    tonight = {(meter, midnight(3, 10)) for meter, _ in meters}
    assert worked_on(lake, weather(spark, "1990-01-01", "1990-03-01")) == tonight
    # Readings are of 2024: weather of their days changes their origins, and only these.
    late = weather(spark, "1990-01-01", "1990-03-01").union(weather(spark, "2024-03-01", "2024-03-03"))
    assert worked_on(lake, late) == tonight | {("m1", midnight(3, 2)), ("m1", midnight(3, 5)), ("m2", midnight(3, 5))}
    assert worked_on(lake, late.limit(0)) == tonight, "no weather came"
