"""A small lake of meters whose readings are corrected and come late."""

from __future__ import annotations

import numpy as np
import pandas as pd

from energy_lib.cleaning import hourly_view
from energy_lib.config import CleaningConfig
from energy_lib.lake import Lake
from energy_lib.lake.spark_schemas import spark_schema
from energy_lib.tables import silver

FIRST = pd.Timestamp("2023-03-01")
DAYS = 30


def reading_versions() -> pd.DataFrame:
    """Three meters; each day lands at 06:00 the next day; m1 is corrected later, m2 misses a day that comes late."""
    rng = np.random.default_rng(3)
    frames = []
    for meter in ("m1", "m2", "m3"):
        start = pd.date_range(FIRST, periods=24 * DAYS, freq="h")
        landed = start.normalize() + pd.Timedelta(days=1, hours=6)
        if meter == "m2":
            landed = landed.where(start.day != 20, landed + pd.Timedelta(days=4))
        frame = pd.DataFrame(
            {
                "meter_id": meter,
                "interval_start_utc": start,
                "energy_kwh": 5 + rng.random(len(start)).round(2),
                "available_at_utc": landed,
                "superseded_at_utc": pd.NaT,
            }
        )
        frames.append(frame)
    corrected = frames[0].iloc[24 * 10 : 24 * 10 + 5].copy()
    when = pd.Timestamp("2023-03-18 06:00")
    frames[0].loc[corrected.index, "superseded_at_utc"] = when
    frames.append(corrected.assign(energy_kwh=9.5, available_at_utc=when))
    rows = pd.concat(frames, ignore_index=True)
    return rows.assign(
        fuel="electricity",
        flow="import",
        interval_minutes=60,
        quality="measured",
        flags=[[] for _ in range(len(rows))],
        source="s",
        file_id="f",
        row_number=np.arange(len(rows)),
        landed_at_utc=rows["available_at_utc"],
        interval_month=rows["interval_start_utc"].dt.to_period("M").dt.to_timestamp().dt.date,
    )


def as_of(versions: pd.DataFrame, instant: pd.Timestamp) -> pd.DataFrame:
    """What silver.readings held at `instant`."""
    known = versions[versions["available_at_utc"] <= instant].copy()
    known.loc[known["superseded_at_utc"] > instant, "superseded_at_utc"] = pd.NaT
    return known


def publish(lake: Lake, versions: pd.DataFrame) -> None:
    current = versions[versions["superseded_at_utc"].isna()]
    hourly = pd.concat(hourly_view(rows, CleaningConfig()) for _, rows in current.groupby("meter_id"))
    for table, rows in ((silver.READINGS, versions), (silver.HOURLY, hourly)):
        plain = rows[list(table.column_names)].astype(object)
        lake.upsert(table, lake.spark.createDataFrame(plain.where(plain.notna(), None), spark_schema(table)))


def register_meters(lake: Lake) -> None:
    rows = [(m, "electricity", "Europe/London", "GB", "ENG", "registry") for m in ("m1", "m2", "m3", "silent")]
    names = "meter_id string, fuel string, zone string, country string, subdivision string, registered_by string"
    lake.upsert(silver.METERS, lake.spark.createDataFrame(rows, names))
