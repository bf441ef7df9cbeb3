"""Landing files into the lake: each exactly once; a faulty one is reported, and the rest is ingested."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import partial

from pyspark.sql import SparkSession

from energy_lib.cleaning.spark.dry_run import rejection_lines
from energy_lib.config import Config
from energy_lib.entry import parser, start
from energy_lib.errors import EnergyError
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome, open_session
from energy_lib.landing.files.offered_files import Offer
from energy_lib.landing.pipeline.dry_run import preview
from energy_lib.landing.pipeline.dry_run_cleaning import preview_cleaning
from energy_lib.landing.pipeline.ingest import ingest
from energy_lib.landing.pipeline.proposal import proposal_lines
from energy_lib.landing.sources.pseudonymous import with_keys
from energy_lib.landing.sources.source import Source
from energy_lib.models.config import load_config


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Ingest all that is new in landing (of any day: a late file is news of the night that finds it)."""
    return ingest(Lake(spark, config.lake), config)


def dry_run(config_path: str | None, overrides: Sequence[str], file: str, source: str | None) -> int:
    """Show how a file would be read and cleaned; writes nothing, and starts Spark only where rows parse."""
    try:
        config, _ = load_config(config_path, overrides)
        for line in preview(file, source, config.sources_dir, partial(cleaning_lines, config)):
            print(line)
        return 0
    except EnergyError as error:
        print(f"ingest: {error}", file=sys.stderr)
        return error.exit_code


def propose(config_path: str | None, overrides: Sequence[str], files: Sequence[str]) -> int:
    """Propose a YAML for files of no source yet, and show how it would read them; writes nothing."""
    try:
        config, _ = load_config(config_path, overrides)
        for line in proposal_lines(files, partial(cleaning_lines, config)):
            print(line)
        return 0
    except EnergyError as error:
        print(f"ingest: {error}", file=sys.stderr)
        return error.exit_code


def cleaning_lines(config: Config, offer: Offer, source: Source) -> Iterator[str]:
    """What cleaning would reject of the file's readings; this is what starts Spark."""
    lake = Lake(open_session(config.spark), config.lake)
    return preview_cleaning(lake, offer, with_keys(source, config), partial(rejection_lines, settings=config.cleaning))


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser("ingest", "Bring new landing files into the lake.")
    arguments.add_argument("--dry-run", metavar="FILE", help="show how FILE would be read, and write nothing")
    arguments.add_argument("--source", metavar="NAME", help="of the dry run: the source whose YAML describes FILE")
    arguments.add_argument("--propose", metavar="FILE", nargs="+", help="propose a YAML for files of one new source")
    options = arguments.parse_args(argv)
    if options.propose:
        return propose(options.config, options.set, options.propose)
    if options.dry_run:
        return dry_run(options.config, options.set, options.dry_run, options.source)
    return start("ingest", options, run)


if __name__ == "__main__":
    sys.exit(main())
