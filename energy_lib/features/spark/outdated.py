"""Rows of gold.features that other declarations made than these: where they are, to be computed anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from energy_lib.features.catalog import features_table
from energy_lib.features.spark.build import meter_facts
from energy_lib.features.spark.kernels import chunk_of
from energy_lib.lake import Lake

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class OriginRange:
    """Origins from `first` on and before `end`."""

    first: datetime
    end: datetime

    @property
    def condition(self) -> Column:
        return (F.col("origin_utc") >= F.lit(self.first)) & (F.col("origin_utc") < F.lit(self.end))

    @property
    def predicate(self) -> str:
        """As a predicate of Delta."""
        return f"origin_utc >= TIMESTAMP '{self.first.isoformat()}' AND origin_utc < TIMESTAMP '{self.end.isoformat()}'"


def outdated_ranges(lake: Lake, feature_set: str, chunk_days: int) -> list[OriginRange]:
    """Ranges of `chunk_days` days that hold a row of another feature set, the newest first.

    Files whose rows are all of this set are skipped by their statistics.
    """
    outdated = lake.read_or_empty(features_table()).where(F.col("feature_set") != feature_set)
    chunks = outdated.select(chunk_of("origin_utc", chunk_days).alias("chunk")).distinct().collect()
    length = timedelta(days=chunk_days)
    numbers = sorted((row["chunk"] for row in chunks), reverse=True)
    return [OriginRange(EPOCH + number * length, EPOCH + (number + 1) * length) for number in numbers]


def work_in(lake: Lake, origins: OriginRange) -> DataFrame:
    """(meter_id, origin_utc) of all rows in the range, with METER_COLUMNS beside."""
    pairs = lake.read(features_table()).where(origins.condition).select("meter_id", "origin_utc").distinct()
    return pairs.join(F.broadcast(meter_facts(lake)), "meter_id")
