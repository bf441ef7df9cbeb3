"""Validation: from bronze rows to accepted readings and rejected rows, by row rules, registers and versions.

Pure functions of frames. `pipeline.py` beside this folder reads and publishes.
"""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from energy_lib.cleaning.spark.registers import difference_reads
from energy_lib.cleaning.spark.row_rules import validate_energy, validate_rows
from energy_lib.cleaning.spark.validation_scope import ValidationScope
from energy_lib.cleaning.spark.versions import chain_versions
from energy_lib.config import CleaningConfig


def validate(scope: ValidationScope, meters: DataFrame, settings: CleaningConfig) -> DataFrame:
    """Every row of the scope with the columns of silver.readings, or with the `rule_id` and `reason` of its rejection.

    `rule_id` is NULL for an accepted row. A row comes once, except a register read with several readings, of which
    each closes the one before. Reads that the new ones cannot have changed are only differenced with: they are not in
    the result. `meters`: silver.meters.
    """
    rows = validate_rows(scope.rows, meters, settings).withColumn("closed_at_utc", F.lit(None).cast("timestamp"))
    if scope.register_news:
        is_read = F.col("register_kwh").isNotNull() & F.col("rule_id").isNull()
        readings = difference_reads(rows.where(is_read), scope.register_news, settings)
        rows = rows.where(~is_read).unionByName(readings)
    # Partitioned by month, rejected rows as well, so that bronze is read once: the versions need no other shuffle,
    # and the table is written a month to a task.
    by_month = validate_energy(rows).withColumn("interval_month", F.trunc("interval_start_utc", "month"))
    validated = chain_versions(by_month.repartition("interval_month")).drop("limit_kw", "has_capacity")
    return _one_outcome_per_read(validated) if scope.register_news else validated


def accepted(validated: DataFrame) -> DataFrame:
    """Rows of silver.readings among the validated rows."""
    return validated.where(F.col("rule_id").isNull())


def quarantined(validated: DataFrame) -> DataFrame:
    """Rows of silver.quarantine among the validated rows; those without a raw row show what they were parsed to."""
    rows = validated.where(F.col("rule_id").isNotNull())
    parsed = F.concat_ws(
        ",", "meter_id", F.col("interval_start_utc").cast("string"), F.col("energy_kwh").cast("string")
    )
    return rows.withColumn("raw_row", F.coalesce("raw_row", parsed))


def _one_outcome_per_read(validated: DataFrame) -> DataFrame:
    """Keep the readings of a register read that gave some, and only the last rejection of one that gave none."""
    is_read = F.col("register_kwh").isNotNull()
    of_read = Window.partitionBy("file_id", "row_number")
    newest_first = of_read.orderBy(F.desc("available_at_utc"), F.desc("interval_start_utc"))
    is_rejected = F.col("rule_id").isNotNull()
    outcomes = {
        "has_reading": F.min(is_rejected).over(of_read) == F.lit(False),
        "is_newest": F.row_number().over(newest_first) == 1,
    }
    reads = validated.where(is_read).withColumns(outcomes)
    kept = reads.where(~is_rejected | (~F.col("has_reading") & F.col("is_newest")))
    return validated.where(~is_read).unionByName(kept.drop(*outcomes))
