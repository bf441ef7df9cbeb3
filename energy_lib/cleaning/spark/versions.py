"""Versions of each interval: a chain that depends on the set of rows and not on the order in which they came."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from energy_lib.cleaning import rules

CHAIN = ("interval_month", "meter_id", "interval_start_utc")


def chain_versions(rows: DataFrame) -> DataFrame:
    """Rows with `superseded_at_utc`; duplicates among them rejected.

    `rows`: all rows of each interval, with `interval_month`. Those that have a `rule_id` already pass through.

    A row is known from its landing, or from its availability if that is later. The rows of an interval that became
    known first keep the availability that their source gave them. A later row is a correction, and is available from
    its landing. Of rows available at one instant the last (file_id, row_number) is the version. A row that repeats
    the version before it changes nothing. Both kinds get the `rule_id` of a duplicate. `superseded_at_utc` is when
    the next version became available, or `closed_at_utc` where that is earlier.
    """
    # Nearly every interval has one row. The chain's windows cost five times what finding the other intervals does.
    marked = _with_several_rows(rows)
    single = marked.where(~F.col("has_several")).withColumn("superseded_at_utc", F.lit(None).cast("timestamp"))
    chained = single.unionByName(_chained(marked.where("has_several"))).drop("has_several")
    closed = F.when(F.col("rule_id").isNull(), F.least("superseded_at_utc", "closed_at_utc"))
    return chained.withColumn("superseded_at_utc", closed).drop("closed_at_utc")


def _with_several_rows(rows: DataFrame) -> DataFrame:
    """Rows with `has_several`: accepted, and not the only accepted row of their interval."""
    start = F.when(F.col("rule_id").isNull(), F.col("interval_start_utc"))
    in_time = Window.partitionBy("interval_month", "meter_id").orderBy("at")
    at, before, after = F.col("at"), F.lag("at").over(in_time), F.lead("at").over(in_time)
    placed = rows.withColumn("at", start)
    return placed.withColumn(
        "has_several", F.coalesce(before == at, F.lit(False)) | F.coalesce(after == at, F.lit(False))
    ).drop("at")


def _chained(rows: DataFrame) -> DataFrame:
    """Accepted rows of intervals that have several: each a version, or a duplicate with its rule and reason."""
    interval = Window.partitionBy(*CHAIN)
    ordered = interval.orderBy("available_at_utc", "known", "file_id", "row_number")
    value = F.struct("energy_kwh", "interval_minutes", "quality")
    is_overtaken = F.lead("available_at_utc").over(ordered) == F.col("available_at_utc")
    valued = _as_corrections(rows).withColumns({"value": value, "next_value": F.lead(value).over(ordered)})
    marked = valued.withColumn("is_overtaken", F.coalesce(is_overtaken, F.lit(False)))
    earlier = ordered.rowsBetween(Window.unboundedPreceding, -1)
    version = F.when(~F.col("is_overtaken"), F.struct("value", "closed_at_utc"))
    marked = marked.withColumn("previous", F.last(version, ignorenulls=True).over(earlier))
    previous_end = F.col("previous.closed_at_utc")
    previous_is_open = previous_end.isNull() | (previous_end > F.col("available_at_utc"))
    repeats = (F.col("previous.value") == F.col("value")) & previous_is_open
    marked = marked.withColumn("repeats_previous", repeats)
    differs_from_next = ~(F.col("next_value") == F.col("value"))
    rule = F.when(F.col("is_overtaken") & differs_from_next, rules.DUPLICATE_CONFLICTING.id).when(
        F.col("is_overtaken") | F.col("repeats_previous"), rules.DUPLICATE_EXACT.id
    )
    # Both branches ask for the same columns, so that Spark shuffles once for the two.
    marked = marked.withColumn("rule_id", F.coalesce("rule_id", rule))
    later = ordered.rowsBetween(1, Window.unboundedFollowing)
    version_start = F.when(F.col("rule_id").isNull(), F.col("available_at_utc"))
    next_start = F.first(version_start, ignorenulls=True).over(later)
    reason = F.when(F.col("rule_id") == rules.DUPLICATE_CONFLICTING.id, "a later row gives another value").when(
        F.col("rule_id").isNotNull(), "the value is known already"
    )
    return marked.withColumns(
        {
            "superseded_at_utc": F.when(F.col("rule_id").isNull(), next_start),
            "reason": F.coalesce("reason", reason),
        }
    ).drop("known", "value", "next_value", "is_overtaken", "previous", "repeats_previous")


def _as_corrections(rows: DataFrame) -> DataFrame:
    """Rows with `known`, which is also the availability of all but the rows that became known first."""
    known = F.greatest("landed_at_utc", "available_at_utc")
    first_known = F.min(known).over(Window.partitionBy(*CHAIN))
    available = F.when(known == first_known, F.col("available_at_utc")).otherwise(known)
    return rows.withColumns({"known": known, "available_at_utc": available})
