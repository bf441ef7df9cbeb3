"""All of Cambridge Estates: 9.65 million readings of 143 meters through ingest, clean and features.

    python -m benchmarks.cambridge_bench --data ../shared/data/cambridge

Prints seconds, rows per second and peak memory of driver and workers together for each step. Beside them: a plain copy
of the same Parquet files into a Delta table by Spark, and build_features once more over all the origins that are there.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import date
from pathlib import Path

from benchmarks.landing import land_files
from benchmarks.measure import machine, measured
from energy_lib.intervals import Period
from energy_lib.lake import open_session
from energy_lib.models.config import load_config
from jobs import build_features, clean, ingest

PERIOD = Period.day(date(2023, 1, 1))
EVERY_ORIGIN = Period(date(2010, 1, 1), date(2023, 1, 1))
READINGS = 9_650_568


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", required=True, type=Path, help="folder that holds bench/")
    arguments.add_argument("--lake", help="where to put the lake (default: a temporary folder)")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        land_files(options.data / "bench", Path(scratch) / "landing" / "cambridge_bench")
        lake = options.lake or f"{scratch}/lake"
        config, _ = load_config("conf/local.yaml", [f"lake={lake}", f"landing={scratch}/landing"])
        spark = open_session(config.spark)
        print(machine())
        files = f"{scratch}/landing/cambridge_bench/readings-*.parquet"
        with measured("plain copy into Delta", READINGS):
            spark.read.parquet(files).write.format("delta").save(f"{scratch}/copy")
        for name, run in (("ingest", ingest.run), ("clean", clean.run), ("build_features", build_features.run)):
            with measured(name, READINGS):
                run(spark, config, PERIOD)
        with measured("build_features again", READINGS):
            build_features.run(spark, config, EVERY_ORIGIN)


if __name__ == "__main__":
    main()
