"""The kernels as grouped pandas UDFs: series cut into chunks of time, each with its reach in front."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from pyspark import Broadcast
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from energy_lib.cleaning.hourly import LONG_INTERVAL_HOURS, reach_back_hours
from energy_lib.cleaning.virtual_meters import VirtualMeter
from energy_lib.config import CleaningConfig
from energy_lib.features.arrays import epoch_hours
from energy_lib.features.calendar import Place
from energy_lib.features.catalog import features_table
from energy_lib.features.feature import FeatureSet
from energy_lib.features.feature_rows import feature_rows
from energy_lib.features.meter import Meter
from energy_lib.features.weather import WeatherBook
from energy_lib.lake.spark_schemas import spark_schema
from energy_lib.lake.table_files import WRITTEN_FILE, FileSink
from energy_lib.vocabulary import Flow

HOURLY_COLUMNS = (
    "interval_start_utc", "energy_kwh", "measured_kwh", "imputed_share", "available_at_utc", "suspect_from_utc",
)  # fmt: skip
VERSION_COLUMNS = (
    "register_id", "fuel", "flow", "interval_start_utc", "interval_minutes", "energy_kwh", "quality", "flags",
    "available_at_utc", "superseded_at_utc",
)  # fmt: skip
METER_COLUMNS = (
    "fuel", "flow", "zone", "country", "subdivision", "weather_location_id", "floor_area_m2", "latitude", "longitude",
    "capacity_kw",
)  # fmt: skip


def chunk_of(timestamp: str, chunk_days: int, ahead_hours: int = 0) -> Column:
    """Number of the chunk of UTC days that holds the time `ahead_hours` after column `timestamp`; integers are fast."""
    micros = f"(unix_micros({timestamp}) + {ahead_hours * 3_600_000_000}L)"
    return F.expr(f"CAST({micros} DIV {chunk_days * 86_400_000_000}L AS INT)")


def with_chunks(rows: DataFrame, chunk_days: int, reach_hours: int, end: str = "interval_start_utc") -> DataFrame:
    """Each row once for every chunk whose origins may look at it: its own, and those that begin within the reach.

    `end`: the column from which the reach counts.
    """
    first = chunk_of("interval_start_utc", chunk_days, 1)
    last = chunk_of(end, chunk_days, reach_hours)
    return rows.withColumn("chunk", F.explode(F.sequence(first, last)))


def between(rows: DataFrame, first: datetime, last: datetime) -> DataFrame:
    """Rows of intervals in [first, last), as literals that prune partitions and files."""
    month = (first.replace(day=1, hour=0, minute=0, second=0, microsecond=0)).date()
    pruned = rows.where((F.col("interval_start_utc") >= F.lit(first)) & (F.col("interval_start_utc") < F.lit(last)))
    if "interval_month" in rows.columns:
        pruned = pruned.where(
            (F.col("interval_month") >= F.lit(month)) & (F.col("interval_month") <= F.lit(last.date()))
        )
    return pruned


def features_frame(
    work: DataFrame,
    hourly: DataFrame,
    versions: DataFrame,
    weather: Broadcast[WeatherBook],
    features: FeatureSet,
    chunk_days: int,
    cleaning: CleaningConfig,
    late_hours: int = 0,
    virtual: Mapping[str, VirtualMeter] | None = None,
    sink: FileSink | None = None,
) -> DataFrame:
    """Rows of gold.features for `work`: one row a (meter_id, origin_utc), with METER_COLUMNS beside.

    With a `sink`, the workers write them there, a file for each meter and chunk, and the frame names the files.

    `hourly`: silver.hourly_readings and `versions`: silver.readings, both cut to what `work` may look at; `versions`
    only of the meters whose history was corrected or came out of order (see as_of.restate), with `register_id`, the
    meter that was read: a `virtual` meter has the versions of its registers. `late_hours`: see feature_rows.
    """
    rows = with_chunks(hourly.select("meter_id", *HOURLY_COLUMNS), chunk_days, features.reach_hours)
    # The reach of the hourly view is that of readings of a day; a longer one reaches as much further.
    longer = F.make_dt_interval(mins=F.greatest(F.col("interval_minutes") - LONG_INTERVAL_HOURS * 60, F.lit(0)))
    version_rows = with_chunks(
        versions.select("meter_id", *VERSION_COLUMNS, (F.col("interval_start_utc") + longer).alias("end")),
        chunk_days,
        version_reach_hours(features, cleaning),
        "end",
    ).drop("end")
    both = rows.withColumn("is_version", F.lit(False)).unionByName(
        version_rows.withColumn("is_version", F.lit(True)), allowMissingColumns=True
    )
    cut = work.withColumn("chunk", chunk_of("origin_utc", chunk_days))
    meter_chunks = F.broadcast(cut.select("meter_id", "chunk").distinct())
    schema = spark_schema(features_table()) if sink is None else WRITTEN_FILE
    return (
        cut.groupBy("meter_id", "chunk")
        .cogroup(both.join(meter_chunks, ["meter_id", "chunk"], "left_semi").groupBy("meter_id", "chunk"))
        .applyInPandas(_group_kernel(weather, features, cleaning, late_hours, virtual or {}, sink), schema)
    )


def version_reach_hours(features: FeatureSet, cleaning: CleaningConfig) -> int:
    """How far before an origin a reading of up to a day may begin that shapes the hourly view within the reach."""
    return features.reach_hours + reach_back_hours(cleaning)


def _group_kernel(
    weather: Broadcast[WeatherBook],
    features: FeatureSet,
    cleaning: CleaningConfig,
    late_hours: int,
    virtual: Mapping[str, VirtualMeter],
    sink: FileSink | None,
) -> Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame]:
    def compute(work: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
        computed = rows_of(work, rows)
        return computed if sink is None else sink.write_frame(computed)

    def rows_of(work: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
        if work.empty:
            return pd.DataFrame({name: [] for name in features_table().column_names})
        is_version = rows["is_version"].to_numpy(bool)
        versions = rows.loc[is_version, list(VERSION_COLUMNS)].rename(columns={"register_id": "meter_id"})
        hourly = rows.loc[~is_version, list(HOURLY_COLUMNS)] if len(versions) else rows
        origins = np.unique(epoch_hours(work["origin_utc"]))
        meter = meter_of(work.iloc[0])
        of = virtual.get(meter.meter_id)
        return feature_rows(features, meter, hourly, origins, weather.value, versions, cleaning, late_hours, of)

    return compute


def meter_of(row: pd.Series[Any]) -> Meter:
    """The meter of a row with `meter_id` and METER_COLUMNS."""
    attributes = {name: None if pd.isna(row[name]) else row[name] for name in METER_COLUMNS}
    return Meter(
        meter_id=row["meter_id"],
        fuel=str(attributes["fuel"]),
        place=Place(str(attributes["zone"]), attributes["country"], attributes["subdivision"]),
        flow=attributes["flow"] or Flow.IMPORT,
        weather_location_id=attributes["weather_location_id"],
        floor_area_m2=attributes["floor_area_m2"],
        latitude=attributes["latitude"],
        longitude=attributes["longitude"],
        capacity_kw=attributes["capacity_kw"],
    )
