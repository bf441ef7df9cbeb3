"""Which bronze rows a night's news makes us judge again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.cleaning.spark.registers import REGISTER_REACH
from energy_lib.cleaning.spark.row_rules import snapped_start
from energy_lib.cleaning.spark.time_ranges import Range, day_ranges, within
from energy_lib.config import CleaningConfig
from energy_lib.intervals import DAY


@dataclass(frozen=True, slots=True)
class Scope:
    """`rows`: bronze rows to judge together. `read_ranges`: stamps whose register reads are judged; the reads
    around them are there to be differenced with. Empty where the rows hold no register reads."""

    rows: DataFrame
    read_ranges: list[Range]


def everything(bronze: DataFrame) -> Scope:
    """All there is: the first run."""
    return Scope(bronze, day_ranges(_days(bronze)[1], timedelta(0), DAY))


def touched(news: DataFrame, bronze: DataFrame, settings: CleaningConfig) -> Scope:
    """The news, and every other bronze row of the intervals and registers that the news speaks of.

    `bronze`: the whole table. All rows of an interval are judged together, so that the outcome does not
    depend on which night brought which row.
    """
    placed = news.where(F.col("meter_id").isNotNull() & F.col("interval_start_utc").isNotNull())
    margin = timedelta(seconds=settings.snap_tolerance_seconds)
    interval_days, read_days = _days(placed)
    found = [news.where(F.col("meter_id").isNull() | F.col("interval_start_utc").isNull())]
    is_read = F.col("register_kwh").isNotNull()
    if interval_days:
        near = bronze.where(within("interval_start_utc", day_ranges(interval_days, margin, margin)))
        found.append(_same_intervals(near.where(~is_read), placed.where(~is_read), settings))
    if read_days:
        meters = placed.where(is_read).select("meter_id").distinct()
        # What is judged hangs on reads up to a reach before it and, if they were known earlier, after it.
        reach = 2 * REGISTER_REACH
        near = bronze.where(within("interval_start_utc", day_ranges(read_days, reach, reach)))
        found.append(near.where(is_read).join(F.broadcast(meters), on="meter_id", how="left_semi"))
    rows = reduce(DataFrame.unionByName, (part.select(*bronze.columns) for part in found))
    return Scope(rows, day_ranges(read_days, REGISTER_REACH, REGISTER_REACH))


def _days(rows: DataFrame) -> tuple[list[date], list[date]]:
    """UTC days of the interval readings and of the register reads among `rows`."""
    read, day = F.col("register_kwh").isNotNull().alias("read"), F.to_date("interval_start_utc").alias("day")
    days = rows.where(F.col("interval_start_utc").isNotNull()).select(read, day).distinct().collect()
    return [row["day"] for row in days if not row["read"]], [row["day"] for row in days if row["read"]]


def _same_intervals(near: DataFrame, intervals: DataFrame, settings: CleaningConfig) -> DataFrame:
    start = F.coalesce(snapped_start(settings), F.col("interval_start_utc"))
    keys = intervals.select("meter_id", start.alias("start")).distinct()
    return near.withColumn("start", start).join(keys, on=["meter_id", "start"], how="left_semi").drop("start")
