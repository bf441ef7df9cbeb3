"""Landing files into the lake: each exactly once, whatever is wrong with it told, the rest ingested."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import parser, start
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.landing import ingest


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Ingest all that is new in landing (of any day: a late file is news of the night that finds it)."""
    return ingest(Lake(spark, config.lake), config)


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser("ingest", "Bring new landing files into the lake.").parse_args(argv)
    return start("ingest", arguments, run)


if __name__ == "__main__":
    sys.exit(main())
