"""Virtual meters left out: their energy is that of other meters, and must not be counted or learnt from twice."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from energy_lib.lake import Lake
from energy_lib.tables import silver


def is_register() -> Column:
    """Of rows of silver.meters: whether the meter has readings of its own."""
    return F.col("registered_by") != silver.VIRTUAL


def virtual_ids(lake: Lake) -> frozenset[str]:
    """The virtual meters among silver.meters."""
    virtual = lake.small_tables.read(silver.METERS, ["meter_id"], f"registered_by = '{silver.VIRTUAL}'")
    return frozenset(virtual["meter_id"].to_pylist())


def registers_only(lake: Lake, rows: DataFrame) -> DataFrame:
    """`rows`, which have a `meter_id`, without those of virtual meters."""
    virtual = sorted(virtual_ids(lake))
    if not virtual:
        return rows
    ids = lake.spark.createDataFrame([(meter_id,) for meter_id in virtual], "meter_id string")
    return rows.join(F.broadcast(ids), "meter_id", "left_anti").select(*rows.columns)
