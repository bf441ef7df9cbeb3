"""gold.features and the readings of the hours they forecast → a dataset of shards, published whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from energy_lib.config import Config
from energy_lib.encoding.slots import GROUP
from energy_lib.encoding.tensors import LEVEL, Encoding, fit
from energy_lib.errors import InputMissing
from energy_lib.shards.layout import place, spread
from energy_lib.shards.manifest import PARTS, Manifest, PartFile, dataset_id, shards_root
from energy_lib.shards.shard_file import shard_table, widths, write_shard
from energy_lib.shards.time_split import TimeSplit, origin_bounds

# The scaler is fitted to this many meter-days: enough for steady means, few enough for the driver's memory.
SCALER_GROUPS = 2000
MAX_ROWS_PER_FILE = 4096
STATS_SCHEMA = "path string, rows int, padding int, sha256 string"


def write_dataset(
    features: DataFrame,
    hourly: DataFrame,
    config: Config,
    split: TimeSplit,
    columns: tuple[str, ...],
    scaled_by_level: tuple[str, ...],
    feature_set: str,
    versions: dict[str, int],
) -> Manifest:
    """Write the shards of `split` and return their manifest; equal rows give the same dataset id and bytes.

    features: gold.features; hourly: silver.hourly_readings; columns: the features to learn from;
    scaled_by_level: those of them that are divided by the meter's level.
    """
    hours, seed = config.features.horizon_hours, config.training.seed
    rows = _trainable(features, config, split, feature_set)
    keys = {name: spread(frame, seed) for name, frame in _keys(rows, config, split).items()}
    _require(keys, split)
    sample = _sample(rows, keys["train"].head(SCALER_GROUPS), columns)
    encoding = fit(sample, columns, scaled_by_level, hours, feature_set)
    placed = _place(keys, config)
    working = shards_root(config) / "_writing"
    shutil.rmtree(working, ignore_errors=True)
    files = _write_files(_joined(rows, hourly, placed), encoding, working)
    manifest = Manifest(
        dataset_id=dataset_id(seed, split, encoding, files),
        seed=seed,
        split=split,
        encoding=encoding,
        columns=widths(encoding),
        files=files,
        row_groups_per_file=1,
        delta_versions=versions,
    )
    _publish(manifest, working, shards_root(config) / manifest.dataset_id)
    return manifest


def of_origins(features: DataFrame, config: Config, feature_set: str, first: date | None, last: date) -> DataFrame:
    """Rows of the feature set with origins on the days `first` (None: no bound) … `last`."""
    begin, end = origin_bounds(first, last, config.features.origin_hour_utc)
    origin = F.col("origin_utc")
    in_range = features.where((origin <= F.lit(end)) & (F.col("feature_set") == feature_set))
    return in_range if begin is None else in_range.where(origin >= F.lit(begin))


def known_target() -> Column:
    """kWh of hours that are measured in full and bear no flag; null for others, from which no model learns."""
    sound = (F.col("imputed_share") == 0) & (F.size("flags") == 0) & (F.col("quality") != "imputed")
    return F.when(sound, F.col("energy_kwh")).cast("float")


def _trainable(features: DataFrame, config: Config, split: TimeSplit, feature_set: str) -> DataFrame:
    rows = of_origins(features, config, feature_set, split.train_first, split.validation_last)
    return rows.where(F.col(LEVEL).isNotNull() & (F.col("horizon_hours") <= config.features.horizon_hours))


def _keys(rows: DataFrame, config: Config, split: TimeSplit) -> dict[str, pd.DataFrame]:
    """The groups of each part; groups between the parts belong to none."""
    groups = rows.where(F.col("horizon_hours") == 1).select(*GROUP).toPandas()
    day = pd.to_datetime(groups["origin_utc"]).dt.date
    train = day <= split.train_last
    validation = (day >= split.validation_first) & (day <= split.validation_last)
    return {"train": groups[train], "validation": groups[validation]}


def _require(keys: dict[str, pd.DataFrame], split: TimeSplit) -> None:
    for name in PARTS:
        if keys[name].empty:
            first, last = getattr(split, f"{name}_first") or "the first day", getattr(split, f"{name}_last")
            raise InputMissing(
                f"gold.features holds no meter-days for {name} ({first} to {last}): run build_features for those "
                "days, or shorten training.validation_days and training.backtest_days."
            )


def _sample(rows: DataFrame, keys: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """The rows of the keys that the encoding is fitted to."""
    sampled = rows.join(F.broadcast(_key_frame(rows, keys)), GROUP)
    frame = sampled.select(*GROUP, "horizon_hours", *columns).toPandas()
    # Sorted, because a sum's last digits depend on the order of its terms and the scaler must be reproducible.
    return frame.sort_values([*GROUP, "horizon_hours"], kind="stable")


def _place(keys: dict[str, pd.DataFrame], config: Config) -> pd.DataFrame:
    parts = [place(frame, _files(config, len(frame))).assign(part=name) for name, frame in keys.items()]
    return pd.concat(parts, ignore_index=True)


def _files(config: Config, rows: int) -> int:
    """A multiple of the workers, with files small enough for one task's memory."""
    training = config.training
    needed = -(-rows // (training.workers * MAX_ROWS_PER_FILE))
    return training.workers * max(training.row_groups_per_worker, needed)


def _key_frame(rows: DataFrame, keys: pd.DataFrame) -> DataFrame:
    return rows.sparkSession.createDataFrame(keys)


def _joined(rows: DataFrame, hourly: DataFrame, placed: pd.DataFrame) -> DataFrame:
    keys = _key_frame(rows, placed)
    targets = hourly.select("meter_id", "interval_start_utc", known_target().alias("target_kwh"))
    return rows.join(F.broadcast(keys), GROUP).join(targets, ["meter_id", "interval_start_utc"], "left")


def _write_files(joined: DataFrame, encoding: Encoding, working: Path) -> tuple[PartFile, ...]:
    """One file for each (part, file), written by the executors into a folder that all of them see."""
    root = str(working)
    needed = ["part", "file", "position", "padding", *GROUP, "horizon_hours", "target_kwh", *encoding.columns]

    def write(frame: pd.DataFrame) -> pd.DataFrame:
        part, number = frame["part"].iloc[0], int(frame["file"].iloc[0])
        name = f"{part}/part-{number:04d}.parquet"
        table = shard_table(frame, encoding)
        sha256 = write_shard(table, Path(root) / name)
        padding = int(frame.loc[frame["padding"], "position"].nunique())
        return pd.DataFrame([{"path": name, "rows": table.num_rows, "padding": padding, "sha256": sha256}])

    written: Iterator[Any] = iter(
        joined.select(*needed).groupBy("part", "file").applyInPandas(write, STATS_SCHEMA).collect()
    )
    return tuple(sorted((PartFile(*row) for row in written), key=lambda file: file.path))


def _publish(manifest: Manifest, working: Path, target: Path) -> None:
    if (target / "manifest.json").is_file():
        shutil.rmtree(working)
        return
    manifest.write(working)
    shutil.rmtree(target, ignore_errors=True)
    working.rename(target)
