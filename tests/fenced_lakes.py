"""A small table, and a successor that takes the lease and fences the tables off."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.lake import Lake
from energy_lib.tables import Table, ops
from energy_lib.tables.table import required

TOYS = Table(
    layer="silver",
    name="toys",
    comment="Toys",
    columns=(required("toy_id", "string", "Toy"), required("price", "double", "Price")),
    key=("toy_id",),
    cluster_by=("toy_id",),
    change_feed=True,
)


def toys(lake: Lake, toy: str, slow_seconds: float = 0) -> DataFrame:
    def waited(price: float) -> float:
        time.sleep(slow_seconds)
        return price

    frame = lake.spark.createDataFrame([(toy, 1.0)], "toy_id string, price double")
    return frame.withColumn("price", F.udf(waited, "double")("price")) if slow_seconds else frame


def overtaken(lake: Lake, token: int) -> None:
    """Another run takes the lease and fences the tables, as after two minutes of silence of this one."""
    version, rows = lake.small_tables.version_and_rows(ops.LEASES)
    row = {**rows[0], "holder": "successor", "token": token, "renewed_at_utc": datetime.now(UTC)}
    lake.small_tables.replace(ops.LEASES, [row], version)
    lake.fence_off(token)


def content(lake: Lake) -> list[str]:
    return sorted(row["toy_id"] for row in lake.read(TOYS).collect())
