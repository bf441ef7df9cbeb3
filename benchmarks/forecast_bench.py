"""The forecast benchmark on real meters, from landing to its table: ingest, clean, features, shards, train, backtest.

    python -m benchmarks.forecast_bench --data ../shared/data/cambridge --protocol ../shared/forecast_bench

Trains to 2022-08-31, validates on September 2022, and forecasts 2022-10-01 … 2022-12-14 without refit: every day for
24 h, every Monday for 168 h. It does so without weather (nowx), and with the actual weather as the forecast (wx, whose
scores are too good). Prints how long each job took. The table at the end has the protocol's metrics of the model and
of both seasonal naives, and the seconds that each whole training took.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from benchmarks.landing import land_files
from benchmarks.measure import machine, measured
from energy_lib.config import Config
from energy_lib.entry import Run
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome, open_session
from energy_lib.models.baselines import SEASONAL_NAIVES
from energy_lib.models.config import load_config
from energy_lib.shards.time_split import time_split
from energy_lib.tables import gold
from jobs import backtest, build_features, clean, ingest, train, write_shards

FIRST_YEAR = 2019
LAST_TEST_DAY = date(2022, 12, 14)
ISSUED_BEFORE = pd.Timedelta(days=8)
SHOWN = ("wape_pooled", "wape_median", "mase_mean", "cvrmse_median", "wql", "coverage_p10_p90", "coverage_median_meter")


@dataclass(frozen=True)
class Task:
    """One horizon: the protocol's task by fuel, the day to train for, the days to forecast, and config settings."""

    tasks: dict[str, str]
    trained_for: date
    period: Period
    settings: tuple[str, ...]


DAY_AHEAD = Task(
    {"electricity": "CAM-E", "gas": "CAM-G"},
    date(2022, 10, 1),
    Period(date(2022, 10, 1), LAST_TEST_DAY),
    ("features.horizon_hours=24", "training.validation_days=29", "training.backtest_days=1"),
)
WEEK_AHEAD = Task(
    {"electricity": "CAM-E168", "gas": "CAM-G168"},
    date(2022, 10, 3),
    Period(date(2022, 10, 3), date(2022, 12, 5)),
    (
        "features.horizon_hours=168",
        "features.origin_every_days=7",
        "training.validation_days=19",
        "training.backtest_days=1",
        "training.boosting.patience=null",  # four weeks say too little about when to stop
    ),
)
COMMON = ("training.model=ensemble", "sources_dir=benchmarks/sources")
TASKS = {"24": DAY_AHEAD, "168": WEEK_AHEAD}


def land_readings(data: Path, landing: Path) -> None:
    """Readings from FIRST_YEAR on, and the buildings."""
    folder = landing / "cambridge_bench"
    land_files(data / "bench", folder, lambda n: n.startswith("readings-") and int(n[9:13]) >= FIRST_YEAR)
    land_files(data / "bench", folder, lambda n: n.startswith("building"))


def land_weather(data: Path, landing: Path) -> None:
    """The weather as it was observed, and the same as a forecast issued ISSUED_BEFORE each hour."""
    folder = landing / "cambridge_bench"
    land_files(data / "bench", folder, lambda n: n.startswith("weather"))
    weather = pd.read_csv(data / "bench" / "weather.csv.gz", parse_dates=["datetime"])
    weather = weather[weather["datetime"] >= f"{FIRST_YEAR}-01-01"]
    pd.DataFrame(
        {
            "interval_start": weather["datetime"],
            "issued_at": weather["datetime"] - ISSUED_BEFORE,
            "temperature_c": weather["air_temperature [degC]"],
            "humidity_pct": weather["rltv_hum [%]"],
            "irradiance_w_m2": weather["glbl_irad_amt [W/m2]"],
        }
    ).to_csv(folder / "foreseen.csv", index=False)


def run_steps(spark: SparkSession, config: Config, steps: Sequence[tuple[str, Run, Period]]) -> dict[str, float]:
    """Run the jobs one by one, each measured under its name, and print the last one's lines; returns their seconds."""
    seconds = {}
    for name, run, period in steps:
        with measured(name) as measure:
            outcome = run(spark, config, period)
        seconds[name] = measure.seconds
    print("\n".join(outcome.lines), flush=True)
    return seconds


def cells(lake: Lake, task: Task, actuals: pd.DataFrame, model: str) -> pd.DataFrame:
    """The protocol's columns of a model's backtest, for the cells that are scored."""
    rows = lake.read(gold.FORECASTS).where((F.col("run_kind") == "backtest") & (F.col("model_name") == model))
    forecasts = rows.select(
        "fuel", "meter_id", F.col("origin_utc").alias("origin"), F.col("interval_start_utc").alias("ts_utc"),
        "p10", "p50", "p90",
    ).toPandas()  # fmt: skip
    forecasts["task"] = forecasts["fuel"].map(task.tasks)
    scored = actuals[["task", "meter_id", "origin", "ts_utc"]]
    return scored[scored["task"].isin(task.tasks.values())].merge(forecasts.drop(columns="fuel"))


