"""Readings longer than a day: few, and found by themselves, so that the usual reach need not be as long as they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.cleaning.hourly import LONG_INTERVAL_HOURS
from energy_lib.cleaning.spark.time_ranges import Range, months_within, within
from energy_lib.intervals import DAY, LONGEST_INTERVAL_DAYS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST = timedelta(days=LONGEST_INTERVAL_DAYS)
LONGEST_HOURS = LONGEST_INTERVAL_DAYS * 24


def current_readings(readings: DataFrame, ranges: list[Range]) -> DataFrame:
    """Current rows of silver.readings that begin in the ranges."""
    return readings.where(
        months_within("interval_month", ranges)
        & within("interval_start_utc", ranges)
        & F.col("superseded_at_utc").isNull()
    )


def with_long_reach(ranges: list[Range]) -> list[Range]:
    """The ranges, each from the longest interval before it on."""
    return [(low - LONGEST, high) for low, high in ranges]


def _long(readings: DataFrame, ranges: list[Range]) -> DataFrame:
    """Current readings longer than the usual reach that begin in the ranges or the longest interval before them.

    Delta skips the files without any by their statistics. Columns: meter_id, begin, end (hours since the epoch).
    """
    minutes, seconds = F.col("interval_minutes"), F.unix_seconds("interval_start_utc")
    long = current_readings(readings, with_long_reach(ranges)).where(minutes > LONG_INTERVAL_HOURS * 60)
    return long.select(
        "meter_id",
        "interval_start_utc",
        "interval_minutes",
        F.floor(seconds / 3600).alias("begin"),
        F.ceil((seconds + minutes * 60) / 3600).alias("end"),
    )


def long_readings_into(readings: DataFrame, chunks: DataFrame, ranges: list[Range]) -> DataFrame:
    """(meter_id, chunk) of the chunks into which a long reading reaches from before their `first` hour."""
    reached = _long(readings, ranges).join(F.broadcast(chunks), "meter_id")
    reaches_in = (F.col("begin") < F.col("first")) & (F.col("end") > F.col("first"))
    return reached.where(reaches_in).select("meter_id", "chunk").distinct()


def long_readings_over(readings: DataFrame, changed: DataFrame) -> DataFrame:
    """Long readings that overlap one of `changed`, which decides whether they stand in the hourly view.

    `readings`: the whole of silver.readings. Both, and the result: meter_id, interval_start_utc, interval_minutes.
    """
    seconds = F.unix_seconds("interval_start_utc")
    day = F.floor(seconds / 86_400)
    until = F.floor((seconds + F.coalesce("interval_minutes", F.lit(0)) * 60) / 86_400)
    days = changed.groupBy("meter_id", day.alias("day")).agg(F.max(until).alias("until"))
    ends = days.agg(F.min("day").alias("low"), F.max("until").alias("high")).first()
    assert ends is not None
    if ends["low"] is None:
        return changed.limit(0)
    ranges = [(EPOCH + ends["low"] * DAY, EPOCH + (ends["high"] + 1) * DAY)]
    long = _long(readings, ranges).join(days, "meter_id")
    overlaps = (F.col("begin") < (F.col("until") + 1) * 24) & (F.col("end") > F.col("day") * 24)
    return long.where(overlaps).select("meter_id", "interval_start_utc", "interval_minutes").distinct()
