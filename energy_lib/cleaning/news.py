"""What the lake holds already that a night's rows change: reads of the silver tables, pruned to the night."""

from __future__ import annotations

from datetime import UTC, datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from energy_lib.cleaning.rules import UNKNOWN_METER
from energy_lib.lake import Lake
from energy_lib.tables import bronze, silver

BRONZE_KEY = ("file_id", "row_number")


def released(lake: Lake) -> DataFrame | None:
    """Bronze rows that were rejected for an unknown meter which has come to be known; None if there are none."""
    if not (lake.exists(silver.QUARANTINE) and lake.exists(silver.METERS)):
        return None
    waiting = lake.read(silver.QUARANTINE).where(F.col("rule_id") == UNKNOWN_METER.id)
    freed = waiting.join(F.broadcast(lake.read(silver.METERS).select("meter_id")), on="meter_id", how="left_semi")
    landed = _between(freed, "landed_month")
    if landed is None:
        return None
    keys = freed.select(*BRONZE_KEY)
    return lake.read(bronze.READINGS).where(landed).join(F.broadcast(keys), on=list(BRONZE_KEY), how="left_semi")


def moved(lake: Lake, staged: DataFrame, judged: DataFrame) -> DataFrame:
    """Rows of silver.readings whose bronze row now stands elsewhere: under another key, or in quarantine."""
    table = silver.READINGS
    times = judged.where(F.col("interval_start_utc").isNotNull())
    months = times.select(F.trunc("interval_start_utc", "month").alias("m")).distinct().collect()
    existing = lake.read(table).where(F.col("interval_month").isin([row["m"] for row in months]))
    again = existing.join(judged.select(*BRONZE_KEY), on=list(BRONZE_KEY), how="left_semi")
    return again.join(staged.select(*table.key), on=list(table.key), how="left_anti").select(*table.column_names)


def readmitted(lake: Lake, staged: DataFrame) -> DataFrame:
    """Rows of silver.quarantine that now stand in silver.readings."""
    table = silver.QUARANTINE
    landed = _between(staged.withColumn("landed_month", F.trunc("landed_at_utc", "month")), "landed_month")
    rows = lake.read_or_empty(table).where(F.lit(False) if landed is None else landed)
    return rows.join(staged.select(*BRONZE_KEY), on=list(BRONZE_KEY), how="left_semi").select(*table.column_names)


def last_hour(lake: Lake) -> int:
    """Hours since the epoch that no reading is later than: the end of the newest month, which Delta knows unread."""
    newest = lake.read(silver.READINGS).agg(F.max("interval_month")).first()
    if newest is None or newest[0] is None:
        return 0
    year, month = divmod(newest[0].year * 12 + newest[0].month, 12)
    return int(datetime(year, month + 1, 1, tzinfo=UTC).timestamp()) // 3600


def _between(rows: DataFrame, name: str) -> Column | None:
    """A literal predicate for the range of `name` in `rows`; None if there are no rows."""
    span = rows.agg(F.min(name).alias("low"), F.max(name).alias("high")).first()
    if span is None or span["low"] is None:
        return None
    return F.col(name).between(F.lit(span["low"]), F.lit(span["high"]))
