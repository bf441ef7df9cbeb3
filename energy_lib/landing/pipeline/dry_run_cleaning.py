"""The second half of a dry run: what cleaning would reject of a file's readings. Needs Spark, and writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.lake import Lake
from energy_lib.landing.files.offered_files import Offer
from energy_lib.landing.pipeline.new_meters import unknown_meters
from energy_lib.landing.pipeline.parse_tasks import parse_offers
from energy_lib.landing.sources.source import Source
from energy_lib.landing.sources.yaml_sections import FromReadings
from energy_lib.tables import silver

# Parsed readings and the known meters → the lines of what cleaning would reject.
Verdict = Callable[[DataFrame, DataFrame], Iterable[str]]


def preview_cleaning(lake: Lake, offer: Offer, source: Source, verdict: Verdict) -> Iterator[str]:
    """The verdict on the file's readings as if all their meters were known; and which meters are not."""
    rows = parse_offers(lake.spark, source.kind, [offer], {source.name: source}, {})
    rows = rows.where("row_number > 0 AND rule_id IS NULL").persist()
    registered = source.meters if isinstance(source.meters, FromReadings) else None
    capacity_kw = F.lit(registered.capacity_kw if registered else None).cast("double")
    strangers = unknown_meters(lake, rows).withColumn("capacity_kw", capacity_kw)
    columns = ("meter_id", "fuel", "flow", "capacity_kw")
    registers = lake.read_or_empty(silver.METERS).where(F.col("registered_by") != silver.VIRTUAL)
    meters = registers.select(*columns).unionByName(strangers.select(*columns))
    yield from verdict(rows, meters)
    unknown = [] if registered else sorted(row["meter_id"] for row in strangers.select("meter_id").collect())
    if unknown:
        yield (
            f"{len(unknown):,} of its meters are not in silver.meters (for instance {unknown[0]}): all their rows "
            "would wait in quarantine as unknown_meter until a source of meters names them."
        )
    rows.unpersist()
