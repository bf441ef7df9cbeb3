"""Training rows as if the last day's readings had come late, so that models learn to forecast on such a night."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.config import Config
from energy_lib.encoding.slots import GROUP
from energy_lib.features import INDEPENDENT_OF_READINGS, feature_set, features_table
from energy_lib.features.spark.build import compute, meter_facts
from energy_lib.lake import Lake
from energy_lib.shards.dataset import of_origins
from energy_lib.shards.time_split import TimeSplit

LATE_HOURS = 24
# The hash is cut into this many parts: training.late_share is kept to a millionth.
PARTS = 1_000_000
KEY = features_table().key


def late_keys(features: DataFrame, config: Config, split: TimeSplit) -> DataFrame:
    """(meter_id, origin_utc) of the training meter-days that become late, drawn by a hash of seed, meter and origin."""
    seed, named = F.lit(config.training.seed), feature_set(config.features.horizon_hours).hash
    hash_part = F.pmod(F.xxhash64(seed, F.col("meter_id"), F.unix_micros("origin_utc")), F.lit(PARTS))
    groups = of_origins(features, config, named, split.train_first, split.train_last).where("horizon_hours = 1")
    return groups.where(hash_part < round(config.training.late_share * PARTS)).select(*GROUP)


@contextmanager
def with_late_days(lake: Lake, config: Config, features: DataFrame, split: TimeSplit) -> Iterator[DataFrame]:
    """gold.features with training.late_share of the training meter-days as if their readings came LATE_HOURS later.

    They are computed from silver once, and cached while the block lasts. Columns that do not come from readings stay as
    in gold.features, so that late rows differ from the others by the delay only.
    """
    if config.training.late_share == 0:
        yield features
        return
    keys = late_keys(features, config, split)
    work = keys.join(F.broadcast(meter_facts(lake)), "meter_id")
    late = compute(lake, config, work, late_hours=LATE_HOURS)
    if late is None:
        yield features
        return
    beside = features.select(*KEY, *INDEPENDENT_OF_READINGS)
    late = late.drop(*INDEPENDENT_OF_READINGS).join(beside, list(KEY)).persist()
    try:
        yield features.join(F.broadcast(keys), GROUP, "left_anti").unionByName(late)
    finally:
        late.unpersist()
