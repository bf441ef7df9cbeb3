"""gold.features and the readings of the hours they forecast → the shards for a training on a day."""

from __future__ import annotations

from datetime import date

from energy_lib.cleaning.spark.registers_only import registers_only
from energy_lib.config import Config
from energy_lib.features import feature_set, features_table
from energy_lib.features.spark.stored_features import read_features
from energy_lib.lake import Lake, Outcome
from energy_lib.shards.dataset import write_dataset
from energy_lib.shards.late_days import with_late_days
from energy_lib.shards.manifest import Manifest, checked_versions, find, point
from energy_lib.shards.time_split import time_split
from energy_lib.tables import silver


def write_shards(lake: Lake, config: Config, day: date) -> Outcome:
    """Write the dataset of the day, unless it exists for the current versions of the tables.

    Raises InputMissing where gold.features has no meter-days for training or for validation.
    """
    table = features_table()
    versions = {each.full_name: lake.version(each) for each in (table, silver.HOURLY)}
    existing = find(config, day)
    if existing is not None and checked_versions(config, day) == versions:
        return _outcome(existing[1], versions, "is there already")
    split, features = time_split(config, day), feature_set(config.features.horizon_hours)
    with with_late_days(lake, config, registers_only(lake, read_features(lake)), split) as rows:
        manifest = write_dataset(
            rows,
            lake.read(silver.HOURLY),
            config,
            split,
            features.names,
            features.scaled_by_level,
            features.hash,
            versions,
        )
    point(config, day, manifest, versions)
    return _outcome(manifest, versions, "written")


def _outcome(manifest: Manifest, versions: dict[str, int], done: str) -> Outcome:
    rows = {name: manifest.rows(name) for name in ("train", "validation")}
    counts = f"{rows['train']:,} meter-days to train on, {rows['validation']:,} to validate on"
    line = f"Dataset {manifest.dataset_id} {done}: {counts}."
    return Outcome(rows_out=sum(rows.values()), versions_read=versions, lines=[line])
