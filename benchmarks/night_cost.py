"""The duration of a night after thirteen years of history, compared with the same night after one year.

    python -m benchmarks.night_cost --data ../shared/data/cambridge

Both lakes take the history up to 2022-12-26. Then nights are timed on each: every step but the training for one day of
143 meters, with the references of benchmarks.cambridge_answers. The first two nights of each lake take in the history
and warm up; they do not count.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
from pyspark.sql import SparkSession

from benchmarks.cambridge_answers import land_references
from benchmarks.landing import land_files
from benchmarks.measure import machine
from energy_lib.config import Config
from energy_lib.intervals import Period
from energy_lib.lake import open_session
from energy_lib.models.config import load_config
from jobs.nightly import STEPS, Kind

SOURCE = "cambridge_bench"
FIRST_NIGHT = date(2022, 12, 27)
TIMED = tuple(step for step in STEPS if step.kind is not Kind.TRAINING)
ANSWERS = {step.job for step in TIMED if step.kind is Kind.ANSWER}


def land(readings: pd.DataFrame, landing: Path, name: str) -> None:
    landing.mkdir(parents=True, exist_ok=True)
    readings.to_parquet(landing / f"readings-{name}.parquet", index=False)


def history(data: Path, landing: Path, first_year: int) -> pd.DataFrame:
    """Land the years before 2022 and 2022 up to the first night; returns the rest of 2022."""
    land_files(data / "bench", landing, lambda n: n.startswith("readings-") and first_year <= int(n[9:13]) < 2022)
    land_files(data / "bench", landing, lambda n: not n.startswith("readings-"))
    last = pd.read_parquet(data / "bench" / "readings-2022.parquet")
    before = last["ts_utc"] < pd.Timestamp(FIRST_NIGHT)
    land(last[before], landing, "2022")
    return last[~before]


def night(spark: SparkSession, config: Config, day: date) -> dict[str, float]:
    """Seconds of each step of one night."""
    seconds = {}
    for step in TIMED:
        started = time.perf_counter()
        step.run(spark, config, Period.day(day))
        seconds[step.job] = time.perf_counter() - started
    return seconds


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", required=True, type=Path, help="folder that holds bench/")
    arguments.add_argument("--nights", type=int, default=3, help="counted nights after the warm-up night")
    options = arguments.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as scratch:
        lakes, rests = {}, {}
        for years, first_year in ((1, 2022), (13, 2010)):
            landing = Path(scratch) / f"landing-{years}"
            land_references(landing)
            rests[years] = history(options.data, landing / SOURCE, first_year)
            lakes[years], _ = load_config("conf/local.yaml", [f"lake={scratch}/lake-{years}", f"landing={landing}"])
        spark = open_session(lakes[1].spark)
        counted: dict[int, list[dict[str, float]]] = {1: [], 13: []}
        for number in range(options.nights + 2):
            day = FIRST_NIGHT + timedelta(days=number)
            # In turn on both lakes, so that a change in the machine's speed affects both.
            for years, config in lakes.items():
                if number:
                    fresh = rests[years][rests[years]["ts_utc"].dt.date == day - timedelta(days=1)]
                    land(fresh, Path(config.landing) / SOURCE, str(day))
                seconds = night(spark, config, day)
                print(
                    f"{day} on {years:>2} years: {sum(seconds.values()):6.1f} s, of which {slowest(seconds)}",
                    flush=True,
                )
                if number > 1:
                    counted[years].append(seconds)
        report(counted)
        shutil.rmtree(scratch, ignore_errors=True)


def slowest(seconds: dict[str, float]) -> str:
    """The three steps that took longest."""
    ordered = sorted(seconds.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {took:.1f}" for name, took in ordered[:3])


def report(counted: dict[int, list[dict[str, float]]]) -> None:
    """Medians per step, of all answers and in total, and the ratio of thirteen years to one."""
    jobs = [step.job for step in TIMED]
    for name, parts in (*((job, {job}) for job in jobs), ("answers", ANSWERS), ("total", set(jobs))):
        median = {
            years: statistics.median(sum(night[part] for part in parts) for night in nights)
            for years, nights in counted.items()
        }
        print(
            f"{name:<16} 1 year {median[1]:6.1f} s   13 years {median[13]:6.1f} s   ratio {median[13] / median[1]:.2f}"
        )


if __name__ == "__main__":
    main()
