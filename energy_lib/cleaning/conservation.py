"""Law 1: every bronze row ends in exactly one place."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

KEY = ("file_id", "row_number")


def unaccounted(bronze: DataFrame, readings: DataFrame, quarantine: DataFrame) -> DataFrame:
    """Bronze keys found not exactly once in silver.readings and silver.quarantine together; `places`: how often.

    Rejected files (row_number 0) have no bronze rows and are left out. An empty result is the proof.
    """
    ends = readings.select(*KEY).unionByName(quarantine.where(F.col("row_number") > 0).select(*KEY))
    marked = bronze.select(*KEY, F.lit(0).alias("places")).unionByName(ends.withColumn("places", F.lit(1)))
    counted = marked.groupBy(*KEY).agg(F.sum("places").alias("places"), F.count("*").alias("rows"))
    return counted.where((F.col("places") != 1) | (F.col("rows") != 2)).select(*KEY, "places")
