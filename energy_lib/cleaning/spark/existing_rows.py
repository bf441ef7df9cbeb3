"""What the lake holds already that a night's rows change: reads of the silver tables, pruned to the night."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from energy_lib.cleaning.rules import UNKNOWN_METER
from energy_lib.cleaning.spark.conservation import require_conserved
from energy_lib.cleaning.spark.registers import REGISTER_REACH
from energy_lib.cleaning.spark.scope import Scope
from energy_lib.cleaning.spark.time_ranges import months_within
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


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Predicates on the partitions of silver.readings and silver.quarantine in which judged rows stand or stood."""

    readings: Column
    quarantine: Column


def whereabouts(judged: DataFrame, part: Scope) -> Whereabouts:
    """The months of the judged rows' intervals and landings; a register read may have begun its interval earlier."""
    months = F.collect_set(F.trunc("interval_start_utc", "month"))
    found = judged.agg(months.alias("intervals"), F.collect_set("landed_month").alias("landings")).first()
    assert found is not None
    before = [(low - REGISTER_REACH, high) for low, high in part.read_ranges]
    intervals = F.col("interval_month").isin(found["intervals"])
    return Whereabouts(
        intervals | months_within("interval_month", before) if before else intervals,
        F.col("landed_month").isin(found["landings"]),
    )


def moved(lake: Lake, staged: DataFrame, judged: DataFrame, where: Whereabouts) -> DataFrame:
    """Rows of silver.readings whose bronze row now stands elsewhere: under another key, or in quarantine."""
    table = silver.READINGS
    again = lake.read(table).where(where.readings).join(_keys(judged), on=list(BRONZE_KEY), how="left_semi")
    return again.join(staged.select(*table.key), on=list(table.key), how="left_anti").select(*table.column_names)


def readmitted(lake: Lake, staged: DataFrame, where: Whereabouts) -> DataFrame:
    """Rows of silver.quarantine that now stand in silver.readings."""
    rows = lake.read_or_empty(silver.QUARANTINE).where(where.quarantine)
    return rows.join(_keys(staged), on=list(BRONZE_KEY), how="left_semi").select(*silver.QUARANTINE.column_names)


def proof(lake: Lake, found: DataFrame, judged: DataFrame, where: Whereabouts | None) -> dict[str, Any]:
    """Law 1 of the news and of all that was judged with it (`where`: None for all there is); raises NotConserved."""
    raw = found.select(*BRONZE_KEY, "register_kwh")
    readings, quarantine = lake.read(silver.READINGS), lake.read(silver.QUARANTINE)
    if where is not None:
        raw = raw.unionByName(judged.select(*raw.columns)).dropDuplicates(list(BRONZE_KEY))
        readings, quarantine = (
            rows.where(here).join(_keys(raw), on=list(BRONZE_KEY), how="left_semi")
            for rows, here in ((readings, where.readings), (quarantine, where.quarantine))
        )
    return require_conserved(raw, readings, quarantine)


def _keys(rows: DataFrame) -> DataFrame:
    return rows.select(*BRONZE_KEY)


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
