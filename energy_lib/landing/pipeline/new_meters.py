"""Meters that are first seen in readings, registered where the source's key `meters` describes them."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.lake import Lake
from energy_lib.lake.spark_schemas import spark_schema
from energy_lib.landing.sources.source import Source
from energy_lib.landing.sources.yaml_sections import FromReadings
from energy_lib.tables import silver

REGISTERED_BY = "readings"


def register_meters(lake: Lake, rows: DataFrame, sources: dict[str, Source]) -> int:
    """Insert the meters of bronze rows that silver.meters does not have; returns how many there were.

    Floor areas come from silver.buildings, where the building is known. A registry's rows are never touched.
    """
    registered = {name: s.meters for name, s in sources.items() if isinstance(s.meters, FromReadings)}
    if not registered:
        return 0
    strangers = unknown_meters(lake, rows.where(F.col("source").isin(sorted(registered))))
    buildings = lake.read_or_empty(silver.BUILDINGS).select("building_id", "floor_area_m2")
    new = strangers.join(F.broadcast(buildings), "building_id", "left")
    columns = silver.METERS.column_names
    meters = []
    for row in new.collect():
        known = registered[row["source"]].model_dump()
        meters.append({**dict.fromkeys(columns), **row.asDict(), **known, "registered_by": REGISTERED_BY})
    if meters:
        frame = lake.spark.createDataFrame(
            [tuple(meter[column] for column in columns) for meter in meters], spark_schema(silver.METERS)
        )
        lake.upsert(silver.METERS, frame, insert_only=True)
    return len(meters)


def unknown_meters(lake: Lake, rows: DataFrame) -> DataFrame:
    """Meters of parsed bronze rows that silver.meters does not have: meter_id, fuel, flow, building_id, source."""
    parsed = rows.where(F.col("meter_id").isNotNull() & F.col("rule_id").isNull())
    seen = parsed.groupBy("meter_id").agg(
        *(F.min(name).alias(name) for name in ("fuel", "flow", "building_id", "source"))
    )
    return seen.join(lake.read_or_empty(silver.METERS).select("meter_id"), "meter_id", "left_anti")
