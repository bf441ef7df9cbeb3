"""A day per row: each column of values is one interval of the local day, which has 23, 24 or 25 hours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.landing.files import file_faults
from energy_lib.landing.formats import Chunk, RawReadings
from energy_lib.landing.parsing.arrow_columns import UTC_STAMP
from energy_lib.landing.parsing.day_columns import DAY_MINUTES, DayColumns, day_columns
from energy_lib.landing.parsing.melting import Cells, melted
from energy_lib.landing.parsing.numbers import read_numbers
from energy_lib.landing.parsing.row_columns import RowColumns, time_of, value_of
from energy_lib.landing.parsing.stamp_texts import read_clock
from energy_lib.landing.parsing.timestamps import MINUTE, NAT, Clock, Instants, to_utc
from energy_lib.landing.sources.allowed_values import Stamp
from energy_lib.landing.sources.source import Source

Longs = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def day_rows(chunk: Chunk, source: Source, path: str) -> RawReadings:
    """The readings of a row stand together, in the order of its columns.

    Columns with times of day are read on the wall clock. Numbered ones count elapsed intervals from midnight if they
    are made for days of 23 or 25 hours. An empty cell of an hour that the day does not have is no reading.
    """
    row, time, value = RowColumns(chunk, source, path), time_of(source), value_of(source)
    assert value.day_columns is not None
    names = row.matching([value.day_columns] if isinstance(value.day_columns, str) else value.day_columns)
    plan = day_columns(names, time.interval_minutes, starts=time.stamp is Stamp.START)
    texts = row.stamps()
    days = _midnights(texts, time.format)
    cells = melted([row.column(name) for name in names])
    empty = read_numbers(cells.values, value.decimal, value.thousands, value.missing).missing
    lay = _on_clock if plan.on_clock else _elapsed
    laid = lay(plan, days, cells, empty, time.zone, time.stamp)
    unread = days[cells.row_of] == NAT
    keep = ~(laid.no_such_hour & empty) | (unread & (cells.column_of == 0))
    beside = cells.of_rows(row.beside())
    fields = {**beside, **_rules(laid, unread, texts.take(pa.array(cells.row_of)), time.zone, beside)}
    fields["meter"] = row.meter().take(pa.array(cells.row_of))
    fields["stamp"] = laid.stamps
    fields["raw_stamp"] = pc.binary_join_element_wise(
        texts.cast(pa.string()).take(pa.array(cells.row_of)), pa.array(names).take(pa.array(cells.column_of)), " "
    )
    fields["minutes"] = pa.repeat(pa.scalar(plan.length_minutes), len(cells.values))
    kept = {name: column.filter(pa.array(keep)) for name, column in fields.items()}
    return RawReadings(value=cells.values.filter(pa.array(keep)), broken=chunk.broken, **kept)


@dataclass(frozen=True, slots=True)
class _Laid:
    """Stamps of cells (naive: on the zone's clock), and which cells are of an hour that their day does not have."""

    stamps: pa.Array
    no_such_hour: Mask


def _midnights(texts: pa.Array, format_: str | None) -> Longs:
    """Midnights of the wall clock; NAT for what is no day, or none of the years that meters are read in."""
    clock = read_clock(texts, format_)
    micros = clock.without(clock.out_of_range).micros
    day = DAY_MINUTES * MINUTE
    return np.where(micros == NAT, NAT, micros // day * day)


def _on_clock(plan: DayColumns, days: Longs, cells: Cells, empty: Mask, zone: str, stamp: Stamp) -> _Laid:
    day = days[cells.row_of]
    offset = plan.offset_minutes[cells.column_of]
    before = plan.length_minutes if stamp is Stamp.HOUR_ENDING and not plan.numbered else 0
    starts = _to_utc(day, offset - before, zone)
    if plan.numbered:
        offset = offset + _skipped(plan, cells, starts.nonexistent, empty)
        beyond = offset >= DAY_MINUTES
        starts = _to_utc(day, offset, zone)
        # Numbers name no time: the stamp of an interval is where it starts, or ends, on the clock.
        offset = offset + (0 if stamp is Stamp.START else plan.length_minutes)
        return _Laid(_naive(day, offset), starts.nonexistent | beyond)
    second = plan.second[cells.column_of]
    no_such_hour = starts.nonexistent | (second & ~starts.ambiguous)
    if not plan.second.any():
        return _Laid(_naive(day, offset), no_such_hour)
    micros = np.where(second, starts.second_micros, starts.micros)
    return _Laid(_absolute(np.where(micros == NAT, NAT, micros + before * MINUTE)), no_such_hour)


def _skipped(plan: DayColumns, cells: Cells, nonexistent: Mask, empty: Mask) -> Longs:
    """Minutes to add where a row of 24 hours counts on over the hour that the clock skips: it ends in empty cells."""
    shape = (-1, len(plan.offset_minutes))
    nonexistent, empty = nonexistent.reshape(shape), empty.reshape(shape)
    order = np.argsort(plan.offset_minutes)
    gap = nonexistent.sum(axis=1)
    last_empty = np.array(
        [bool(width) and cells_[order][-width:].all() for width, cells_ in zip(gap, empty, strict=True)], dtype=bool
    )
    counts_on = last_empty & ~(empty & nonexistent).any(axis=1)
    first = np.where(nonexistent, plan.offset_minutes, 2 * DAY_MINUTES).min(axis=1)
    after = plan.offset_minutes[None, :] >= first[:, None]
    return np.where(after & counts_on[:, None], gap[:, None] * plan.length_minutes, 0).ravel().astype(np.int64)


def _elapsed(plan: DayColumns, days: Longs, cells: Cells, empty: Mask, zone: str, stamp: Stamp) -> _Laid:
    begins, ends = _midnight_utc(days, zone), _midnight_utc(days, zone, days_later=1)
    offset = plan.offset_minutes[cells.column_of]
    begin = begins[cells.row_of]
    starts = begin + offset * MINUTE
    no_such_hour = starts >= ends[cells.row_of]
    shown = 0 if stamp is Stamp.START else plan.length_minutes
    return _Laid(_absolute(np.where(begin == NAT, NAT, starts + shown * MINUTE)), no_such_hour | (begin == NAT))


def _midnight_utc(days: Longs, zone: str, days_later: int = 0) -> Longs:
    """The first instant of each local day; where the clock skips midnight, that is 01:00."""
    first = _to_utc(days, np.full(len(days), days_later * DAY_MINUTES, dtype=np.int64), zone)
    next_hour = _to_utc(days, np.full(len(days), days_later * DAY_MINUTES + 60, dtype=np.int64), zone)
    return np.where(first.nonexistent, next_hour.micros, first.micros)


def _to_utc(day: Longs, offset: Longs, zone: str) -> Instants:
    wall = np.where(day == NAT, NAT, day + offset * MINUTE)
    return to_utc(Clock(wall, np.zeros(len(wall), dtype=bool)), zone)


def _naive(day: Longs, offset: Longs) -> pa.Array:
    micros = np.where(day == NAT, 0, day + offset * MINUTE)
    return pa.array(micros, mask=day == NAT).cast(pa.timestamp("us"))


def _absolute(micros: Longs) -> pa.Array:
    return pa.array(np.where(micros == NAT, 0, micros), mask=micros == NAT).cast(UTC_STAMP)


def _rules(laid: _Laid, unread: Mask, texts: pa.Array, zone: str, beside: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """Rule and reason of each cell: the row's own, a day that is none, or an hour that the day does not have."""
    rule: npt.NDArray[np.object_] = np.full(len(unread), None, dtype=object)
    reason: npt.NDArray[np.object_] = np.full(len(unread), None, dtype=object)
    for at in np.flatnonzero(laid.no_such_hour & ~unread):
        rule[at] = file_faults.NONEXISTENT_LOCAL_TIME
        reason[at] = f"the day {texts[int(at)].as_py()} has no such interval in {zone}"
    for at in np.flatnonzero(unread):
        rule[at] = file_faults.UNPARSEABLE_TIMESTAMP
        reason[at] = f"{texts[int(at)].as_py()!r} is not a day in the years 1900 to 2200"
    rules, reasons = pa.array(rule, pa.string()), pa.array(reason, pa.string())
    if "rule" not in beside:
        return {"rule": rules, "reason": reasons}
    return {"rule": pc.coalesce(beside["rule"], rules), "reason": pc.coalesce(beside["reason"], reasons)}
