"""Cumulative registers: each read differenced with the one before it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from energy_lib.cleaning import rules
from energy_lib.cleaning.hourly_grid import Bools, Floats
from energy_lib.cleaning.register_news import near, touched
from energy_lib.cleaning.register_pairs import OPEN, Pairs, Reads, pairs_of
from energy_lib.cleaning.register_steps import HOUR_US, USUAL_WINDOW_DAYS, Steps, outsized, step_kwh
from energy_lib.cleaning.spark.row_rules import CARRIED
from energy_lib.cleaning.spark.time_ranges import Range
from energy_lib.config import CleaningConfig
from energy_lib.intervals import LONGEST_INTERVAL_DAYS
from energy_lib.vocabulary import Flow

# Reads further apart than this are not differenced: no interval is longer.
REGISTER_REACH = timedelta(days=LONGEST_INTERVAL_DAYS)
# A step is judged by the other steps so near to it, so a new read has these judged again.
JUDGED_AROUND = timedelta(days=USUAL_WINDOW_DAYS)
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
    "has_capacity",
)
PAIR = T.StructType(
    [
        T.StructField("from_stamp", T.LongType()),
        T.StructField("register_before", T.DoubleType()),
        T.StructField("step_kwh", T.DoubleType()),
        T.StructField("outsized", T.BooleanType()),
        T.StructField("closed", T.LongType()),
        T.StructField("paired", T.BooleanType()),
        T.StructField("is_newest", T.BooleanType()),
        T.StructField("newest_kwh", T.DoubleType()),
    ]
)
FIRST_READ_REASON = "there is no register read before it to be differenced with"
OLDER_VERSION_REASON = "another row of the same register read is the newest known"
JUMP_REASON = (
    "is many times what the meter uses otherwise: if the meter was not exchanged, give it its capacity_kw in a source "
    "of meters"
)


def known_micros() -> Column:
    """When the lake could know a read, microseconds since the epoch."""
    return F.unix_micros(F.greatest("landed_at_utc", F.coalesce("available_at_utc", "landed_at_utc")))


def difference_reads(reads: DataFrame, news: list[Range], settings: CleaningConfig) -> DataFrame:
    """Register reads as interval readings: the energy between a read and the one before, of reads to be judged again.

    `reads`: rows of CARRIED, none rejected. `news`: the days on which new reads are stamped. A read is judged if a new
    one lies within JUDGED_AROUND of it or can have changed its pairs. Columns out: CARRIED and `closed_at_utc`. A
    reading has the later read's bronze key. A read that comes late, between others or as a correction, closes the
    readings it replaces and gives new ones. So a read may have several readings, one after the other in time. A read
    that never gave one is rejected.
    """
    kernel_rows = reads.select(
        *KERNEL_COLUMNS,
        F.unix_micros("interval_start_utc").alias("stamp"),
        F.unix_micros("available_at_utc").alias("available"),
        known_micros().alias("known"),
    )
    schema = T.StructType(
        [*(kernel_rows.schema[name] for name in (*KERNEL_COLUMNS, "stamp", "available")), *PAIR.fields]
    )
    paired = kernel_rows.groupBy("meter_id").applyInPandas(_pairing(news, settings), schema)
    return _as_readings(paired)


def _pairing(news: list[Range], settings: CleaningConfig) -> Callable[[pd.DataFrame], pd.DataFrame]:
    reach, around = REGISTER_REACH // MICROSECOND, JUDGED_AROUND // MICROSECOND
    ranges = [tuple((end - EPOCH) // MICROSECOND for end in range_) for range_ in news]
    largest = settings.register_rollover_kwh

    def compute(group: pd.DataFrame) -> pd.DataFrame:
        group = group.sort_values(["stamp", "file_id", "row_number"], ignore_index=True)
        stamp, kwh, known = (group[name].to_numpy() for name in ("stamp", "register_kwh", "known"))
        pairs = pairs_of(Reads(stamp, known, group["available"].to_numpy(), kwh), reach)
        unpaired = np.setdiff1d(np.arange(len(group)), pairs.read)
        read, before = np.r_[pairs.read, unpaired], np.r_[pairs.before, unpaired]
        newest = np.flatnonzero(pairs.is_newest)[np.searchsorted(stamp[pairs.is_newest], stamp[read])]
        # A net register counts both ways: it falls while the site exports.
        rise = kwh[pairs.read] - kwh[pairs.before]
        is_net = (group["flow"] == str(Flow.NET)).to_numpy()[pairs.read]
        energy = np.where(is_net, rise, step_kwh(kwh[pairs.before], kwh[pairs.read], largest))
        nothing = np.full(len(unpaired), np.nan)
        is_new = np.any([(stamp >= low) & (stamp < high) for low, high in ranges], axis=0)
        changed = touched(stamp, known, is_new) & near(stamp, is_new, reach)
        judged = near(stamp, changed, around)
        rows = group.take(read).assign(
            available=np.r_[pairs.available, group["available"].to_numpy()[unpaired]],
            from_stamp=stamp[before],
            register_before=kwh[before],
            step_kwh=np.r_[energy, nothing],
            outsized=np.r_[_outsized(group, pairs, energy, is_net), nothing > 0],
            closed=np.r_[pairs.closed, np.full(len(unpaired), OPEN)],
            paired=np.arange(len(read)) < len(pairs.read),
            is_newest=pairs.is_newest[read],
            newest_kwh=kwh[newest],
        )
        rows_out: pd.DataFrame = rows.loc[judged[read]].drop(columns="known")
        return rows_out

    return compute


def _outsized(group: pd.DataFrame, pairs: Pairs, energy: Floats, is_net: Bools) -> Bools:
    """Whether each pair's step is too large to be energy."""
    order = np.argsort(group["stamp"].to_numpy()[pairs.read], kind="stable")
    read, before = pairs.read[order], pairs.before[order]
    stamp, kwh = group["stamp"].to_numpy(), group["register_kwh"].to_numpy()
    steps = Steps(
        stamp=stamp[read],
        hours=(stamp[read] - stamp[before]) / HOUR_US,
        kwh=np.abs(energy[order]),
        fell=(kwh[read] < kwh[before]) & ~is_net[order],
        stands=pairs.closed[order] == OPEN,
        limited=group["has_capacity"].to_numpy(bool)[read],
    )
    result = np.zeros(len(order), dtype=bool)
    result[order] = outsized(steps)
    return result


