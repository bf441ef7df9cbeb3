"""Write the landing files of a small simulated utility, the usual dirt included, and the truth beside them."""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import main
from energy_lib.intervals import Period
from energy_lib.lake import Outcome
from energy_lib.simulation import simulate


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """The span is `simulate.first_date` and `simulate.days`, whatever the period; the lake is not touched."""
    done = simulate(config.simulate, config.landing)
    dirt = ", ".join(f"{kind} {count:,}" for kind, count in done.dirt.items()) or "none"
    return Outcome(
        rows_out=done.rows,
        lines=[
            f"{done.rows:,} readings of {config.simulate.meters:,} meters in {done.files:,} files in {config.landing}.",
            f"Dirt: {dirt}.",
        ],
    )


if __name__ == "__main__":
    sys.exit(main("simulate", "Write a simulated utility's landing files.", run, writes=False))
