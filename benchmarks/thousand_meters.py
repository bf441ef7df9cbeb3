"""Seconds of a night's forecasts of 1,000 meters in a running Spark session: a full ensemble and both naives.

    python -m benchmarks.thousand_meters

Simulates the meters' 60 days, runs the jobs up to a champion, then times `forecast` of one night, three times.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import date

from benchmarks.measure import machine, measured
from energy_lib.intervals import Period
from energy_lib.lake import open_session
from energy_lib.models.config import load_config
from jobs import build_features, clean, forecast, ingest, simulate, train, write_shards

METERS = 1_000
DAYS = 60
NIGHT = Period.day(date(2024, 2, 29))
FEATURES_PERIOD = Period(date(2024, 2, 1), date(2024, 2, 29))
SETTINGS = (
    f"simulate.meters={METERS}",
    f"simulate.days={DAYS}",
    "simulate.first_date=2024-01-01",
    "training.model=ensemble",
    # As many trees as a long history would grow.
    "training.boosting.patience=1000",
    "training.boosting.most_hours=100000",
    "training.validation_days=3",
    "training.backtest_days=3",
)


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as scratch:
        places = (f"lake={scratch}/lake", f"landing={scratch}/landing")
        config, _ = load_config("conf/local.yaml", [*places, *SETTINGS])
        spark = open_session(config.spark)
        for run, period in (
            (simulate.run, NIGHT),
            (ingest.run, NIGHT),
            (clean.run, NIGHT),
            (build_features.run, FEATURES_PERIOD),
            (write_shards.run, NIGHT),
            (train.run, NIGHT),
        ):
            with measured(run.__module__, METERS * DAYS * 24):
                outcome = run(spark, config, period)
        print("\n".join(outcome.lines))
        for _ in range(3):
            with measured(f"forecast of {METERS} meters"):
                outcome = forecast.run(spark, config, NIGHT)
        print("\n".join(outcome.lines))


if __name__ == "__main__":
    main()
