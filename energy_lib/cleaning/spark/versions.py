"""Versions of each interval: a chain that depends on the set of rows and not on the order they came in."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from energy_lib.cleaning import rules

CHAIN = ("interval_month", "meter_id", "interval_start_utc")


def chain_versions(rows: DataFrame) -> DataFrame:
    """Accepted rows (all there are of each interval, with their `interval_month`) as versions.

    Rows that have a `rule_id` already pass through.

    A row is known from its landing, or from its availability if that is later. The rows of an interval that
    became known first keep the availability their source gave them; a later one is a correction and cannot have
    been known before it came. Of rows available at one instant the last (file_id, row_number) stands; a row
    that repeats the version before it says nothing new. Both kinds get `rule_id` duplicate_….
    `superseded_at_utc` is when the next version became available, or `closed_at_utc` where that is earlier.
    """
    # Nearly every interval has one row. The chain's windows cost five times what finding the others does.
    marked = _crowded(rows)
    alone = marked.where(~F.col("crowded")).withColumn("superseded_at_utc", F.lit(None).cast("timestamp"))
    judged = alone.unionByName(_chained(marked.where("crowded"))).drop("crowded")
    closed = F.when(F.col("rule_id").isNull(), F.least("superseded_at_utc", "closed_at_utc"))
    return judged.withColumn("superseded_at_utc", closed).drop("closed_at_utc")


def _crowded(rows: DataFrame) -> DataFrame:
    """Rows with `crowded`: accepted, and not the only accepted row of their interval."""
    start = F.when(F.col("rule_id").isNull(), F.col("interval_start_utc"))
    in_time = Window.partitionBy("interval_month", "meter_id").orderBy("at")
    at, before, after = F.col("at"), F.lag("at").over(in_time), F.lead("at").over(in_time)
    placed = rows.withColumn("at", start)
    return placed.withColumn(
        "crowded", F.coalesce(before == at, F.lit(False)) | F.coalesce(after == at, F.lit(False))
    ).drop("at")


def _chained(rows: DataFrame) -> DataFrame:
    interval = Window.partitionBy(*CHAIN)
    dated = _as_corrections(rows)
    ordered = interval.orderBy("available_at_utc", "known", "file_id", "row_number")
    value = F.struct("energy_kwh", "interval_minutes", "quality")
    lost = F.lead("available_at_utc").over(ordered) == F.col("available_at_utc")
    told = dated.withColumns({"value": value, "next_value": F.lead(value).over(ordered)})
    told = told.withColumn("lost", F.coalesce(lost, F.lit(False)))
    before = ordered.rowsBetween(Window.unboundedPreceding, -1)
    held = F.last(F.when(~F.col("lost"), F.struct("value", "closed_at_utc")), ignorenulls=True).over(before)
    told = told.withColumn("held", held)
    open_ = F.col("held.closed_at_utc").isNull() | (F.col("held.closed_at_utc") > F.col("available_at_utc"))
    told = told.withColumn("repeats", (F.col("held.value") == F.col("value")) & open_)
    same = F.col("next_value") == F.col("value")
    verdict = F.when(F.col("lost") & ~same, rules.DUPLICATE_CONFLICTING.id).when(
        F.col("lost") | F.col("repeats"), rules.DUPLICATE_EXACT.id
    )
    # Both branches ask for the same columns, so that Spark shuffles once for the two.
    told = told.withColumn("rule_id", F.coalesce("rule_id", verdict))
    after = ordered.rowsBetween(1, Window.unboundedFollowing)
    stands = F.when(F.col("rule_id").isNull(), F.col("available_at_utc"))
    return told.withColumns(
        {
            "superseded_at_utc": F.when(F.col("rule_id").isNull(), F.first(stands, ignorenulls=True).over(after)),
            "reason": F.coalesce(
                "reason",
                F.when(F.col("rule_id") == rules.DUPLICATE_CONFLICTING.id, "a later row gives another value").when(
                    F.col("rule_id").isNotNull(), "the value is known already"
                ),
            ),
        }
    ).drop("known", "value", "next_value", "lost", "held", "repeats")


def _as_corrections(rows: DataFrame) -> DataFrame:
    """Rows with `known`, and with the landing as availability of all but those that became known first."""
    known = F.greatest("landed_at_utc", "available_at_utc")
    first = F.min(known).over(Window.partitionBy(*CHAIN))
    return rows.withColumns(
        {"known": known, "available_at_utc": F.when(known == first, F.col("available_at_utc")).otherwise(known)}
    )
