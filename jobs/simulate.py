"""Write the landing files of a small simulated utility, with the usual faults, and the true readings beside them."""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import main
from energy_lib.intervals import Period
from energy_lib.lake import Outcome
from energy_lib.simulation import simulate


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Simulate `simulate.days` days from `simulate.first_date`; the period and the lake are not used."""
    written = simulate(config.simulate, config.landing)
    faults = ", ".join(f"{kind} {count:,}" for kind, count in written.faults.items()) or "none"
    return Outcome(
        rows_out=written.rows,
        lines=[
            f"{written.rows:,} readings of {config.simulate.meters:,} meters "
            f"in {written.files:,} files in {config.landing}.",
            f"Dirt: {faults}.",
        ],
    )


if __name__ == "__main__":
    sys.exit(main("simulate", "Write a simulated utility's landing files.", run, writes=False))
