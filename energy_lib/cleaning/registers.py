"""Cumulative registers: each read differenced with the one before it."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from energy_lib.cleaning import rules
from energy_lib.cleaning.ranges import Range, within
from energy_lib.cleaning.row_rules import CARRIED
from energy_lib.config import CleaningConfig

# A read further back than this is no neighbour: the interval between them would say nothing about its hours.
REGISTER_REACH = timedelta(days=62)
# A register that fell has rolled over only if it stood in the last tenth of its range.
NEARLY_FULL = 0.9


def difference(reads: DataFrame, judged: list[Range], settings: CleaningConfig) -> DataFrame:
    """Register reads (CARRIED, none rejected) as interval readings that end at each read stamped in `judged`.

    Of several versions of a read the newest known stands, the others are rejected as duplicates: what a
    register said in between cannot be told from the reads that were corrected. The reading has the later
    read's bronze key, and is available when both reads are.
    """
    versions = Window.partitionBy("meter_id", "interval_start_utc")
    newest = versions.orderBy(
        F.greatest("landed_at_utc", "available_at_utc").desc(), F.col("file_id").desc(), F.col("row_number").desc()
    )
    ranked = reads.withColumns({"place": F.row_number().over(newest), "standing": F.first("register_kwh").over(newest)})
    same = F.col("standing") == F.col("register_kwh")
    older = ranked.where(F.col("place") > 1).withColumns(
        {
            "rule_id": F.when(same, rules.DUPLICATE_EXACT.id).otherwise(rules.DUPLICATE_CONFLICTING.id),
            "reason": F.lit("another row of the same register read is the newest known"),
        }
    )
    older = older.where(within("interval_start_utc", judged)).select(*CARRIED)
    return _between_reads(ranked.where(F.col("place") == 1), judged, settings).unionByName(older)


def _between_reads(reads: DataFrame, judged: list[Range], settings: CleaningConfig) -> DataFrame:
    in_time = Window.partitionBy("meter_id").orderBy("interval_start_utc")
    stamp = F.col("interval_start_utc")
    rows = reads.withColumns(
        {
            "stamp": stamp,
            "from": F.lag(stamp).over(in_time),
            "register_before": F.lag("register_kwh").over(in_time),
            "available_before": F.lag("available_at_utc").over(in_time),
        }
    ).where(within("stamp", judged))
    first = F.col("from").isNull() | (F.col("stamp") > F.col("from") + F.expr(f"INTERVAL {REGISTER_REACH.days} DAYS"))
    fell = F.col("register_kwh") < F.col("register_before")
    rolled = _rolled_kwh(settings)
    rejected = F.when(first, rules.REGISTER_FIRST.id).when(fell & rolled.isNull(), rules.REGISTER_ROLLBACK.id)
    fine = rejected.isNull()
    minutes = ((F.unix_seconds("stamp") - F.unix_seconds("from")) / 60).cast("int")
    return rows.withColumns(
        {
            "rule_id": rejected,
            "reason": F.when(first, F.lit("there is no register read before it to be differenced with")).when(
                ~fine, F.concat_ws(" ", F.lit("the register fell from"), "register_before", F.lit("to"), "register_kwh")
            ),
            "interval_start_utc": F.when(fine, F.col("from")).otherwise(stamp),
            "interval_minutes": F.when(fine, F.greatest(minutes, F.lit(1))),
            "energy_kwh": F.when(fine, F.coalesce(rolled, F.col("register_kwh") - F.col("register_before"))),
            "available_at_utc": F.greatest("available_at_utc", "available_before"),
            "flags": F.when(
                fine & rolled.isNotNull(), F.array_append("flags", F.lit(rules.REGISTER_ROLLOVER.id))
            ).otherwise(F.col("flags")),
        }
    ).select(*CARRIED)


def _rolled_kwh(settings: CleaningConfig) -> Column:
    """Energy over a rollover at the smallest range that holds the read before; NULL if it was none."""
    now, before = F.col("register_kwh"), F.col("register_before")
    nothing = F.lit(None).cast("double")
    ranges = sorted((limit + 1.0 for limit in settings.register_rollover_kwh), reverse=True)
    held = reduce(
        lambda rest, size: F.when(before < size, F.when(before >= NEARLY_FULL * size, now + size - before)).otherwise(
            rest
        ),
        ranges,
        nothing,
    )
    return F.when(now < before, held)
