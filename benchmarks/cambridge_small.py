"""A part of Cambridge Estates: 30 meters, two years, from landing files to the scores of a 30-day backtest.

    python -m benchmarks.cambridge_small --data ../shared/data/cambridge

One session runs ingest, clean, build_features, write_shards, train (on what was known before the period) and backtest
over 2022-12-01 … 2022-12-30. Prints seconds, rows per second and peak memory of each job, and the scores.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import date
from pathlib import Path

from benchmarks.landing import land_files
from benchmarks.measure import machine, measured
from energy_lib.intervals import Period
from energy_lib.lake import open_session
from energy_lib.models.config import load_config
from jobs import backtest, build_features, clean, ingest, train, write_shards

TRAINING_NIGHT = Period.day(date(2022, 12, 1))
BACKTEST_PERIOD = Period(date(2022, 12, 1), date(2022, 12, 30))
READINGS = 525_600


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", required=True, type=Path, help="folder that holds small/")
    arguments.add_argument("--lake", help="where to put the lake (default: a temporary folder)")
    arguments.add_argument("--config", default="conf/models/dense.yaml")
    arguments.add_argument("--set", action="append", default=[])
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        land_files(options.data / "small", Path(scratch) / "landing" / "cambridge")
        lake = options.lake or f"{scratch}/lake"
        settings = [f"lake={lake}", f"landing={scratch}/landing", *options.set]
        config, _ = load_config(options.config, settings)
        spark = open_session(config.spark)
        started = time.perf_counter()
        print(machine())
        steps = (
            ("ingest", ingest.run, BACKTEST_PERIOD, READINGS),
            ("clean", clean.run, BACKTEST_PERIOD, READINGS),
            ("build_features", build_features.run, BACKTEST_PERIOD, READINGS),
            ("write_shards", write_shards.run, TRAINING_NIGHT, 0),
            ("train", train.run, TRAINING_NIGHT, 0),
            ("backtest", backtest.run, BACKTEST_PERIOD, 0),
        )
        for name, run, period, rows in steps:
            with measured(name, rows):
                outcome = run(spark, config, period)
        print(f"landing to scores: {time.perf_counter() - started:.0f} s")
        print("\n".join(outcome.lines))


if __name__ == "__main__":
    main()
