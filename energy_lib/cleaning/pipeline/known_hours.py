"""Hours as they were known at a time. silver.hourly_readings holds the newest values alone; the readings keep them all.

It is for a few meters or a bounded time, and needs no Spark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.cleaning.hourly import LONG_INTERVAL_HOURS, hourly_view, reach_ahead_hours, reach_back_hours
from energy_lib.config import CleaningConfig
from energy_lib.intervals import HOUR, LONGEST_INTERVAL_DAYS
from energy_lib.lake.small_tables import SmallTables
from energy_lib.lake.sql_literals import instant_sql, text_sql
from energy_lib.tables import silver
from energy_lib.tables.arrow import conform_arrow

KEY = ["meter_id", "interval_start_utc"]
READING = (*KEY, "fuel", "flow", "interval_minutes", "energy_kwh", "quality", "flags", "available_at_utc")
LONGEST = timedelta(days=LONGEST_INTERVAL_DAYS)


def known_hours(
    tables: SmallTables,
    meter_ids: Iterable[str] | None,
    first: datetime,
    end: datetime,
    known_at: datetime,
    cleaning: CleaningConfig,
    columns: Sequence[str],
) -> pa.Table:
    """Rows of silver.hourly_readings (`columns`) of hours from `first` on and before `end`, as known at a time.

    `meter_ids`: of these meters; None: of all. An hour whose value became known later is made anew of the readings that
    were known; of a virtual meter, which has none, it is left out. A `suspect_from_utc` after `known_at` was not known.
    """
    of_meters = "TRUE" if meter_ids is None else _among("meter_id", meter_ids)
    span = f"{_months(first, end)} AND {_between(first, end)} AND {of_meters}"
    names = list(dict.fromkeys((*columns, *KEY, "available_at_utc")))
    rows = tables.read(silver.HOURLY, names, span)
    is_known = pc.less_equal(rows["available_at_utc"], pa.scalar(known_at))
    known, later = rows.filter(is_known), rows.filter(pc.invert(is_known))
    # The hours after the time are no news of what was known at it.
    later = later.filter(pc.less(later["interval_start_utc"], pa.scalar(known_at)))
    again = _meters_known_otherwise(tables, known, later, known_at)
    if again:
        later = later.filter(pc.is_in(later["meter_id"], pa.array(again)))
        then = conform_arrow(_as_then(tables, later.select(KEY), known_at, cleaning), silver.HOURLY)
        known = pa.concat_tables([known, then.select(names).cast(known.schema)])
    return known.select(list(columns))


def _meters_known_otherwise(tables: SmallTables, known: pa.Table, later: pa.Table, known_at: datetime) -> list[str]:
    """Meters of whose later hours something was known at the time: a value since replaced, or a gap that was estimated.

    A gap is estimated between readings: of an hour with nothing known after it there was nothing.
    """
    if later.num_rows == 0:
        return []
    first = later.group_by("meter_id").aggregate([("interval_start_utc", "min")])
    last = known.group_by("meter_id").aggregate([("interval_start_utc", "max")])
    both = first.join(last, "meter_id", join_type="inner")
    estimated = both.filter(pc.less(both["interval_start_utc_min"], both["interval_start_utc_max"]))
    span = _span(later)
    replaced = tables.read(
        silver.READINGS,
        ["meter_id"],
        f"{_months(span[0] - LONGEST, span[1])} AND {_among('meter_id', first['meter_id'].to_pylist())} AND "
        f"available_at_utc <= {instant_sql(known_at)} AND superseded_at_utc > {instant_sql(known_at)}",
    )
    return sorted({*estimated["meter_id"].to_pylist(), *replaced["meter_id"].to_pylist()})


def _as_then(tables: SmallTables, later: pa.Table, known_at: datetime, cleaning: CleaningConfig) -> pa.Table:
    """Rows of the view of these hours (KEY), made of the readings known at the time."""
    first, end = _span(later)
    back, ahead = HOUR * reach_back_hours(cleaning), HOUR * reach_ahead_hours(cleaning)
    at = instant_sql(known_at)
    near = f"interval_start_utc >= {instant_sql(first - back)} OR interval_minutes > {LONG_INTERVAL_HOURS * 60}"
    readings = tables.read(
        silver.READINGS,
        READING,
        f"{_months(first - LONGEST, end + ahead)} AND {_between(first - LONGEST, end + ahead)} AND ({near}) AND "
        f"{_among('meter_id', later['meter_id'].unique().to_pylist())} AND available_at_utc <= {at} AND "
        f"(superseded_at_utc IS NULL OR superseded_at_utc > {at})",
    ).to_pandas()
    for name in ("interval_start_utc", "available_at_utc"):
        readings[name] = readings[name].dt.tz_localize(None)
    views = [hourly_view(own, cleaning) for _, own in readings.groupby("meter_id")]
    view = pd.concat(views) if views else hourly_view(readings, cleaning)
    for name in ("interval_start_utc", "available_at_utc", "suspect_from_utc"):
        view[name] = pd.to_datetime(view[name]).dt.tz_localize(UTC)
    hours = view.merge(later.to_pandas(), on=KEY)
    return pa.Table.from_pandas(hours, preserve_index=False)


def _span(later: pa.Table) -> tuple[datetime, datetime]:
    """The first of the hours, and the end of the last."""
    ends = pc.min_max(later["interval_start_utc"]).as_py()
    return ends["min"], ends["max"] + HOUR


def _months(first: datetime, end: datetime) -> str:
    """The partitions, so that others are not read."""
    return f"interval_month >= DATE '{first.date().replace(day=1)}' AND interval_month <= DATE '{end.date()}'"


def _between(first: datetime, end: datetime) -> str:
    return f"interval_start_utc >= {instant_sql(first)} AND interval_start_utc < {instant_sql(end)}"


def _among(name: str, values: Iterable[str]) -> str:
    quoted = ", ".join(map(text_sql, values))
    return f"{name} IN ({quoted})" if quoted else "FALSE"
