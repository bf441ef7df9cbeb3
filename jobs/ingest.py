"""Landing files into the lake: each exactly once, whatever is wrong with one told, the rest ingested."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pyspark.sql import SparkSession

from energy_lib.config import Config, load_config
from energy_lib.entry import parser, start
from energy_lib.errors import EnergyError
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.landing import ingest, preview


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Ingest all that is new in landing (of any day: a late file is news of the night that finds it)."""
    return ingest(Lake(spark, config.lake), config)


def dry_run(config_path: str | None, overrides: Sequence[str], file: str, source: str | None) -> int:
    """Show how a file would be read; needs no Spark and writes nothing."""
    try:
        config, _ = load_config(config_path, overrides)
        for line in preview(file, source, config.sources_dir):
            print(line)
        return 0
    except EnergyError as error:
        print(f"ingest: {error}", file=sys.stderr)
        return error.exit_code


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
