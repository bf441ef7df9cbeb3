"""Meters first seen in messages: registered by the night's ingest, since the stream holds no lease."""

from __future__ import annotations

from pyspark.sql import functions as F

from energy_lib.lake import Lake, progress, record_progress
from energy_lib.landing.pipeline.new_meters import register_meters
from energy_lib.landing.sources.allowed_values import Format
from energy_lib.landing.sources.source import Source
from energy_lib.landing.sources.yaml_sections import FromReadings
from energy_lib.tables import bronze

JOB = "register_streamed_meters"


def register_streamed_meters(lake: Lake, sources: dict[str, Source]) -> int:
    """Insert the meters that streams have brought since the last call; returns how many.

    Cleaning then releases their rows, which waited in quarantine if it ran before.
    """
    named = {
        name: source
        for name, source in sources.items()
        if source.format is Format.KAFKA and isinstance(source.meters, FromReadings)
    }
    if not named or not lake.exists(bronze.READINGS):
        return 0
    version = lake.version(bronze.READINGS)
    rows = lake.changes(bronze.READINGS, progress(lake, JOB, bronze.READINGS), until=version)
    new = register_meters(lake, rows.where(F.col("source").isin(sorted(named))), named)
    record_progress(lake, JOB, {bronze.READINGS: version})
    return new
