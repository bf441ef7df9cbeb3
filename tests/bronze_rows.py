"""Bronze rows for tests of cleaning: the rows of one file, from a few values each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from energy_lib.lake import Lake, conform
from energy_lib.lake.spark_schemas import spark_schema
from energy_lib.tables import bronze, silver


def instant(text: str) -> datetime:
    """`2024-01-01 10:00` as aware UTC."""
    return datetime.fromisoformat(f"{text}+00:00")


def night(spark: SparkSession, file_id: str, landed: str, rows: Iterable[dict[str, Any]]) -> DataFrame:
    """Rows of one file: meter_id, at (the stamp) and energy_kwh or register_kwh; other columns have usual values."""
    landed_at = instant(landed)
    tuples = []
    for number, values in enumerate(rows, start=1):
        row = dict.fromkeys(bronze.READINGS.column_names)
        row |= {"source": "test", "file_id": file_id, "row_number": number, "path": f"test/{file_id}.csv"}
        row |= {
            "landed_at_utc": landed_at,
            "landed_month": landed_at.date().replace(day=1),
            "available_at_utc": landed_at,
        }
        row |= {"interval_minutes": None if "register_kwh" in values else 60, "fuel": "electricity"}
        row |= {k: v for k, v in values.items() if k != "at"}
        row |= {"interval_start_utc": instant(values["at"]) if "at" in values else None}
        tuples.append(tuple(row[name] for name in bronze.READINGS.column_names))
    return spark.createDataFrame(tuples, spark_schema(bronze.READINGS))


def land(lake: Lake, rows: DataFrame) -> None:
    lake.append(bronze.READINGS, rows)


def meters(lake: Lake, *ids: str, capacity_kw: float | None = None) -> None:
    frame = lake.spark.createDataFrame(
        [(i, "electricity", "Europe/London", capacity_kw, "registry") for i in ids],
        "meter_id string, fuel string, zone string, capacity_kw double, registered_by string",
    )
    lake.upsert(silver.METERS, conform(frame, silver.METERS))
