"""Clean (VEE): what is new in bronze.readings → silver.readings, silver.quarantine, silver.hourly_readings."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pyspark.sql import SparkSession

from energy_lib.cleaning.pipeline.clean import JOB, clean
from energy_lib.cleaning.pipeline.virtual_meters import compute_virtual_meters
from energy_lib.config import Config
from energy_lib.entry import run_job
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Validate the rows that came since the last run, and the rows they affect, whatever the period.

    Then compute the virtual meters' hours of which a register changed.
    """
    lake = Lake(spark, config.lake)
    outcome = clean(lake, config, period)
    compute_virtual_meters(lake, config.cleaning, outcome)
    return outcome


def main(argv: Sequence[str] | None = None) -> int:
    return run_job(JOB, "Clean what is new in bronze into silver, and estimate the gaps of the hourly view.", run, argv)


if __name__ == "__main__":
    sys.exit(main())
