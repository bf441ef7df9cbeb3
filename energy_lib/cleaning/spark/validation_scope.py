"""Which bronze rows a run validates: the new ones, and the earlier ones whose outcome they can change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.cleaning.spark.register_scope import registers_around
from energy_lib.cleaning.spark.registers import REGISTER_REACH
from energy_lib.cleaning.spark.row_rules import has_time, snapped_start
from energy_lib.cleaning.spark.time_ranges import Range, day_ranges, within
from energy_lib.config import CleaningConfig


@dataclass(frozen=True, slots=True)
class ValidationScope:
    """Bronze rows to validate together.

    `register_news`: the days on which new register reads are stamped; empty where there are none. `rows` also holds
    the reads around them, to be differenced with. `reading_ranges`: where readings that may change begin.
    """

    rows: DataFrame
    register_news: list[Range]
    reading_ranges: list[Range]


def all_rows(bronze: DataFrame) -> ValidationScope:
    """All bronze rows there are, for the first run."""
    _, read_days = _utc_days(bronze)
    news = day_ranges(read_days, timedelta(0), timedelta(0))
    return ValidationScope(bronze, news, [(low - REGISTER_REACH, high) for low, high in news])


def affected_rows(new_rows: DataFrame, bronze: DataFrame, settings: CleaningConfig) -> ValidationScope:
    """The new rows, and every other bronze row of the same intervals and of the same registers.

    `bronze`: the whole table. All rows of an interval are validated together, so that the outcome does not depend
    on which night brought which row.
    """
    is_placed = F.col("meter_id").isNotNull() & has_time()
    placed = new_rows.where(is_placed)
    margin = timedelta(seconds=settings.snap_tolerance_seconds)
    interval_days, read_days = _utc_days(placed)
    parts = [new_rows.where(~is_placed)]
    is_read = F.col("register_kwh").isNotNull()
    if interval_days:
        near = bronze.where(within("interval_start_utc", day_ranges(interval_days, margin, margin)))
        parts.append(_same_intervals(near.where(~is_read), placed.where(~is_read), settings))
    news = day_ranges(read_days, timedelta(0), timedelta(0))
    reading_ranges: list[Range] = []
    if news:
        meters = placed.where(is_read).select("meter_id").distinct()
        registers = registers_around(news, meters, bronze)
        reading_ranges = registers.reading_ranges
        parts.append(registers.reads)
    rows = reduce(DataFrame.unionByName, (part.select(*bronze.columns) for part in parts))
    return ValidationScope(rows, news, reading_ranges)


def _utc_days(rows: DataFrame) -> tuple[list[date], list[date]]:
    """UTC days of the interval readings, and of the register reads, among `rows`."""
    is_read, day = F.col("register_kwh").isNotNull().alias("is_read"), F.to_date("interval_start_utc").alias("day")
    days = rows.where(has_time()).select(is_read, day).distinct().collect()
    return [row["day"] for row in days if not row["is_read"]], [row["day"] for row in days if row["is_read"]]


def _same_intervals(near: DataFrame, intervals: DataFrame, settings: CleaningConfig) -> DataFrame:
    """Rows of `near` with the meter and the snapped start of one of `intervals`."""
    start = F.coalesce(snapped_start(settings), F.col("interval_start_utc"))
    keys = intervals.select("meter_id", start.alias("start")).distinct()
    return near.withColumn("start", start).join(keys, on=["meter_id", "start"], how="left_semi").drop("start")
