"""Rows of the published silver tables that a run's rows replace, release or are proved against.

Every read is pruned to the partitions in which the run's rows stand, so its cost follows the run and not the history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from energy_lib.cleaning.rules import UNKNOWN_METER
from energy_lib.cleaning.spark.conservation import require_conserved
from energy_lib.cleaning.spark.registers_only import is_register
from energy_lib.cleaning.spark.time_ranges import months_within
from energy_lib.cleaning.spark.validation_scope import ValidationScope
from energy_lib.lake import Lake
from energy_lib.tables import bronze, silver

BRONZE_KEY = ("file_id", "row_number")


def rows_of_new_meters(lake: Lake) -> DataFrame | None:
    """Bronze rows in quarantine for an unknown meter that silver.meters now knows; None if there are none."""
    if not (lake.exists(silver.QUARANTINE) and lake.exists(silver.METERS)):
        return None
    waiting = lake.read(silver.QUARANTINE).where(F.col("rule_id") == UNKNOWN_METER.id)
    registers = lake.read(silver.METERS).where(is_register()).select("meter_id")
    of_known_meters = waiting.join(F.broadcast(registers), on="meter_id", how="left_semi")
    landed = _range_of("landed_month", of_known_meters)
    if landed is None:
        return None
    keys = of_known_meters.select(*BRONZE_KEY)
    return lake.read(bronze.READINGS).where(landed).join(F.broadcast(keys), on=list(BRONZE_KEY), how="left_semi")


@dataclass(frozen=True, slots=True)
class AffectedPartitions:
    """Predicates on the partitions of silver.readings and silver.quarantine that may hold a validated row.

    They cover where a row stands after this run and where it stood before.
    """

    readings: Column
    quarantine: Column


def affected_partitions(validated: DataFrame, scope: ValidationScope) -> AffectedPartitions:
    """The months of the rows' intervals and landings; the interval of a register read may have begun earlier."""
    months = F.collect_set(F.trunc("interval_start_utc", "month"))
    row = validated.agg(months.alias("intervals"), F.collect_set("landed_month").alias("landings")).first()
    assert row is not None
    interval_months = F.col("interval_month").isin(row["intervals"])
    return AffectedPartitions(
        interval_months | months_within("interval_month", scope.reading_ranges),
        F.col("landed_month").isin(row["landings"]),
    )


def replaced_readings(
    lake: Lake, accepted: DataFrame, validated: DataFrame, partitions: AffectedPartitions
) -> DataFrame:
    """Rows of silver.readings whose bronze row was validated again and now has another key or a rejection."""
    table = silver.READINGS
    validated_again = (
        lake.read_or_empty(table)
        .where(partitions.readings)
        .join(_keys(validated), on=list(BRONZE_KEY), how="left_semi")
    )
    unchanged = accepted.select(*table.key)
    return validated_again.join(unchanged, on=list(table.key), how="left_anti").select(*table.column_names)


def released_from_quarantine(lake: Lake, accepted: DataFrame, partitions: AffectedPartitions) -> DataFrame:
    """Rows of silver.quarantine whose bronze row is now accepted."""
    rows = lake.read_or_empty(silver.QUARANTINE).where(partitions.quarantine)
    return rows.join(_keys(accepted), on=list(BRONZE_KEY), how="left_semi").select(*silver.QUARANTINE.column_names)


def prove_conservation(
    lake: Lake, new_rows: DataFrame, validated: DataFrame, partitions: AffectedPartitions | None
) -> dict[str, Any]:
    """Prove law 1 of the new rows and of all that were validated with them; returns what the ledger keeps.

    `partitions`: None to hold the new rows against the whole of both tables. Raises NotConserved.
    """
    raw = new_rows.select(*BRONZE_KEY, "register_kwh")
    readings, quarantine = lake.read(silver.READINGS), lake.read(silver.QUARANTINE)
    if partitions is not None:
        raw = raw.unionByName(validated.select(*raw.columns)).dropDuplicates(list(BRONZE_KEY))
        readings, quarantine = (
            rows.where(affected).join(_keys(raw), on=list(BRONZE_KEY), how="left_semi")
            for rows, affected in ((readings, partitions.readings), (quarantine, partitions.quarantine))
        )
    return require_conserved(raw, readings, quarantine)


def last_reading_hour(lake: Lake) -> int:
    """An hour (since the epoch) that no reading is later than: the end of the newest month partition.

    Delta answers it from the partitions' names, without reading a row.
    """
    newest = lake.read(silver.READINGS).agg(F.max("interval_month")).first()
    if newest is None or newest[0] is None:
        return 0
    year, month = divmod(newest[0].year * 12 + newest[0].month, 12)
    return int(datetime(year, month + 1, 1, tzinfo=UTC).timestamp()) // 3600


def _keys(rows: DataFrame) -> DataFrame:
    return rows.select(*BRONZE_KEY)


def _range_of(name: str, rows: DataFrame) -> Column | None:
    """A literal predicate for the range of `name` in `rows`; None if there are no rows."""
    ends = rows.agg(F.min(name).alias("low"), F.max(name).alias("high")).first()
    if ends is None or ends["low"] is None:
        return None
    return F.col(name).between(F.lit(ends["low"]), F.lit(ends["high"]))