def scores(protocol: Path, forecasts: pd.DataFrame, scratch: Path) -> dict[str, Any]:
    file = scratch / "forecasts.parquet"
    forecasts.to_parquet(file, index=False)
    command = [sys.executable, str(protocol / "score.py"), str(file)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout
    metrics_by_task: dict[str, Any] = json.loads(printed)
    return metrics_by_task


def median_coverage(forecasts: pd.DataFrame, actuals: pd.DataFrame) -> pd.Series:
    """By task: the share of scored hours within p10 … p90, of the median meter."""
    scored = actuals[actuals["scored"]].merge(forecasts, on=["task", "meter_id", "origin", "ts_utc"])
    within = scored["y"].between(scored["p10"], scored["p90"])
    return within.groupby([scored["task"], scored["meter_id"]]).mean().groupby("task").median()


def report(kind: str, lake: Lake, model: str, task: Task, protocol: Path, scratch: Path) -> list[str]:
    """The table's lines, which it also prints: the scores of the model and of both seasonal naives."""
    lines = []
    actuals = pd.read_parquet(protocol / "actuals.parquet")
    for name in (model, *SEASONAL_NAIVES):
        forecasts = cells(lake, task, actuals, name)
        coverage = median_coverage(forecasts, actuals)
        for task_name, metrics in scores(protocol, forecasts, scratch).items():
            shown = metrics | {"coverage_median_meter": coverage[task_name]}
            values = "  ".join(f"{column} {shown[column]:.4f}" for column in SHOWN)
            lines.append(f"{kind:<4} {task_name:<9} {name:<20} {values}")
    print("\n".join(lines), flush=True)
    return lines


def lake_of(options: argparse.Namespace, work: Path, kind: str) -> Path:
    """A lake of the kind's clean readings; built if it is not there. The lake of wx is that of nowx with weather."""
    lake, landing = work / f"lake-{kind}", work / f"landing-{kind}"
    if lake.exists():
        return lake
    if kind == "wx":
        copy_lake(lake_of(options, work, "nowx"), lake)
        land_weather(options.data, landing)
    else:
        land_readings(options.data, landing)
    config, _ = load_config("conf/local.yaml", [f"lake={lake}", f"landing={landing}", *COMMON, *options.set])
    steps = [("ingest", ingest.run, DAY_AHEAD.period), ("clean", clean.run, DAY_AHEAD.period)]
    run_steps(open_session(config.spark), config, steps)
    return lake


def copy_lake(lake: Path, to: Path) -> None:
    """Copy a lake. Data files of Delta tables never change, so they are linked; the logs are copied."""

    def link_or_copy(file: str, there: str) -> None:
        if "_delta_log" in file:
            shutil.copy2(file, there)
        else:
            os.link(file, there)

    shutil.copytree(lake, to, copy_function=link_or_copy)


def every_day(settings: Sequence[str], spark: SparkSession, _config: Config, period: Period) -> Outcome:
    """build_features for origins on every day, whatever the config says."""
    daily, _ = load_config("conf/local.yaml", [*settings, "features.origin_every_days=1"])
    return build_features.run(spark, daily, period)


def run_kind(options: argparse.Namespace, work: Path, kind: str, horizon: str) -> list[str]:
    """Features of all days, a training as of the task's day, the backtest without refit, and its scores."""
    base, lake, task = lake_of(options, work, kind), work / f"lake-{kind}-{horizon}", TASKS[horizon]
    if not lake.exists():
        copy_lake(base, lake)
    settings = [f"lake={lake}", f"landing={work / f'landing-{kind}'}", *COMMON, *options.set, *task.settings]
    config, _ = load_config("conf/local.yaml", settings)
    spark = open_session(config.spark)
    training_night = Period.day(task.trained_for)
    features = [("build_features", build_features.run, task.period)]
    if config.features.origin_every_days > 1:  # three Mondays are too few to calibrate by
        split = time_split(config, task.trained_for)
        validated = Period(split.validation_first, split.validation_last)
        features.append(("validation's features", partial(every_day, settings), validated))
    seconds = run_steps(
        spark,
        config,
        [
            *features,
            ("write_shards", write_shards.run, training_night),
            ("train", train.run, training_night),
            # By its name, because on other meters it may have lost the one day on which a champion is chosen.
            ("backtest", partial(backtest.run, models=[config.training.model]), task.period),
        ],
    )
    lines = report(kind, Lake(spark, str(lake)), config.training.model, task, options.protocol, work)
    return [*lines, f"{kind:<4} {horizon} h ahead: the whole training took {seconds['train']:,.0f} s"]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", required=True, type=Path, help="folder that holds bench/")
    arguments.add_argument("--protocol", required=True, type=Path, help="folder with actuals.parquet and score.py")
    arguments.add_argument("--work", type=Path, help="where to put the lakes (default: a temporary folder)")
    arguments.add_argument("--kinds", default="nowx,wx")
    arguments.add_argument("--horizons", default="24,168")
    arguments.add_argument("--set", action="append", default=[])
    options = arguments.parse_args()
    print(machine())
    work = options.work or Path(tempfile.mkdtemp(prefix="forecast_bench_"))
    table = []
    for kind in options.kinds.split(","):
        for horizon in options.horizons.split(","):
            table += run_kind(options, work, kind, horizon)
    print("\nThe table:", *table, sep="\n")
    if options.work is None:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
