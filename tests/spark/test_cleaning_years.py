"""The years that cleaning takes for times: those that landing takes (tests/unit/test_landing_years.py)."""

from __future__ import annotations

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from energy_lib.cleaning.spark.row_rules import has_time


def test_a_time_is_of_the_years_1900_to_2200(spark: SparkSession) -> None:
    stamps = {
        "1899-12-31 23:59:59.999999": False,
        "1900-01-01 00:00:00": True,
        "2200-12-31 23:59:59.999999": True,
        "2201-01-01 00:00:00": False,
        "": False,
    }
    texts = spark.createDataFrame([(text,) for text in stamps], "text string")
    read = texts.withColumn("interval_start_utc", F.try_to_timestamp("text"))
    assert {row["text"]: row["found"] for row in read.select("text", has_time().alias("found")).collect()} == stamps
