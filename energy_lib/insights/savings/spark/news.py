"""Which local days of which meters may have changed, by the change feeds of readings and weather."""

from __future__ import annotations

from datetime import datetime

from pyspark.sql import functions as F

from energy_lib.lake import Lake
from energy_lib.tables import Table

# Hours that changed, from the first to the last; by meter or weather location.
Ranges = dict[str, tuple[datetime, datetime]]


def changed_ranges(lake: Lake, table: Table, owner: str, after: int) -> Ranges:
    """First and last hour that came, changed or went since the version, by `owner` (meter_id or location_id)."""
    if after >= lake.version(table):
        return {}
    hours = lake.changes(table, after, deleted=True)
    start = "interval_start_utc"
    ranges = hours.groupBy(owner).agg(F.min(start).alias("first"), F.max(start).alias("last"))
    return {row[owner]: (row["first"], row["last"]) for row in ranges.toArrow().to_pylist()}