def _as_readings(paired: DataFrame) -> DataFrame:
    """A reading for each pair whose step can be energy, and the rule and reason of every other read."""
    pair, repeats_newest = F.col("paired"), F.col("newest_kwh") == F.col("register_kwh")
    is_lower = pair & (F.col("flow") != str(Flow.NET)) & (F.col("register_kwh") < F.col("register_before"))
    fell = is_lower & (F.col("step_kwh").isNull() | F.col("outsized"))
    jumped = pair & ~is_lower & F.col("outsized")
    is_reading = pair & ~fell & ~jumped
    unpaired_newest = ~pair & F.col("is_newest")
    rule = F.when(fell, rules.REGISTER_ROLLBACK.id).when(jumped, rules.REGISTER_JUMP.id)
    rule = rule.when(unpaired_newest, rules.REGISTER_FIRST.id).when(~pair & repeats_newest, rules.DUPLICATE_EXACT.id)
    rule = rule.when(~pair, rules.DUPLICATE_CONFLICTING.id)
    fall = F.concat_ws(" ", F.lit("the register fell from"), "register_before", F.lit("to"), "register_kwh")
    rise = F.concat_ws(
        " ",
        F.lit("the register rose from"),
        "register_before",
        F.lit("to"),
        "register_kwh",
        F.lit(f"kWh: {JUMP_REASON}"),
    )
    reason = F.when(fell, fall).when(jumped, rise).when(unpaired_newest, FIRST_READ_REASON)
    flags = F.when(is_reading & is_lower, F.array(F.lit(rules.REGISTER_ROLLOVER.id)))
    columns = {
        "landed_month": F.trunc("landed_at_utc", "month"),
        "raw_row": F.lit(None).cast("string"),
        "interval_start_utc": F.timestamp_micros(F.when(is_reading, F.col("from_stamp")).otherwise(F.col("stamp"))),
        "interval_minutes": F.when(is_reading, _minute("stamp") - _minute("from_stamp")).cast("int"),
        "energy_kwh": F.when(is_reading, F.col("step_kwh")),
        "available_at_utc": F.timestamp_micros("available"),
        "closed_at_utc": F.when(F.col("closed") != OPEN, F.timestamp_micros("closed")),
        "flags": F.coalesce(flags, F.array().cast("array<string>")),
        "rule_id": rule,
        "reason": reason.when(~pair, OLDER_VERSION_REASON),
    }
    return paired.withColumns(columns).select(*CARRIED, "closed_at_utc")


def _minute(name: str) -> Column:
    """Whole minutes since the epoch: the minutes of neighbouring readings add up, however many reads a minute has."""
    return F.floor(F.col(name) / MINUTE_US)
