"""What cleaning would reject among some rows by themselves, as lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.cleaning.hourly_grid import HOUR_MINUTES
from energy_lib.cleaning.spark.validation import accepted, quarantined, validate
from energy_lib.cleaning.spark.validation_scope import all_rows
from energy_lib.config import CleaningConfig


def rejection_lines(rows: DataFrame, meters: DataFrame, settings: CleaningConfig) -> Iterator[str]:
    """How many of `rows` (bronze rows that parsed) each rule would reject, with the first row of each.

    And how many readings are longer than an hour, so that their hours will be estimates.
    """
    validated = validate(all_rows(rows), meters, settings).persist()
    rejected = quarantined(validated)
    first_row = F.min(F.struct("row_number", "reason")).alias("first")
    by_rule = rejected.groupBy("rule_id").agg(F.count("*").alias("rows"), first_row).collect()
    total = sum(row["rows"] for row in by_rule)
    yield f"Of the rows that parse, cleaning would quarantine {total:,} (seen by themselves, without the lake's rows)."
    for row in sorted(by_rule, key=lambda row: (-row["rows"], row["rule_id"])):
        yield f"  {row['rule_id']}: {row['rows']:,} rows"
        yield f"    row {row['first']['row_number']}: {row['first']['reason']}"
    yield from _long_lines(accepted(validated))
    validated.unpersist()


def _long_lines(readings: DataFrame) -> Iterator[str]:
    minutes = F.col("interval_minutes")
    sums = (F.count("*").alias("count"), F.max(minutes).alias("longest"), F.sum("energy_kwh").alias("kwh"))
    row = readings.where(minutes > HOUR_MINUTES).agg(*sums).first()
    if row is not None and row["count"]:
        yield (
            f"{row['count']:,} readings are longer than an hour, the longest {row['longest'] / HOUR_MINUTES:,.0f} "
            f"hours: they are kept whole ({row['kwh']:,.2f} kWh), and the hourly view spreads them evenly as estimates."
        )
