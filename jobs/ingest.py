"""Landing files into the lake: each exactly once, whatever is wrong with one told, the rest ingested."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import partial

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from energy_lib.cleaning.spark.dry_run import verdict
from energy_lib.config import Config
from energy_lib.entry import parser, start
from energy_lib.errors import EnergyError
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome, open_session
from energy_lib.landing import ingest, preview
from energy_lib.landing.files.offers import Offer
from energy_lib.landing.pipeline.new_meters import unknown_meters
from energy_lib.landing.pipeline.parse_tasks import parse_offers
from energy_lib.landing.sources.source import FromReadings, Source
from energy_lib.models.config import load_config
from energy_lib.tables import silver


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Ingest all that is new in landing (of any day: a late file is news of the night that finds it)."""
    return ingest(Lake(spark, config.lake), config)


def dry_run(config_path: str | None, overrides: Sequence[str], file: str, source: str | None) -> int:
    """Show how a file would be read and cleaned; writes nothing, and starts Spark only where rows parse."""
    try:
        config, _ = load_config(config_path, overrides)
        for line in preview(file, source, config.sources_dir, partial(would_clean, config)):
            print(line)
        return 0
    except EnergyError as error:
        print(f"ingest: {error}", file=sys.stderr)
        return error.exit_code


def would_clean(config: Config, offer: Offer, source: Source) -> Iterator[str]:
    """What cleaning would say of the file's rows, with all their meters known; and which meters are not."""
    lake = Lake(open_session(config.spark), config.lake)
    rows = parse_offers(lake.spark, source.kind, [offer], {source.name: source}, {})
    rows = rows.where("row_number > 0 AND rule_id IS NULL").persist()
    said = source.meters if isinstance(source.meters, FromReadings) else None
    strangers = unknown_meters(lake, rows).withColumn("capacity_kw", F.lit(said and said.capacity_kw).cast("double"))
    columns = ("meter_id", "fuel", "capacity_kw")
    meters = lake.read_or_empty(silver.METERS).select(*columns).unionByName(strangers.select(*columns))
    yield from verdict(rows, meters, config.cleaning)
    unknown = [] if said else sorted(row["meter_id"] for row in strangers.select("meter_id").collect())
    if unknown:
        yield (
            f"{len(unknown):,} of its meters are not in silver.meters (for instance {unknown[0]}): all their rows "
            "would wait in quarantine as unknown_meter until a source of meters names them."
        )
    rows.unpersist()


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser("ingest", "Bring new landing files into the lake.")
    arguments.add_argument("--dry-run", metavar="FILE", help="show how FILE would be read, and write nothing")
    arguments.add_argument("--source", metavar="NAME", help="of the dry run: the source whose YAML describes FILE")
    given = arguments.parse_args(argv)
    if given.dry_run:
        return dry_run(given.config, given.set, given.dry_run, given.source)
    return start("ingest", given, run)


if __name__ == "__main__":
    sys.exit(main())
