"""Law 1: every bronze row ends in exactly one place, silver.readings or silver.quarantine."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.errors import NotConserved

KEY = ("file_id", "row_number")
EXAMPLES = 3


def unaccounted(bronze: DataFrame, readings: DataFrame, quarantine: DataFrame) -> DataFrame:
    """Bronze keys that are not exactly once in silver.readings and silver.quarantine together: an empty frame is proof.

    Columns out: file_id, row_number, places (how often the key was found). The readings of one register read, each
    closed by the next, count as one place. Rejected files (row_number 0) and rows of reference files have no bronze
    rows and are left out.
    """
    count = F.lit(1)
    sides = (
        bronze.select(*KEY, count.alias("raw"), F.col("register_kwh").isNotNull().alias("register")),
        readings.select(*KEY, count.alias("clean")),
        quarantine.where(F.col("row_number") > 0).select(*KEY, count.alias("rejected")),
    )
    marked = sides[0]
    for side in sides[1:]:
        marked = marked.unionByName(side, allowMissingColumns=True)
    sums = {name: F.coalesce(F.sum(name), F.lit(0)) for name in ("raw", "clean", "rejected")}
    by_key = marked.groupBy(*KEY).agg(*(s.alias(name) for name, s in sums.items()), F.max("register").alias("register"))
    clean = F.when(F.col("register"), F.least("clean", F.lit(1))).otherwise(F.col("clean"))
    by_key = by_key.withColumn("places", clean + F.col("rejected"))
    of_readings = (F.col("raw") > 0) | (F.col("clean") > 0)
    return by_key.where(of_readings & ((F.col("raw") != 1) | (F.col("places") != 1))).select(*KEY, "places")


def balance(bronze: DataFrame, readings: DataFrame, quarantine: DataFrame) -> DataFrame:
    """(file_id, rows, balanced) of each file of readings; balanced: its bronze rows cancel out against their outcomes.

    One line a file is shuffled, no row. A row that is missing or one too many leaves its hash in the XOR of all; one
    that comes twice too often leaves none, but is counted. Register reads with several readings do not balance, and
    are settled by `unaccounted`.
    """
    signs = ((bronze, 1), (readings.select(*KEY), -1), (quarantine.where(F.col("row_number") > 0).select(*KEY), -1))
    raw, clean, rejected = (
        frame.select(*KEY, F.lit(sign).alias("sign"), F.lit(n < 2).alias("of_readings"))
        for n, (frame, sign) in enumerate(signs)
    )
    files = raw.unionByName(clean).unionByName(rejected).groupBy("file_id")
    sums = files.agg(
        F.sum(F.when(F.col("sign") > 0, 1).otherwise(0)).alias("rows"),
        F.sum("sign").alias("surplus"),
        F.bit_xor(F.xxhash64("row_number")).alias("left"),
        F.max("of_readings").alias("of_readings"),
    )
    balanced = (F.col("surplus") == 0) & (F.col("left") == 0)
    return sums.where("of_readings").select("file_id", "rows", balanced.alias("balanced"))


def require_conserved(bronze: DataFrame, readings: DataFrame, quarantine: DataFrame) -> dict[str, Any]:
    """Prove that every row of `bronze` is in exactly one place; returns the ledger's entry. Raises NotConserved.

    `bronze`: the validated rows, with `register_kwh`. `readings`, `quarantine`: rows of these tables with the keys of
    the validated rows, and no others.
    """
    files = balance(bronze, readings, quarantine)
    unbalanced = F.collect_list(F.when(~F.col("balanced"), F.col("file_id")))
    total = files.agg(F.coalesce(F.sum("rows"), F.lit(0)).alias("rows"), unbalanced.alias("unbalanced")).first()
    assert total is not None
    if total["unbalanced"]:
        suspect_files = (
            frame.where(F.col("file_id").isin(total["unbalanced"])) for frame in (bronze, readings, quarantine)
        )
        misplaced = unaccounted(*suspect_files).persist()
        examples = misplaced.orderBy(*KEY).limit(EXAMPLES).collect()
        if examples:
            raise NotConserved(_sentence(misplaced.count(), total["rows"], [row.asDict() for row in examples]))
        misplaced.unpersist()
    return {"proof": "conservation", "success": True, "rows": total["rows"]}


def _sentence(count: int, rows: int, examples: list[dict[str, Any]]) -> str:
    shown = "; ".join(f"row {e['row_number']} of file {e['file_id']} in {e['places']}" for e in examples)
    return (
        f"{count} of {rows} raw rows are not in exactly one of silver.readings and silver.quarantine, for instance "
        f"{shown}: this is a bug, please report it; the run has not counted as done and judges the same rows again."
    )
