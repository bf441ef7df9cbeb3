"""Cumulative registers: each read differenced with the one before it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import reduce

import numpy as np
import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from energy_lib.cleaning import rules
from energy_lib.cleaning.register_pairs import OPEN, Reads, pairs_of
from energy_lib.cleaning.spark.row_rules import CARRIED
from energy_lib.cleaning.spark.time_ranges import Range
from energy_lib.config import CleaningConfig
from energy_lib.vocabulary import Flow

# Reads further apart than this are not differenced: the interval would be too long to say anything about its hours.
REGISTER_REACH = timedelta(days=62)
EPOCH, MICROSECOND, MINUTE_US = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1), 60_000_000
# The columns that go through the kernel's frames; the rest of CARRIED is computed after it.
KERNEL_COLUMNS = (
    "file_id",
    "row_number",
    "source",
    "path",
    "landed_at_utc",
    "meter_id",
    "fuel",
    "flow",
    "register_kwh",
    "quality",
    "limit_kw",
)
PAIR = T.StructType(
    [
        T.StructField("from_stamp", T.LongType()),
        T.StructField("register_before", T.DoubleType()),
        T.StructField("closed", T.LongType()),
        T.StructField("paired", T.BooleanType()),
        T.StructField("is_newest", T.BooleanType()),
        T.StructField("newest_kwh", T.DoubleType()),
    ]
)
FIRST_READ_REASON = "there is no register read before it to be differenced with"
OLDER_VERSION_REASON = "another row of the same register read is the newest known"
# A register that fell has rolled over only if it stood in the last tenth of its range.
NEARLY_FULL = 0.9


def difference_reads(reads: DataFrame, output_ranges: list[Range], settings: CleaningConfig) -> DataFrame:
    """Register reads as interval readings: the energy between each read stamped in `output_ranges` and the one before.

    `reads`: rows of CARRIED, none rejected. Columns out: CARRIED and `closed_at_utc`. A reading has the later read's
    bronze key. A read that comes late, between others or as a correction, closes the readings it replaces and gives
    new ones. So a read may have several readings, one after the other in time. A read that never gave one is rejected.
    """
    kernel_rows = reads.select(
        *KERNEL_COLUMNS,
        F.unix_micros("interval_start_utc").alias("stamp"),
        F.unix_micros("available_at_utc").alias("available"),
        F.unix_micros(F.greatest("landed_at_utc", "available_at_utc")).alias("known"),
    )
    schema = T.StructType(
        [*(kernel_rows.schema[name] for name in (*KERNEL_COLUMNS, "stamp", "available")), *PAIR.fields]
    )
    paired = kernel_rows.groupBy("meter_id").applyInPandas(_pairing(output_ranges), schema)
    return _as_readings(paired, settings)


def _pairing(output_ranges: list[Range]) -> Callable[[pd.DataFrame], pd.DataFrame]:
    reach = REGISTER_REACH // MICROSECOND
    ranges = [tuple((end - EPOCH) // MICROSECOND for end in range_) for range_ in output_ranges]

    def compute(group: pd.DataFrame) -> pd.DataFrame:
        group = group.sort_values(["stamp", "file_id", "row_number"], ignore_index=True)
        stamp, kwh = group["stamp"].to_numpy(), group["register_kwh"].to_numpy()
        pairs = pairs_of(Reads(stamp, group["known"].to_numpy(), group["available"].to_numpy(), kwh), reach)
        unpaired = np.setdiff1d(np.arange(len(group)), pairs.read)
        read, before = np.r_[pairs.read, unpaired], np.r_[pairs.before, unpaired]
        newest = np.flatnonzero(pairs.is_newest)[np.searchsorted(stamp[pairs.is_newest], stamp[read])]
        rows = group.take(read).assign(
            available=np.r_[pairs.available, group["available"].to_numpy()[unpaired]],
            from_stamp=stamp[before],
            register_before=kwh[before],
            closed=np.r_[pairs.closed, np.full(len(unpaired), OPEN)],
            paired=np.arange(len(read)) < len(pairs.read),
            is_newest=pairs.is_newest[read],
            newest_kwh=kwh[newest],
        )
        inside = np.any([rows["stamp"].between(low, high, inclusive="left") for low, high in ranges], axis=0)
        rows_out: pd.DataFrame = rows.loc[inside].drop(columns="known")
        return rows_out

    return compute


def _as_readings(paired: DataFrame, settings: CleaningConfig) -> DataFrame:
    """A reading for each pair that is no rollback, and the rule and reason of every other read."""
    pair, repeats_newest = F.col("paired"), F.col("newest_kwh") == F.col("register_kwh")
    # A net register counts both ways: it falls while the site exports.
    is_net = F.col("flow") == str(Flow.NET)
    rolled = F.when(~is_net, _rollover_kwh(settings))
    fell = pair & ~is_net & (F.col("register_kwh") < F.col("register_before")) & rolled.isNull()
    is_reading = pair & ~fell
    rule = F.when(fell, rules.REGISTER_ROLLBACK.id).when(~pair & F.col("is_newest"), rules.REGISTER_FIRST.id)
    rule = rule.when(~pair & repeats_newest, rules.DUPLICATE_EXACT.id).when(~pair, rules.DUPLICATE_CONFLICTING.id)
    fall = F.concat_ws(" ", F.lit("the register fell from"), "register_before", F.lit("to"), "register_kwh")
    reason = F.when(fell, fall).when(~pair & F.col("is_newest"), FIRST_READ_REASON).when(~pair, OLDER_VERSION_REASON)
    flags = F.when(is_reading & rolled.isNotNull(), F.array(F.lit(rules.REGISTER_ROLLOVER.id)))
    minutes = ((F.col("stamp") - F.col("from_stamp")) / MINUTE_US).cast("int")
    columns = {
        "landed_month": F.trunc("landed_at_utc", "month"),
        "raw_row": F.lit(None).cast("string"),
        "interval_start_utc": F.timestamp_micros(F.when(is_reading, F.col("from_stamp")).otherwise(F.col("stamp"))),
        "interval_minutes": F.when(is_reading, F.greatest(minutes, F.lit(1))),
        "energy_kwh": F.when(is_reading, F.coalesce(rolled, F.col("register_kwh") - F.col("register_before"))),
        "available_at_utc": F.timestamp_micros("available"),
        "closed_at_utc": F.when(F.col("closed") != OPEN, F.timestamp_micros("closed")),
        "flags": F.coalesce(flags, F.array().cast("array<string>")),
        "rule_id": rule,
        "reason": reason,
    }
    return paired.withColumns(columns).select(*CARRIED, "closed_at_utc")


def _rollover_kwh(settings: CleaningConfig) -> Column:
    """Energy over a rollover at the smallest range that holds the read before; NULL if it was none."""
    now, before = F.col("register_kwh"), F.col("register_before")
    nothing = F.lit(None).cast("double")
    ranges = sorted((limit + 1.0 for limit in settings.register_rollover_kwh), reverse=True)
    energy = reduce(
        lambda rest, size: F.when(before < size, F.when(before >= NEARLY_FULL * size, now + size - before)).otherwise(
            rest
        ),
        ranges,
        nothing,
    )
    return F.when(now < before, energy)
