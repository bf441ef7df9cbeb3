"""The hourly view over Spark: the affected hours of the affected meters, a chunk of a meter at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from energy_lib.cleaning.gap_filling import METHODS
from energy_lib.cleaning.hourly import HOUR_US, NONE, hours_of, reach_ahead_hours, reach_back_hours
from energy_lib.cleaning.hourly_grid import QUALITIES, Readings
from energy_lib.cleaning.rules import FLAGS
from energy_lib.cleaning.spark.long_readings import (
    LONGEST_HOURS,
    current_readings,
    long_readings_into,
    with_long_reach,
)
from energy_lib.cleaning.spark.time_ranges import Range, months_within, within
from energy_lib.config import CleaningConfig
from energy_lib.vocabulary import Flow, Fuel

# Hours that one pandas group computes: two years in a first run, eight weeks in a night. It also reads the
# kernel's reach on both sides.
BULK_CHUNK_HOURS = 2 * 366 * 24
NIGHT_CHUNK_HOURS = 8 * 168
FUELS, FLOWS = tuple(map(str, Fuel)), tuple(map(str, Flow))
RESULT = (
    "meter_id string, fuel tinyint, flow tinyint, hour long, energy_kwh double, measured_kwh double, quality tinyint, "
    "imputed_share float, method tinyint, flags long, suspect_from long, available long"
)


@dataclass(frozen=True, slots=True)
class AffectedHours:
    """Which hours of which meters to compute.

    `meter_hours`: meter_id, chunk, low, high (hours since the epoch, both included), persisted.
    `hour_ranges`: the UTC ranges of these hours. `reading_ranges`: the UTC ranges of the readings they depend on.
    """

    meter_hours: DataFrame
    hour_ranges: list[Range]
    reading_ranges: list[Range]


def affected_hours(
    readings: DataFrame, chunk_hours: int, settings: CleaningConfig, last_hour: int
) -> AffectedHours | None:
    """The hours whose rows can have changed with `readings` that came, changed or went.

    `readings`: meter_id, interval_start_utc, interval_minutes (NULL of a rejected row). `last_hour`: hours since the
    epoch that no reading starts later than. None if there are no such hours.
    """
    back, ahead = reach_back_hours(settings), reach_ahead_hours(settings)
    hour = F.floor(F.unix_seconds("interval_start_utc") / 3600)
    length = F.ceil(F.greatest(F.coalesce("interval_minutes", F.lit(0)), F.lit(60)) / 60)
    days = readings.groupBy("meter_id", (F.floor(hour / 24) * 24).alias("day")).agg(F.max(length).alias("length"))
    # A reading reaches as far as it is long, and its value to the hours that look back at these.
    covered = F.col("day") + 24 + F.col("length")
    low, high = F.col("day") - ahead, F.least(covered + back, F.greatest(covered, F.lit(last_hour)))
    chunks = F.explode(F.sequence(F.floor(low / chunk_hours), F.floor(high / chunk_hours)))
    meter_hours = (
        days.where(low <= high)
        .select("meter_id", low.alias("low"), high.alias("high"), chunks.alias("chunk"))
        .groupBy("meter_id", "chunk")
        .agg(F.min("low").alias("low"), F.max("high").alias("high"))
        .select(
            "meter_id",
            "chunk",
            F.greatest("low", F.col("chunk") * chunk_hours).alias("low"),
            F.least("high", (F.col("chunk") + 1) * chunk_hours - 1).alias("high"),
        )
        .persist()
    )
    chunk_ends = meter_hours.groupBy("chunk").agg(F.min("low").alias("low"), F.max("high").alias("high")).collect()
    if not chunk_ends:
        return None
    hours = sorted((int(ends["low"]), int(ends["high"]) + 1) for ends in chunk_ends)
    return AffectedHours(meter_hours, _joined(hours), _joined([(low - back, high + ahead) for low, high in hours]))


def _joined(hour_ranges: list[tuple[int, int]]) -> list[Range]:
    """Sorted half-open ranges of hours, overlapping ones joined, as instants."""
    joined: list[list[int]] = []
    for low, high in hour_ranges:
        if joined and low <= joined[-1][1]:
            joined[-1][1] = max(high, joined[-1][1])
        else:
            joined.append([low, high])
    return [(_instant(low), _instant(high)) for low, high in joined]


def _instant(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * 3600, tz=UTC)


def hourly_rows(readings: DataFrame, affected: AffectedHours, settings: CleaningConfig) -> DataFrame:
    """Rows of silver.hourly_readings for the affected hours.

    `readings`: the whole of silver.readings, of which only the needed ranges are read.
    """
    back, ahead = reach_back_hours(settings), reach_ahead_hours(settings)
    chunks = affected.meter_hours.withColumn("first", F.col("low") - back)
    ranges = affected.reading_ranges
    into = long_readings_into(readings, chunks, ranges)
    if not into.isEmpty():
        # A long reading stands or falls with those that overlap it, so all that may are read.
        ranges = with_long_reach(ranges)
        deeper = F.when(F.col("reached"), F.col("first") - LONGEST_HOURS).otherwise(F.col("first"))
        chunks = chunks.join(into.withColumn("reached", F.lit(True)), ["meter_id", "chunk"], "left")
        chunks = chunks.withColumn("first", deeper).drop("reached")
    current = current_readings(readings, ranges)
    minute = F.floor(F.unix_seconds("interval_start_utc") / 60)
    coded = current.select(
        "meter_id",
        _code("fuel", FUELS).alias("fuel"),
        F.coalesce(_code("flow", FLOWS), F.lit(FLOWS.index(Flow.IMPORT))).cast("tinyint").alias("flow"),
        minute.alias("start"),
        F.col("interval_minutes").alias("minutes"),
        F.col("energy_kwh").alias("kwh"),
        _code("quality", tuple(map(str, QUALITIES))).alias("quality"),
        _flag_bits().alias("flags"),
        F.unix_micros("available_at_utc").alias("available"),
    )
    hour = F.floor(F.col("start") / 60)
    wanted = hour.between(F.col("first"), F.col("high") + ahead)
    grouped = coded.join(F.broadcast(chunks), on="meter_id").where(wanted).groupBy("meter_id", "chunk")
    return _decoded(grouped.applyInPandas(_kernel(settings), RESULT))


def obsolete_hours(hourly: DataFrame, affected: AffectedHours, computed: DataFrame) -> DataFrame:
    """Rows of silver.hourly_readings for affected hours that are not among the computed ones: they must go.

    `hourly`: the whole of silver.hourly_readings, of which only the needed ranges are read.
    """
    in_ranges = months_within("interval_month", affected.hour_ranges) & within(
        "interval_start_utc", affected.hour_ranges
    )
    published = hourly.where(in_ranges).join(F.broadcast(affected.meter_hours), on="meter_id")
    hour = F.floor(F.unix_seconds("interval_start_utc") / 3600)
    key = ["meter_id", "interval_start_utc"]
    in_chunk = published.where(hour.between(F.col("low"), F.col("high")))
    return in_chunk.join(computed.select(*key), on=key, how="left_anti")


def _kernel(settings: CleaningConfig) -> Callable[[tuple[Any, ...], pd.DataFrame], pd.DataFrame]:
    def compute(key: tuple[Any, ...], group: pd.DataFrame) -> pd.DataFrame:
        # Of the register reads of one minute the last crosses into the next.
        group = group.iloc[np.lexsort((group["minutes"], group["start"]))]
        fuel, flow = int(group["fuel"].iloc[0]), int(group["flow"].iloc[0])
        columns = {name: group[name].to_numpy(np.int64) for name in ("start", "minutes", "flags", "available")}
        readings = Readings(kwh=group["kwh"].to_numpy(), quality=group["quality"].to_numpy(np.int8), **columns)
        low, high = int(group["low"].iloc[0]), int(group["high"].iloc[0])
        hours = hours_of(readings, FUELS[fuel], settings, FLOWS[flow]).between(low, high)
        return pd.DataFrame(
            {"meter_id": key[0], "fuel": np.int8(fuel), "flow": np.int8(flow)}
            | {name: getattr(hours, name) for name in hours.__slots__}
        )

    return compute


def _decoded(rows: DataFrame) -> DataFrame:
    start = F.timestamp_micros(F.col("hour") * HOUR_US)
    # NaN is NumPy's way of saying that there is nothing; SQL's is NULL.
    energy, measured = (F.nanvl(F.col(name), F.lit(None).cast("double")) for name in ("energy_kwh", "measured_kwh"))
    return rows.select(
        "meter_id",
        _name("fuel", FUELS).alias("fuel"),
        _name("flow", FLOWS).alias("flow"),
        start.alias("interval_start_utc"),
        energy.alias("energy_kwh"),
        measured.alias("measured_kwh"),
        _name("quality", tuple(map(str, QUALITIES))).alias("quality"),
        "imputed_share",
        _name("method", METHODS).alias("imputed_by"),
        _flag_names().alias("flags"),
        F.when(F.col("suspect_from") != NONE, F.timestamp_micros("suspect_from")).alias("suspect_from_utc"),
        F.timestamp_micros("available").alias("available_at_utc"),
        F.trunc(start, "month").alias("interval_month"),
    )


def _code(name: str, names: tuple[str, ...]) -> Column:
    cases = [F.when(F.col(name) == text, F.lit(i)) for i, text in enumerate(names)]
    return F.coalesce(*cases).cast("tinyint")


def _name(name: str, names: tuple[str, ...]) -> Column:
    return F.coalesce(*(F.when(F.col(name) == i, F.lit(text)) for i, text in enumerate(names)))


def _flag_bits() -> Column:
    bits = (F.when(F.array_contains("flags", flag), 1 << i).otherwise(0) for i, flag in enumerate(FLAGS))
    return F.when(F.size("flags") == 0, 0).otherwise(reduce(lambda a, b: a + b, bits)).cast("long")


def _flag_names() -> Column:
    each = (F.when(F.col("flags").bitwiseAND(1 << i) != 0, F.lit(flag)) for i, flag in enumerate(FLAGS))
    return F.when(F.col("flags") == 0, F.array().cast("array<string>")).otherwise(F.array_compact(F.array(*each)))
