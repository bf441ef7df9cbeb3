"""Months of all meters over Spark: each worker looks at a month of some meters, and only their sums come back."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import pandas as pd
from pyspark.sql import functions as F

from energy_lib.insights.access.meter_month import MonthHours, Register, month_hours_of
from energy_lib.insights.accounts.hours import US_PER_HOUR
from energy_lib.lake import Lake
from energy_lib.tables.answers.accounts import HOURLY_ACCOUNTS

# Meters of one group: their month is held in memory at once.
METERS_OF_A_GROUP = 500


def read_months(
    lake: Lake, registers: Mapping[str, Register], months: Sequence[date], longest_off_hours: int
) -> dict[date, MonthHours]:
    """What the hours of gold.hourly_accounts say of local months of these registers."""
    groups = max(-(-len(registers) // METERS_OF_A_GROUP), 1)
    rows = (
        lake.read(HOURLY_ACCOUNTS)
        .where(F.col("month").isin(list(months)))
        .select(
            "month",
            "meter_id",
            (F.unix_micros("interval_start_utc") / US_PER_HOUR).cast("long").alias("hour"),
            "energy_kwh",
            "imputed_share",
            F.pmod(F.xxhash64("meter_id"), F.lit(groups)).alias("part"),
        )
    )
    look = partial(month_hours_of, registers=registers, longest_off_hours=longest_off_hours)
    found = {month: MonthHours() for month in months}
    for row in rows.groupBy("month", "part").applyInPandas(_pickled(look), "month date, found binary").collect():
        found[row["month"]].add(pickle.loads(row["found"]))  # noqa: S301 our own workers wrote it
    return found


def _pickled(look: Callable[..., MonthHours]) -> Callable[[tuple[Any, ...], pd.DataFrame], pd.DataFrame]:
    def kernel(key: tuple[Any, ...], rows: pd.DataFrame) -> pd.DataFrame:
        month = date(key[0].year, key[0].month, 1)
        return pd.DataFrame({"month": [month], "found": [pickle.dumps(look(rows, month=month))]})

    return kernel
