"""Rolling and lag features, 300 meters × 17,520 hours, Parquet to Parquet: ours, the floor, native windows, others.

The task of DESIGN section 7: lags of 24, 48 and 168 h; mean, deviation, minimum and maximum over 24 h and 168 h lagged
by 24 h; hour, weekday and month. Each contestant runs in the same session, one after the other.

    python benchmarks/features_rolling.py [--meters 300] [--hours 17520] [--only ours,floor,…]
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import psutil
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from benchmarks.rolling_panels import Rolling
from benchmarks.rolling_panels_spark import rolling_files
from energy_lib.features.calendar import Place
from energy_lib.lake import open_session
from energy_lib.models.config import load_config

LAGS, WINDOWS, LAG = (24, 48, 168), (24, 168), 24
STATISTICS = ("mean", "std", "min", "max")
ROLLING = (
    *(Rolling("energy_kwh", lag) for lag in LAGS),
    *(Rolling("energy_kwh", LAG, window, statistic) for window in WINDOWS for statistic in STATISTICS),
)
CALENDAR = ("hour", "weekday", "month")
# How all of Spark's contestants write: measurements seldom repeat, so a dictionary of them is built for nothing, and
# nobody prunes by their least and greatest value.
WRITE = {
    "parquet.enable.dictionary": "false",
    "parquet.enable.dictionary#meter_id": "true",
    "parquet.column.statistics.enabled": "false",
    "parquet.column.statistics.enabled#meter_id": "true",
    "parquet.column.statistics.enabled#interval_start_utc": "true",
}


def generate(path: Path, meters: int, hours: int) -> None:
    """A seasonal series a meter, with noise; one Parquet file for each of eight parts."""
    rng = np.random.default_rng(7)
    stamps = pd.date_range("2021-01-01", periods=hours, freq="h", tz="UTC")
    season = 2 + np.sin(2 * np.pi * np.arange(hours) / 24) + 0.5 * np.sin(2 * np.pi * np.arange(hours) / 168)
    path.mkdir(parents=True)
    for part, ids in enumerate(np.array_split(np.arange(meters), 8)):
        frames = [
            pd.DataFrame(
                {
                    "meter_id": f"meter-{i:05d}",
                    "interval_start_utc": stamps,
                    "energy_kwh": season * rng.lognormal() + rng.random(hours),
                }
            )
            for i in ids
        ]
        if frames:
            pd.concat(frames).to_parquet(path / f"part-{part}.parquet", coerce_timestamps="us", index=False)


def identity(rows: DataFrame) -> DataFrame:
    return rows.groupBy("meter_id").applyInPandas(lambda frame: frame, rows.schema)


def ours(rows: DataFrame, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    rolling_files(rows, target, ROLLING, CALENDAR, place=Place("UTC"), horizon_hours=24, chunk_days=366)


def native(rows: DataFrame) -> DataFrame:
    """Spark's own windows; right only because no hour is missing here."""
    meter = Window.partitionBy("meter_id").orderBy("interval_start_utc")
    energy, at = F.col("energy_kwh"), F.col("interval_start_utc")
    made = {f"energy_lag_{lag}h": F.lag(energy, lag).over(meter) for lag in LAGS}
    functions = {"mean": F.mean, "std": F.stddev_pop, "min": F.min, "max": F.max}
    for hours in WINDOWS:
        frame = meter.rowsBetween(-LAG - hours + 1, -LAG)
        made |= {f"energy_{name}_{hours}h_lag_{LAG}h": f(energy).over(frame) for name, f in functions.items()}
    made |= {"hour": F.hour(at), "weekday": F.weekday(at), "month": F.month(at)}
    return rows.select("*", *(column.cast("float").alias(name) for name, column in made.items()))


def plain_pandas(source: Path, target: Path) -> None:
    frame = pd.read_parquet(source).sort_values(["meter_id", "interval_start_utc"])
    energy = frame.groupby("meter_id", sort=False)["energy_kwh"]
    for lag in LAGS:
        frame[f"energy_lag_{lag}h"] = energy.shift(lag)
    lagged = frame.groupby("meter_id", sort=False)[f"energy_lag_{LAG}h"]
    for hours in WINDOWS:
        rolling = lagged.rolling(hours, min_periods=1)
        for statistic in STATISTICS:
            frame[f"energy_{statistic}_{hours}h_lag_{LAG}h"] = getattr(rolling, statistic)().to_numpy()
    at = frame["interval_start_utc"].dt
    frame["hour"], frame["weekday"], frame["month"] = at.hour, at.weekday, at.month
    frame.to_parquet(target)


