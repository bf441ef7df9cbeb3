"""What cleaning would say of some rows by themselves, in lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.cleaning.spark.judgement import judge, quarantined
from energy_lib.cleaning.spark.scope import everything
from energy_lib.config import CleaningConfig


def verdict(rows: DataFrame, meters: DataFrame, settings: CleaningConfig) -> Iterator[str]:
    """How many of bronze rows that parsed each rule would reject, with the first of them."""
    rejected = quarantined(judge(everything(rows), meters, settings))
    example = F.min(F.struct("row_number", "reason")).alias("first")
    found = rejected.groupBy("rule_id").agg(F.count("*").alias("rows"), example).collect()
    total = sum(row["rows"] for row in found)
    yield f"Of the rows that parse, cleaning would quarantine {total:,} (seen by themselves, without the lake's rows)."
    for row in sorted(found, key=lambda row: (-row["rows"], row["rule_id"])):
        yield f"  {row['rule_id']}: {row['rows']:,} rows"
        yield f"    row {row['first']['row_number']}: {row['first']['reason']}"
