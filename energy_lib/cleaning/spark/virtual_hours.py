"""The hours of virtual meters over Spark: those whose registers changed, a month of a virtual meter at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import reduce
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.cleaning.spark.time_ranges import day_ranges, months_within, within
from energy_lib.cleaning.virtual_hours import virtual_hours
from energy_lib.cleaning.virtual_meters import VirtualMeter
from energy_lib.lake.spark_schemas import spark_schema
from energy_lib.tables import silver

VIRTUAL_ID = "virtual_meter_id"
HOUR_KEY = [VIRTUAL_ID, "interval_start_utc"]


def wanted_hours(
    hourly: DataFrame,
    changed: DataFrame | None,
    anew: Sequence[VirtualMeter],
    others: Sequence[VirtualMeter],
    ended: Sequence[str],
) -> DataFrame | None:
    """HOUR_KEY, distinct, of the hours to compute; None if no meter has any.

    `hourly`: silver.hourly_readings; `changed`: rows of it that came, changed or went (None: none did). Wanted are all
    hours of `anew`, those of `others` of which a register's changed, and those that the meters `ended` have had.
    """
    parts = [_with_virtual(hourly, anew).select(*HOUR_KEY)] if anew else []
    if ended:
        parts.append(hours_of(hourly, ended).select(F.col("meter_id").alias(VIRTUAL_ID), "interval_start_utc"))
    if others and changed is not None:
        parts.append(_with_virtual(changed, others).select(*HOUR_KEY))
    return reduce(DataFrame.unionByName, parts).distinct() if parts else None


def hours_of(hourly: DataFrame, meters: Sequence[str]) -> DataFrame:
    """meter_id, interval_start_utc, interval_minutes of the hours that the meters have."""
    ids = hourly.sparkSession.createDataFrame([(meter_id,) for meter_id in meters], "meter_id string")
    own = hourly.join(F.broadcast(ids), "meter_id", "left_semi")
    return own.select("meter_id", "interval_start_utc", F.lit(60).alias("interval_minutes"))


def in_time_of(hourly: DataFrame, wanted: DataFrame) -> DataFrame | None:
    """The part of silver.hourly_readings that holds the days of the `wanted` hours; None if there are none."""
    days = [row[0] for row in wanted.select(F.to_date("interval_start_utc")).distinct().collect()]
    ranges = day_ranges(days, timedelta(0), timedelta(0))
    in_time = months_within("interval_month", ranges) & within("interval_start_utc", ranges)
    return hourly.where(in_time) if days else None


def virtual_rows(hourly: DataFrame, wanted: DataFrame, virtual: Iterable[VirtualMeter]) -> DataFrame:
    """Rows of silver.hourly_readings of the virtual meters for the `wanted` hours (HOUR_KEY, distinct)."""
    meters = {each.meter_id: each for each in virtual}
    rows = _with_virtual(hourly, meters.values()).join(wanted, HOUR_KEY, "left_semi")
    return rows.groupBy(VIRTUAL_ID, "interval_month").applyInPandas(_kernel(meters), spark_schema(silver.HOURLY))


def obsolete_rows(hourly: DataFrame, wanted: DataFrame, computed: DataFrame) -> DataFrame:
    """Rows of silver.hourly_readings for the `wanted` hours that are not among the computed ones: they must go."""
    key = ["meter_id", "interval_start_utc"]
    published = hourly.join(wanted.withColumnRenamed(VIRTUAL_ID, "meter_id"), key, "left_semi")
    return published.join(computed.select(*key), key, "left_anti")


def _with_virtual(hours: DataFrame, virtual: Iterable[VirtualMeter]) -> DataFrame:
    """Each row once for each virtual meter that its register is a term of; adds `virtual_meter_id`."""
    pairs = [(term.meter_id, each.meter_id) for each in virtual for term in each.terms]
    terms = hours.sparkSession.createDataFrame(pairs, f"meter_id string, {VIRTUAL_ID} string")
    return hours.join(F.broadcast(terms), "meter_id")


def _kernel(meters: dict[str, VirtualMeter]) -> Callable[[tuple[Any, ...], pd.DataFrame], pd.DataFrame]:
    def compute(key: tuple[Any, ...], group: pd.DataFrame) -> pd.DataFrame:
        return virtual_hours(group, meters[key[0]])

    return compute
