"""From rows of tables to series on the hours of the reach: (n,) of one place or price, (meters, n) of readings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from energy_lib.insights.recommendations.meter_year import REACH_DAYS, Bools, Floats

REACH_HOURS = 24 * REACH_DAYS
# How far the weather forecast is looked at.
FORECAST_HOURS = 72
HOUR_US = 3_600_000_000
# An hour of which more was estimated is no evidence.
LARGEST_IMPUTED_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class Readings:
    """Of each meter in `ids` (its place in them): series (meters, n), as MeterYear has them."""

    ids: list[str]
    kwh: Floats
    imputed: Floats
    suspect: Bools


def epoch_hour(instant: datetime) -> int:
    """Hours since 1970-01-01T00Z, of an aware instant."""
    return int((instant - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() // 3600)


def epoch_us(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """Microseconds since 1970-01-01T00Z; null is the least number."""
    whole = pc.fill_null(column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()), np.iinfo(np.int64).min)
    return np.asarray(whole.to_numpy(), dtype=np.int64)


def _floats(column: pa.ChunkedArray) -> Floats:
    return np.asarray(pc.fill_null(column.cast(pa.float64()), np.nan).to_numpy(), dtype=np.float64)


def readings(rows: pa.Table, end_hour: int) -> Readings:
    """Rows of silver.hourly_readings, in any order, each hour of a meter once: meter_id, interval_start_utc,
    energy_kwh, imputed_share, flags, suspect_from_utc.

    The reach ends at `end_hour` (hours since 1970-01-01T00Z). A suspicion that came up later is not known yet.
    """
    codes = pc.dictionary_encode(rows["meter_id"]).combine_chunks()
    if isinstance(codes, pa.ChunkedArray):
        codes = codes.chunk(0)
    ids: list[str] = codes.dictionary.to_pylist()
    meter = np.asarray(codes.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
    column = epoch_us(rows["interval_start_utc"]) // HOUR_US - (end_hour - REACH_HOURS)
    inside = (column >= 0) & (column < REACH_HOURS)
    at = meter[inside], column[inside]
    shape = len(ids), REACH_HOURS
    kwh, imputed, suspect = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape, bool)
    share = _floats(rows["imputed_share"])
    flagged = np.asarray(pc.fill_null(pc.list_value_length(rows["flags"]), 0).to_numpy()) > 0
    flagged &= epoch_us(rows["suspect_from_utc"]) <= end_hour * HOUR_US
    value = np.where(flagged | (share > LARGEST_IMPUTED_SHARE), np.nan, _floats(rows["energy_kwh"]))
    kwh[at], imputed[at], suspect[at] = value[inside], share[inside], flagged[inside]
    order = np.argsort(ids)
    return Readings([ids[i] for i in order], kwh[order], imputed[order], suspect[order])


def series(rows: pa.Table, start: str, value: str, end_hour: int, hours: int = REACH_HOURS) -> Floats:
    """(hours,) means of the rows that start in each hour up to `end_hour`; a row longer than an hour fills its hours.

    `rows` has `interval_minutes`, or is hourly. NaN where there is none.
    """
    first = (end_hour - hours) * HOUR_US
    start_us, values = epoch_us(rows[start]) - first, _floats(rows[value])
    minutes = (
        np.asarray(rows["interval_minutes"].to_numpy(), dtype=np.int64)
        if "interval_minutes" in rows.column_names
        else np.full(rows.num_rows, 60)
    )
    repeats = np.maximum(1, minutes // 60)
    hour = np.repeat(start_us // HOUR_US, repeats) + _within(repeats)
    values = np.repeat(values, repeats)
    kept = (hour >= 0) & (hour < hours) & ~np.isnan(values)
    count = np.bincount(hour[kept], minlength=hours)
    total = np.bincount(hour[kept], weights=values[kept], minlength=hours)
    out = np.full(hours, np.nan)
    np.divide(total, count, out=out, where=count > 0)
    return out


def _within(repeats: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1 … of each group of so many."""
    return np.arange(int(repeats.sum())) - np.repeat(np.cumsum(repeats) - repeats, repeats)
