"""Readings are put together to hours: the newest version of each counts, in whatever order they come."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from energy_lib.insights.anomalies.hourly import Integers
from energy_lib.insights.anomalies.meter_days import Bools, Floats
from energy_lib.insights.anomalies.online.state import KEPT_HOURS, State

COLUMNS = ("meter_id", "interval_start_utc", "interval_minutes", "energy_kwh", "available_at_utc")
HOUR_SECONDS, HOUR_MINUTES = 3600, 60


@dataclass(slots=True)
class Counts:
    """What became of readings: `taken`, or left to the night: of an hour that is kept no longer (`late`) or has not
    begun (`ahead`), of a meter without limits (`unknown_meter`), longer than an hour or out of step (`unfit`), or older
    than what is there (`superseded`)."""

    taken: int = 0
    late: int = 0
    ahead: int = 0
    unknown_meter: int = 0
    unfit: int = 0
    superseded: int = 0

    def add(self, other: Counts) -> None:
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


@dataclass(frozen=True, slots=True)
class Readings:
    """(n,) readings of known meters: the meter's row, its hour since 1970, the part of the hour, and what was read.

    `available` is in seconds since 1970.
    """

    row: Integers
    hour: Integers
    part: Integers
    minutes: Integers
    kwh: Floats
    available: Integers

    def only(self, which: Bools | Integers) -> Readings:
        return Readings(*(getattr(self, each.name)[which] for each in fields(self)))


def readings_of(state: State, frame: pd.DataFrame) -> tuple[Readings, Counts]:
    """The readings (COLUMNS) that can be put together to hours."""
    counts = Counts()
    row = state.meters.get_indexer(pd.Index(frame["meter_id"]))
    seconds, available = (seconds_of(frame[name]) for name in ("interval_start_utc", "available_at_utc"))
    minutes = np.nan_to_num(frame["interval_minutes"].to_numpy(dtype=float, na_value=np.nan)).astype(np.int64)
    kwh = frame["energy_kwh"].to_numpy(dtype=float, na_value=np.nan)
    shortest = HOUR_MINUTES // state.settings.parts
    offset = seconds % HOUR_SECONDS
    with np.errstate(divide="ignore"):
        fits = (minutes >= shortest) & (minutes <= HOUR_MINUTES) & (minutes % shortest == 0) & np.isfinite(kwh)
        fits &= np.where(minutes > 0, HOUR_MINUTES % np.maximum(minutes, 1) == 0, False)
        fits &= offset % (np.maximum(minutes, 1) * 60) == 0
    known = row >= 0
    counts.unknown_meter, counts.unfit = int((~known).sum()), int((known & ~fits).sum())
    part = offset // (shortest * 60)
    known_at = np.clip(available, 0, np.iinfo(np.uint32).max)
    every = Readings(row.astype(np.int64), seconds // HOUR_SECONDS, part, minutes, kwh, known_at)
    return every.only(known & fits), counts


def take_in(state: State, readings: Readings) -> Counts:
    """Put readings of hours that have begun into the state; marks the meters whose hours changed."""
    counts = Counts()
    kept = readings.hour > state.hour - KEPT_HOURS
    counts.late = int((~kept).sum())
    newest = _of_one_length(_newest(readings.only(kept)))
    counts.superseded = int(kept.sum()) - len(newest.row)
    place = newest.hour % KEPT_HOURS
    newest, place = _in_step(state, newest, place, counts)
    there, said = state.available[newest.row, place, newest.part], state.part_kwh[newest.row, place, newest.part]
    newer = (newest.available > there) | ((newest.available == there) & ~(newest.kwh <= said))
    counts.superseded += int((~newer).sum())
    newest, place = newest.only(newer), place[newer]
    counts.taken = len(place)
    state.available[newest.row, place, newest.part] = newest.available
    state.part_kwh[newest.row, place, newest.part] = newest.kwh
    _put_together(state, newest.row, place)
    return counts


def _newest(readings: Readings) -> Readings:
    """Of the versions of one interval the one that became known last, and of two of one time the greater."""
    key = (readings.row * (1 << 24) + readings.hour) * HOUR_MINUTES + readings.part
    order = np.lexsort((readings.kwh, readings.available, key))
    last = np.append(np.diff(key[order]) != 0, True) if len(order) else np.zeros(0, dtype=bool)
    return readings.only(order[last])


def _of_one_length(readings: Readings) -> Readings:
    """Of an hour's readings those that are as long as the one that became known last."""
    hour = readings.row * (1 << 24) + readings.hour
    order = np.lexsort((-readings.minutes, readings.available, hour))
    ends = np.append(np.diff(hour[order]) != 0, True) if len(order) else np.zeros(0, dtype=bool)
    length = readings.minutes[order[ends]][np.cumsum(ends) - ends]
    return readings.only(order[readings.minutes[order] == length])


def _in_step(state: State, readings: Readings, place: Integers, counts: Counts) -> tuple[Readings, Integers]:
    """An hour is made of readings of one length; it is begun anew by newer readings of another."""
    length = state.minutes[readings.row, place]
    other = (length > 0) & (length != readings.minutes)
    if other.any():
        newest = state.available[readings.row[other], place[other]].max(axis=1)
        anew = np.flatnonzero(other)[readings.available[other] > newest]
        state.part_kwh[readings.row[anew], place[anew]] = np.nan
        state.available[readings.row[anew], place[anew]] = 0
        other[anew] = False
    counts.superseded += int(other.sum())
    readings, place = readings.only(~other), place[~other]
    state.minutes[readings.row, place] = readings.minutes
    return readings, place


def _put_together(state: State, row: Integers, place: Integers) -> None:
    """An hour is known when all its minutes are."""
    parts = state.part_kwh[row, place]
    read = np.isfinite(parts)
    whole = read.sum(axis=1) * state.minutes[row, place] == HOUR_MINUTES
    kwh = np.where(whole, np.where(read, parts, 0.0).sum(axis=1), np.nan)
    before = state.kwh[row, place]
    state.changed[row[(kwh != before) & ~(np.isnan(kwh) & np.isnan(before))]] = True
    state.kwh[row, place] = kwh


def seconds_of(times: pd.Series) -> Integers:
    """Seconds since 1970 of instants; those without a zone are UTC."""
    values = pd.DatetimeIndex(times)
    aware = values.tz_localize("UTC") if values.tz is None else values.tz_convert("UTC")
    return np.asarray(aware.tz_localize(None).to_numpy().astype("datetime64[s]").astype(np.int64), dtype=np.int64)
