"""Feature rows of made-up meters with a daily and a weekly shape, and small datasets of them, without Spark."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.encoding.tensors import LAGS, fit
from energy_lib.features import feature_columns, feature_set
from energy_lib.shards.layout import place, spread
from energy_lib.shards.manifest import Manifest, dataset_id
from energy_lib.shards.manifest import PartFile as File
from energy_lib.shards.shard_file import shard_table, widths, write_shard
from energy_lib.shards.time_split import TimeSplit

HOURS = 24
COLUMNS = tuple(column.name for column in feature_columns())
SCALED_BY_LEVEL = feature_set(24).scaled_by_level
FIRST = date(2024, 1, 1)


def series(meters: int, days: int, seed: int = 0) -> NDArray[np.float64]:
    """[meters, days, 24] kWh."""
    rng = np.random.default_rng(seed)
    scale = np.exp(rng.normal(1.5, 1.0, (meters, 1, 1)))
    hour = 1 + 0.6 * np.sin(2 * np.pi * (np.arange(24) - 8) / 24)
    week = np.where(np.arange(days) % 7 >= 5, 0.6, 1.0)
    noise = rng.normal(1, 0.1, (meters, days, 24))
    return np.asarray(scale * hour[None, None, :] * week[None, :, None] * noise)


def feature_rows(meters: int = 4, days: int = 60, seed: int = 0) -> pd.DataFrame:
    """gold.features rows with `target_kwh` for origins from day 28 on; what is not made up here is unknown."""
    energy = series(meters, days, seed)
    frames = []
    for meter in range(meters):
        for day in range(28, days):
            frames.append(_group(energy[meter], meter, day))
    rows = pd.concat(frames, ignore_index=True)
    return rows.reindex(columns=[*rows.columns, *(c for c in COLUMNS if c not in rows.columns)])


def _group(energy: NDArray[np.float64], meter: int, day: int) -> pd.DataFrame:
    origin = pd.Timestamp(FIRST) + pd.Timedelta(days=day)
    past = energy[day - 28 : day]
    hours = np.arange(HOURS)
    values = {
        "meter_id": f"m{meter}",
        "origin_utc": origin,
        "interval_start_utc": origin + pd.to_timedelta(hours, unit="h"),
        "fuel": "electricity",
        "horizon_hours": hours + 1,
        "target_kwh": energy[day].astype(np.float32),
        "level_28d": np.float32(np.abs(past).mean()),
        "energy_same_hour_of_week_mean_4w": past[[21, 14, 7, 0]].mean(axis=0).astype(np.float32),
        "energy_mean_168h": np.float32(past[-7:].mean()),
        "hour": hours.astype(np.float32),
        "weekday": np.float32(origin.weekday()),
        "imputed_share": np.float32(0),
        **{name: past[-k - 1].astype(np.float32) for k, name in enumerate(LAGS)},
    }
    return pd.DataFrame(values)


def write_dataset(folder: Path, rows: pd.DataFrame, files: int = 4, seed: int = 7) -> Manifest:
    """The dataset that energy_lib.shards.dataset makes of the same rows: the last 7 days validate."""
    days = rows["origin_utc"].dt.date
    last = max(days)
    day = timedelta(days=1)
    split = TimeSplit(
        train_first=None,
        train_last=last - 8 * day,
        validation_first=last - 6 * day,
        validation_last=last,
        backtest_first=last + day,
        backtest_last=last + 7 * day,
    )
    parts = {"train": rows[days <= split.train_last], "validation": rows[days >= split.validation_first]}
    encoding = fit(parts["train"], COLUMNS, SCALED_BY_LEVEL, HOURS, "set")
    written = []
    for part, frame in parts.items():
        keys = spread(frame[["meter_id", "origin_utc"]].drop_duplicates(), seed)
        placed = frame.merge(place(keys, files), on=["meter_id", "origin_utc"])
        for number, group in placed.groupby("file"):
            name = f"{part}/part-{number:04d}.parquet"
            table = shard_table(group, encoding)
            sha256 = write_shard(table, folder / name)
            padding = int(group.loc[group["padding"], "position"].nunique())
            written.append(File(name, table.num_rows, padding, sha256))
    named = dataset_id(seed, split, encoding, tuple(written))
    manifest = Manifest(named, seed, split, encoding, widths(encoding), tuple(written), 1, {})
    manifest.write(folder)
    return manifest
