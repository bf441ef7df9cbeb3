"""Months of meters over Spark: which days changed, and the months of all meters, a month of some of them at a time."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.insights.accounts.book import Book, Row
from energy_lib.insights.accounts.hours import US_PER_HOUR, Hours
from energy_lib.insights.accounts.month import account_month
from energy_lib.lake import Lake
from energy_lib.lake.table_files import FileSink
from energy_lib.tables import silver
from energy_lib.tables.answers.accounts import HOURLY_ACCOUNTS

# Meters of one group: their month is held in memory at once.
METERS_OF_A_GROUP = 500
# No clock is further from UTC: hours so near to a month's end may belong to the next local month, or to the last.
CLOCK_HOURS = 15
RESULT = "file string, rows long, emissions binary, costs binary"


def changed_days(lake: Lake, after: int) -> set[tuple[str, date]]:
    """(meter, UTC day) of the hours that came, changed or went since a version of silver.hourly_readings."""
    changed = lake.changes(silver.HOURLY, after, deleted=True)
    days = changed.select("meter_id", F.to_date("interval_start_utc").alias("day")).distinct().toArrow()
    return set(zip(days["meter_id"].to_pylist(), days["day"].to_pylist(), strict=True))


def write_months(
    lake: Lake, book: Book, sink: FileSink, wanted: set[tuple[str, date]] | None
) -> tuple[list[tuple[str, int]], list[Row], list[Row]]:
    """Write rows of gold.hourly_accounts to the sink, a file a group; `wanted`: of these months (None: of all).

    Gives the files with their rows, and the meters' rows of gold.emissions and of gold.costs, without versions.
    """
    hourly = lake.read(silver.HOURLY)
    near = F.array_distinct(F.array(*(F.trunc(_shifted(hours), "month") for hours in (-CLOCK_HOURS, CLOCK_HOURS))))
    groups = max(-(-len(book.meters) // METERS_OF_A_GROUP), 1)
    rows = hourly.select(
        "meter_id",
        F.explode(near).alias("month"),
        (F.unix_micros("interval_start_utc") / US_PER_HOUR).cast("long").alias("hour"),
        "energy_kwh",
        "imputed_share",
        F.unix_micros("available_at_utc").alias("available"),
        F.pmod(F.xxhash64("meter_id"), F.lit(groups)).alias("part"),
    )
    rows = _of_months(lake, rows, wanted)
    shared = lake.spark.sparkContext.broadcast(book)
    done = rows.groupBy("month", "part").applyInPandas(_kernel(shared, sink), RESULT).collect()
    files = [(row["file"], row["rows"]) for row in done if row["file"] is not None]
    emissions, costs = ([each for row in done for each in pickle.loads(row[name])] for name in ("emissions", "costs"))  # noqa: S301 our own workers wrote it
    return files, emissions, costs


def gone_hours(lake: Lake, computed: DataFrame, wanted: set[tuple[str, date]] | None) -> DataFrame:
    """Rows of gold.hourly_accounts, of the wanted months, that are not among the computed ones: they must go."""
    there = _of_months(lake, lake.read(HOURLY_ACCOUNTS), wanted)
    key = list(HOURLY_ACCOUNTS.key)
    return there.join(computed.select(*key), key, "left_anti")


def _of_months(lake: Lake, rows: DataFrame, wanted: set[tuple[str, date]] | None) -> DataFrame:
    """The rows of the wanted months of meters; None: of all."""
    if wanted is None:
        return rows
    pairs = lake.spark.createDataFrame(sorted(wanted), "meter_id string, month date")
    return rows.join(F.broadcast(pairs), ["meter_id", "month"], "left_semi")


def _shifted(hours: int) -> Any:
    return F.col("interval_start_utc") + F.expr(f"INTERVAL {hours} HOURS")


def _kernel(shared: Any, sink: FileSink) -> Callable[[tuple[Any, ...], pd.DataFrame], pd.DataFrame]:
    def account(key: tuple[Any, ...], group: pd.DataFrame) -> pd.DataFrame:
        month = date(key[0].year, key[0].month, 1)
        codes, names = pd.factorize(group["meter_id"])
        columns = (group[name].to_numpy() for name in ("hour", "energy_kwh", "imputed_share", "available"))
        accounts = account_month(Hours(tuple(names), codes, *columns), month, shared.value)
        rows = accounts.hours.num_rows
        file = sink.write(accounts.hours, (("month", month),)) if rows else None
        statements = (pickle.dumps(each) for each in (accounts.emissions, accounts.costs))
        return pd.DataFrame([(file, rows, *statements)], columns=["file", "rows", "emissions", "costs"])

    return account
