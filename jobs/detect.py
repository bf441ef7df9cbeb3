"""Find what is wrong: stuck, dead, shifted and missing readings, and use that a meter's own past does not explain."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import run_job
from energy_lib.insights.anomalies.pipeline import JOB, detect_anomalies
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Bring gold.anomalies to what was known at each of the period's origins."""
    return detect_anomalies(Lake(spark, config.lake), config, period)


def main(argv: Sequence[str] | None = None) -> int:
    return run_job(JOB, "Find anomalies in the readings that are news.", run, argv)


if __name__ == "__main__":
    sys.exit(main())
