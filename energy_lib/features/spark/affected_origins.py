"""Which (meter, origin)s the news can change, and which meters' history must be read version by version."""

from __future__ import annotations

from datetime import datetime

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

DAY = "INTERVAL 1 DAY"


def first_origin_at(instant: Column, hour_utc: int) -> Column:
    """The first daily origin not before `instant`."""
    origin = F.date_trunc("day", instant) + F.expr(f"INTERVAL {hour_utc} HOUR")
    return F.when(origin >= instant, origin).otherwise(origin + F.expr(DAY))


def known_from(rows: DataFrame, hour_utc: int) -> Column:
    """First origin that can know an hour: it lies before the origin and was available."""
    end = F.col("interval_start_utc") + F.expr("INTERVAL 1 HOUR")
    return first_origin_at(F.greatest(end, F.col("available_at_utc")), hour_utc)


def affected_origins(news: DataFrame, hour_utc: int, reach_hours: int, last: datetime) -> DataFrame:
    """(meter_id, origin_utc) that changed or new rows of silver.hourly_readings can change, up to origin `last`.

    An hour's new value became known at available_at_utc: it changes no origin before that, nor any out of reach.
    """
    ends = F.col("interval_start_utc") + F.expr(f"INTERVAL {reach_hours} HOUR")
    return _spread(
        news.groupBy("meter_id", known_from(news, hour_utc).alias("first")).agg(F.max(ends).alias("last")), last
    )


def origins_within_reach(hourly: DataFrame, hour_utc: int, reach_hours: int, last: datetime) -> DataFrame:
    """(meter_id, origin_utc) from a meter's first hour on, up to origin `last`, that have an hour within their reach.

    So years without readings, as between a stamp of 1970 and those of this year, make no origins. Months are looked at
    as wholes, whatever is missing in them.
    """
    hour, reach = F.expr("INTERVAL 1 HOUR"), F.expr(f"INTERVAL {reach_hours} HOUR")
    months = hourly.groupBy("meter_id", F.trunc("interval_start_utc", "month").alias("month")).agg(
        first_origin_at(F.min("interval_start_utc") + hour, hour_utc).alias("first"),
        (F.max("interval_start_utc") + reach).alias("last"),
    )
    return _spread(months.drop("month"), last)


def affected_by_weather(news: DataFrame, hour_utc: int, reach_hours: int, horizon: int, last: datetime) -> DataFrame:
    """(location_id, origin_utc) that new rows of silver.weather can change, up to origin `last`.

    A forecast matters to origins up to `horizon` hours before its hour, an observation to those up to the reach after.
    """
    soonest = first_origin_at(
        F.greatest(F.col("available_at_utc"), F.col("interval_start_utc") - F.expr(f"INTERVAL {horizon} HOUR")),
        hour_utc,
    )
    ends = F.col("interval_start_utc") + F.expr(f"INTERVAL {reach_hours} HOUR")
    return _spread(news.groupBy("location_id", soonest.alias("first")).agg(F.max(ends).alias("last")), last)


def _spread(ranges: DataFrame, last: datetime) -> DataFrame:
    """(owner, first, last) → one row an owner and day."""
    owner = ranges.columns[0]
    until = F.least(F.col("last"), F.lit(last))
    days = F.explode(F.sequence(F.col("first"), until, F.expr(DAY))).alias("origin_utc")
    return ranges.where(F.col("first") <= until).select(owner, days).distinct()


def meters_out_of_order(hourly: DataFrame, hour_utc: int) -> DataFrame:
    """Meters with an hour that became known only at a later origin than some hour after it (late readings)."""
    by_origin = hourly.groupBy("meter_id", known_from(hourly, hour_utc).alias("known_from")).agg(
        F.min("interval_start_utc").alias("oldest"), F.max("interval_start_utc").alias("newest")
    )
    earlier = Window.partitionBy("meter_id").orderBy("known_from").rowsBetween(Window.unboundedPreceding, -1)
    late = by_origin.withColumn("before", F.max("newest").over(earlier)).where(F.col("oldest") < F.col("before"))
    return late.select("meter_id").distinct()
