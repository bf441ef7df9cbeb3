"""Rolling and lag features of 300 meters × 17,520 hours, from Parquet to Parquet: Arrow UDFs against other ways.

The features: lags of 24, 48 and 168 h; mean, standard deviation, minimum and maximum over 24 h and 168 h, lagged by
24 h; hour, weekday and month. The other ways: a pandas UDF that returns its input (`floor`), Spark's native windows,
plain pandas, Polars. Each runs in the same session, one after the other. Prints seconds, rows/s and CPU seconds.

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
# How Spark writes, for every way alike. Measurements seldom repeat, so a dictionary of them would not pay, and no
# reader prunes by their minimum or maximum.
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
    """Spark's own windows. They count rows, so they are right only for series without a missing hour."""
    meter = Window.partitionBy("meter_id").orderBy("interval_start_utc")
    energy, stamp = F.col("energy_kwh"), F.col("interval_start_utc")
    columns = {f"energy_lag_{lag}h": F.lag(energy, lag).over(meter) for lag in LAGS}
    functions = {"mean": F.mean, "std": F.stddev_pop, "min": F.min, "max": F.max}
    for hours in WINDOWS:
        frame = meter.rowsBetween(-LAG - hours + 1, -LAG)
        columns |= {f"energy_{name}_{hours}h_lag_{LAG}h": f(energy).over(frame) for name, f in functions.items()}
    columns |= {"hour": F.hour(stamp), "weekday": F.weekday(stamp), "month": F.month(stamp)}
    return rows.select("*", *(column.cast("float").alias(name) for name, column in columns.items()))


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
    stamp = frame["interval_start_utc"].dt
    frame["hour"], frame["weekday"], frame["month"] = stamp.hour, stamp.weekday, stamp.month
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
    stamp = pl.col("interval_start_utc").dt
    calendar = [stamp.hour().alias("hour"), stamp.weekday().alias("weekday"), stamp.month().alias("month")]
    rows = pl.scan_parquet(str(source / "*.parquet")).sort("meter_id", "interval_start_utc")
    rows.with_columns(*lagged.values(), *rolled, *calendar).collect().write_parquet(target)


def writing(transform: Callable[[DataFrame], DataFrame]) -> Callable[[DataFrame, Path], None]:
    """`transform`, written by Spark."""

    def run(rows: DataFrame, target: Path) -> None:
        transform(rows).write.mode("overwrite").options(**WRITE).parquet(str(target))

    return run


def ways(spark: SparkSession, source: Path, target: Path) -> dict[str, Callable[[], None]]:
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
    options = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="features_rolling_"))
    source, target = folder / "source", folder / "target"
    generate(source, options.meters, options.hours)
    spark = open_session(load_config(options.config)[0].spark)
    runs = ways(spark, source, target)
    # Warm up the JVM and the Python workers before anything is timed.
    for run in (writing(identity), ours, writing(native)):
        run(spark.read.parquet(str(source)).limit(100_000), target)
    timings: dict[str, tuple[float, float]] = {}
    for name in options.only.split(","):
        started, cpu_before = time.perf_counter(), cpu_seconds()
        runs[name]()
        timings[name] = (time.perf_counter() - started, cpu_seconds() - cpu_before)
        print(f"{name}: {timings[name][0]:.1f} s, {timings[name][1]:.1f} s of CPU", flush=True)
    report(timings, options.meters * options.hours)
    spark.stop()
    shutil.rmtree(folder)


def cpu_seconds() -> float:
    """CPU time of this process and its children (JVM, Python workers). Other load on the machine does not change it."""
    this_process = psutil.Process()
    times = [process.cpu_times() for process in (this_process, *this_process.children(recursive=True))]
    return float(sum(t.user + t.system for t in times))


def report(timings: dict[str, tuple[float, float]], rows: int) -> None:
    floor = timings.get("floor", (float("nan"), float("nan")))
    print(f"\n{rows:,} rows; {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    print("| who | seconds | rows/s | × floor | CPU s | × floor |\n| --- | --- | --- | --- | --- | --- |")
    for name, (wall, cpu) in timings.items():
        print(
            f"| {name} | {wall:.1f} | {rows / wall:,.0f} | {wall / floor[0]:.2f} | {cpu:.1f} | {cpu / floor[1]:.2f} |"
        )
    if {"ours", "native"} <= set(timings):
        print(f"\nours is {timings['native'][0] / timings['ours'][0]:.1f} × faster than native windows")


if __name__ == "__main__":
    main()
