"""Features: what was known at each origin, for the (meter, origin)s that the news touched and for the period's."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import run_job
from energy_lib.features.pipeline import build_features
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Write the rows of the period's origins, and those of older origins that new readings or declarations change."""
    return build_features(Lake(spark, config.lake), config, period)


def main(argv: Sequence[str] | None = None) -> int:
    return run_job("build_features", "Compute the features that the news touched and the period needs.", run, argv)


if __name__ == "__main__":
    sys.exit(main())