def polars(source: Path, target: Path) -> None:
    lagged = {lag: pl.col("energy_kwh").shift(lag).over("meter_id").alias(f"energy_lag_{lag}h") for lag in LAGS}
    rolled = [
        getattr(pl.col("energy_kwh").shift(LAG), f"rolling_{statistic}")(hours, min_samples=1)
        .over("meter_id")
        .alias(f"energy_{statistic}_{hours}h_lag_{LAG}h")
        for hours in WINDOWS
        for statistic in STATISTICS
    ]
    at = pl.col("interval_start_utc").dt
    calendar = [at.hour().alias("hour"), at.weekday().alias("weekday"), at.month().alias("month")]
    rows = pl.scan_parquet(str(source / "*.parquet")).sort("meter_id", "interval_start_utc")
    rows.with_columns(*lagged.values(), *rolled, *calendar).collect().write_parquet(target)


def writing(transform: Callable[[DataFrame], DataFrame]) -> Callable[[DataFrame, Path], None]:
    """`transform`, written by Spark."""

    def run(rows: DataFrame, target: Path) -> None:
        transform(rows).write.mode("overwrite").options(**WRITE).parquet(str(target))

    return run


def contestants(spark: SparkSession, source: Path, target: Path) -> dict[str, Callable[[], None]]:
    def in_spark(run: Callable[[DataFrame, Path], None]) -> Callable[[], None]:
        return lambda: run(spark.read.parquet(str(source)), target)

    return {
        "floor": in_spark(writing(identity)),
        "ours": in_spark(ours),
        "native": in_spark(writing(native)),
        "pandas": lambda: plain_pandas(source, target.with_suffix(".pandas")),
        "polars": lambda: polars(source, target.with_suffix(".polars")),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--meters", type=int, default=300)
    arguments.add_argument("--hours", type=int, default=17_520)
    arguments.add_argument("--only", default="floor,ours,native,pandas,polars")
    arguments.add_argument("--config", default="conf/local.yaml")
    given = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="features_rolling_"))
    source, target = folder / "source", folder / "target"
    generate(source, given.meters, given.hours)
    spark = open_session(load_config(given.config)[0].spark)
    runs = contestants(spark, source, target)
    # Start the JVM's and the Python workers' machinery outside the clock, for all alike.
    for run in (writing(identity), ours, writing(native)):
        run(spark.read.parquet(str(source)).limit(100_000), target)
    taken: dict[str, tuple[float, float]] = {}
    for name in given.only.split(","):
        begun, used = time.perf_counter(), cpu_seconds()
        runs[name]()
        taken[name] = (time.perf_counter() - begun, cpu_seconds() - used)
        print(f"{name}: {taken[name][0]:.1f} s, {taken[name][1]:.1f} s of CPU", flush=True)
    report(taken, given.meters * given.hours)
    spark.stop()
    shutil.rmtree(folder)


def cpu_seconds() -> float:
    """CPU time of this process and all below it (JVM, Python workers), which a busy machine does not stretch."""
    here = psutil.Process()
    times = [process.cpu_times() for process in (here, *here.children(recursive=True))]
    return float(sum(t.user + t.system for t in times))


def report(taken: dict[str, tuple[float, float]], rows: int) -> None:
    floor = taken.get("floor", (float("nan"), float("nan")))
    print(f"\n{rows:,} rows; {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    print("| who | seconds | rows/s | × floor | CPU s | × floor |\n| --- | --- | --- | --- | --- | --- |")
    for name, (wall, cpu) in taken.items():
        print(
            f"| {name} | {wall:.1f} | {rows / wall:,.0f} | {wall / floor[0]:.2f} | {cpu:.1f} | {cpu / floor[1]:.2f} |"
        )
    if {"ours", "native"} <= set(taken):
        print(f"\nours is {taken['native'][0] / taken['ours'][0]:.1f} × faster than native windows")


if __name__ == "__main__":
    main()
