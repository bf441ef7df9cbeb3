"""A month of all meters over Spark: each worker looks at some meters, and only their sums come back."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

import pandas as pd
from pyspark.sql import functions as F

from energy_lib.insights.access.meter_month import MonthHours, Register, month_hours_of
from energy_lib.insights.accounts.hours import US_PER_HOUR
from energy_lib.lake import Lake
from energy_lib.tables.answers.accounts import HOURLY_ACCOUNTS

# Meters of one group: their month is held in memory at once.
METERS_OF_A_GROUP = 500


def read_month(lake: Lake, registers: Mapping[str, Register], month: date, longest_off_hours: int) -> MonthHours:
    """What the hours of gold.hourly_accounts say of a local month of these registers."""
    groups = max(-(-len(registers) // METERS_OF_A_GROUP), 1)
    rows = (
        lake.read(HOURLY_ACCOUNTS)
        .where(F.col("month") == F.lit(month))
        .select(
            "meter_id",
            (F.unix_micros("interval_start_utc") / US_PER_HOUR).cast("long").alias("hour"),
            "energy_kwh",
            "imputed_share",
            F.pmod(F.xxhash64("meter_id"), F.lit(groups)).alias("part"),
        )
    )
    look = partial(month_hours_of, registers=registers, month=month, longest_off_hours=longest_off_hours)
    found = MonthHours()
    for row in rows.groupBy("part").applyInPandas(_pickled(look), "found binary").collect():
        found.add(pickle.loads(row["found"]))
    return found


def _pickled(look: Callable[[pd.DataFrame], MonthHours]) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def kernel(rows: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"found": [pickle.dumps(look(rows))]})

    return kernel
