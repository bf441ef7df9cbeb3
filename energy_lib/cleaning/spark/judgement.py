"""From bronze rows to their fates: one pure function over all row rules, registers and versions."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from energy_lib.cleaning.spark.registers import difference
from energy_lib.cleaning.spark.row_rules import judge_energy, judge_rows
from energy_lib.cleaning.spark.scope import Scope
from energy_lib.cleaning.spark.versions import chain_versions
from energy_lib.config import CleaningConfig


def judge(scope: Scope, meters: DataFrame, settings: CleaningConfig) -> DataFrame:
    """Every row of the scope: `rule_id` NULL with the columns of silver.readings, or a rule and a reason.

    A row comes once, but for a register read that gave several readings, one closing the other. Register reads
    around the scope's ranges are left out: they are there to be differenced with.
    """
    rows = judge_rows(scope.rows, meters, settings).withColumn("closed_at_utc", F.lit(None).cast("timestamp"))
    if scope.read_ranges:
        is_read = F.col("register_kwh").isNotNull() & F.col("rule_id").isNull()
        readings = difference(rows.where(is_read), scope.read_ranges, settings)
        rows = rows.where(~is_read).unionByName(readings)
    # Dealt out by month, rejected rows as well, so that bronze is read and judged once: the chain needs no other
    # shuffle, and the table is written a month to a task.
    months = judge_energy(rows).withColumn("interval_month", F.trunc("interval_start_utc", "month"))
    judged = chain_versions(months.repartition("interval_month")).drop("limit_kw")
    return one_place(judged) if scope.read_ranges else judged


def one_place(judged: DataFrame) -> DataFrame:
    """Register reads either with their readings or with their last rejection: a reading that was once right stays."""
    is_read = F.col("register_kwh").isNotNull()
    read = Window.partitionBy("file_id", "row_number")
    last = F.row_number().over(read.orderBy(F.desc("available_at_utc"), F.desc("interval_start_utc"))) == 1
    rejected, gave = F.col("rule_id").isNotNull(), F.min(F.col("rule_id").isNotNull()).over(read) == F.lit(False)
    placed = (
        judged.where(is_read)
        .withColumns({"gave": gave, "last": last})
        .where(~rejected | (~F.col("gave") & F.col("last")))
    )
    return judged.where(~is_read).unionByName(placed.drop("gave", "last"))


def quarantined(judged: DataFrame) -> DataFrame:
    """Rows of silver.quarantine among the judged."""
    rows = judged.where(F.col("rule_id").isNotNull())
    told = F.concat_ws(",", "meter_id", F.col("interval_start_utc").cast("string"), F.col("energy_kwh").cast("string"))
    return rows.withColumn("raw_row", F.coalesce("raw_row", told))


def accepted(judged: DataFrame) -> DataFrame:
    """Rows of silver.readings among the judged."""
    return judged.where(F.col("rule_id").isNull())
