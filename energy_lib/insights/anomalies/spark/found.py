"""Which meters have news, and what the detectors find in their hours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.cleaning.pipeline.known_hours import known_hours
from energy_lib.config import CleaningConfig
from energy_lib.insights.anomalies.events import HISTORY_DAYS
from energy_lib.insights.anomalies.places import heated_buildings, in_squares, maybe_swapped
from energy_lib.insights.anomalies.said_ahead import DAYS_AHEAD
from energy_lib.insights.anomalies.spark.kernels import FOUND, in_building, in_pairs
from energy_lib.insights.anomalies.swap_events import with_swaps
from energy_lib.lake import Lake
from energy_lib.lake.sql_literals import instant_sql
from energy_lib.tables import silver
from energy_lib.vocabulary import WeatherKind

# A meter that fell silent is looked at for so long.
SILENT_DAYS = 35
HOURS = ("meter_id", "interval_start_utc", "energy_kwh", "imputed_share", "available_at_utc")
METER_COLUMNS = ("fuel", "flow", "zone", "country", "subdivision", "weather_location_id")


def first_news(lake: Lake, after: int, known_from: datetime, as_of: datetime, *, redone: bool) -> DataFrame:
    """(meter_id, since_utc): meters with hours that are news as of a time, and the first of these hours.

    News are rows that changed after the Delta version `after`, hours that became known between the times, and the
    silence of meters that had hours in the last `SILENT_DAYS`. A day that is `redone` looks at all hours for what
    became known on it: corrections reach back.
    """
    hourly = lake.read(silver.HOURLY)
    changed = lake.changes(silver.HOURLY, after, deleted=True).where(F.col("available_at_utc") <= F.lit(as_of))
    recent = hourly if redone else _between(hourly, known_from - timedelta(days=SILENT_DAYS), as_of)
    became_known = F.greatest("available_at_utc", F.col("interval_start_utc") + F.expr("INTERVAL 1 HOUR"))
    timely = recent.where((became_known > F.lit(known_from)) & (became_known <= F.lit(as_of)))
    rows = changed.select("meter_id", "interval_start_utc").union(timely.select("meter_id", "interval_start_utc"))
    newest = _between(hourly, as_of - timedelta(days=SILENT_DAYS), as_of).groupBy("meter_id")
    last = newest.agg(F.max("interval_start_utc").alias("interval_start_utc"))
    silent = last.where(F.col("interval_start_utc") < F.lit(as_of - timedelta(days=1)))
    rows = rows.union(silent.select("meter_id", "interval_start_utc"))
    before = rows.where(F.col("interval_start_utc") < F.lit(as_of))
    return before.groupBy("meter_id").agg(F.min("interval_start_utc").alias("since_utc"))


def found_events(
    lake: Lake,
    since: Mapping[str, datetime],
    meters: Mapping[str, Mapping[str, Any]],
    as_of: datetime,
    alarms_per_month: float,
    cleaning: CleaningConfig,
) -> tuple[list[dict[str, Any]], list[bytes]]:
    """The events (FOUND) of the meters in `since` that start at that time or later, as known at `as_of`.

    With it what their next days will be held against (`said_ahead.unpacked`).

    `meters`: meter_id -> row of silver.meters. Hours that were known otherwise then are made anew of the readings known
    then. Meters of one place that begin to look wrong at about the same time are held against one another.
    """
    weather = _temperatures(lake, min(since.values()) - timedelta(days=HISTORY_DAYS), as_of)
    buildings = heated_buildings({meter_id: meters[meter_id] for meter_id in since})
    places = [(meter_id, buildings.get(meter_id, meter_id)) for meter_id in since]
    kernel = partial(in_building, as_of=as_of, weather=weather, alarms_per_month=alarms_per_month)
    hours = _known_hours(lake, since, as_of, cleaning)
    found, limits = _applied(hours, places, kernel)
    squares = in_squares(maybe_swapped(found, meters))
    if not squares:
        return found, limits
    members = [(each, square) for square, pairs in squares.items() for each in sorted({*chain.from_iterable(pairs)})]
    beside = partial(in_pairs, pairs=squares, as_of=as_of, weather=weather, alarms_per_month=alarms_per_month)
    return with_swaps(found, _applied(hours, members, beside)[0]), limits


def _applied(
    hours: DataFrame, groups: Sequence[tuple[str, str]], kernel: Callable[[pd.DataFrame], pd.DataFrame]
) -> tuple[list[dict[str, Any]], list[bytes]]:
    """The events that a kernel finds in the hours of each group, and limits; `groups`: (meter_id, group)."""
    named = pd.DataFrame(groups, columns=["meter_id", "place"])
    member = F.broadcast(hours.sparkSession.createDataFrame(named))
    rows = hours.join(member, "meter_id").groupBy("place").applyInPandas(kernel, FOUND).toPandas()
    limits = rows["limits"].notna()
    found = rows[~limits]
    events = [
        {**dict(zip(found.columns, values, strict=True)), "start_utc": in_utc(values[2]), "end_utc": in_utc(values[3])}
        for values in found.itertuples(index=False, name=None)
    ]
    return events, [bytes(each) for each in rows.loc[limits, "limits"]]


def _known_hours(lake: Lake, since: Mapping[str, datetime], as_of: datetime, cleaning: CleaningConfig) -> DataFrame:
    """Hours of the meters as known at a time, from HISTORY_DAYS before their `since` on, with METER_COLUMNS."""
    frame = pd.DataFrame({"meter_id": list(since), "since_utc": pd.DatetimeIndex(list(since.values()))})
    work = F.broadcast(lake.spark.createDataFrame(frame))
    meters = F.broadcast(lake.read(silver.METERS).select("meter_id", *METER_COLUMNS))
    first = min(since.values()) - timedelta(days=HISTORY_DAYS)
    window = _between(lake.read(silver.HOURLY), first, as_of).join(work, "meter_id")
    window = window.where(F.col("interval_start_utc") >= F.col("since_utc") - F.expr(f"INTERVAL {HISTORY_DAYS} DAYS"))
    hours = window.select("since_utc", *HOURS)
    then = _known_otherwise(lake, window, first, as_of, cleaning)
    if then is not None:
        others = hours.join(F.broadcast(then.select("meter_id").distinct()), "meter_id", "left_anti")
        hours = others.unionByName(then.join(work, "meter_id"))
    return hours.where(F.col("available_at_utc") <= F.lit(as_of)).drop("available_at_utc").join(meters, "meter_id")


def in_utc(stamp: pd.Timestamp) -> datetime:
    """An aware instant of what Spark gives."""
    aware = stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp
    instant: datetime = aware.to_pydatetime()
    return instant


def _between(hourly: DataFrame, first: datetime, end: datetime) -> DataFrame:
    """Hours from `first` on that begin before `end`, pruned by month."""
    start = F.col("interval_start_utc")
    month = F.col("interval_month").between(F.lit(first.date().replace(day=1)), F.lit(end.date()))
    return hourly.where(month & (start >= F.lit(first)) & (start < F.lit(end)))


def _known_otherwise(
    lake: Lake, window: DataFrame, first: datetime, as_of: datetime, cleaning: CleaningConfig
) -> DataFrame | None:
    """Hours (HOURS) as they were known, of the meters of which the view holds values that became known later.

    None where there is no such meter: in a night that is up to date.
    """
    later = window.where(F.col("available_at_utc") > F.lit(as_of)).select("meter_id").distinct()
    names = [row[0] for row in later.collect()]
    if not names:
        return None
    return lake.spark.createDataFrame(known_hours(lake.small_tables, names, first, as_of, as_of, cleaning, HOURS))


def _temperatures(lake: Lake, first: datetime, as_of: datetime) -> dict[str, pd.Series]:
    """location -> temperature by UTC hour, as known at the time: observed, and of later hours as forecast last."""
    ahead = _forecast_temperatures(lake, as_of)
    rows = lake.small_tables.read(
        silver.WEATHER,
        ("location_id", "interval_start_utc", "temperature_c"),
        f"kind = '{WeatherKind.OBSERVED}' AND available_at_utc <= {instant_sql(as_of)} "
        f"AND interval_start_utc >= {instant_sql(first)} AND interval_start_utc <= {instant_sql(as_of)}",
    ).to_pandas()
    both = pd.concat([rows, ahead]).drop_duplicates(["location_id", "interval_start_utc"], keep="first")
    return {
        str(location): own.set_index("interval_start_utc")["temperature_c"].astype(float)
        for location, own in both.groupby("location_id")
    }


def _forecast_temperatures(lake: Lake, as_of: datetime) -> pd.DataFrame:
    """(location_id, interval_start_utc, temperature_c) of the next days, from what had been issued last by then."""
    rows = lake.small_tables.read(
        silver.WEATHER,
        ("location_id", "interval_start_utc", "temperature_c", "issued_at_utc"),
        f"kind = '{WeatherKind.FORECAST}' AND available_at_utc <= {instant_sql(as_of)} "
        f"AND interval_start_utc >= {instant_sql(as_of)} "
        f"AND interval_start_utc < {instant_sql(as_of + timedelta(days=DAYS_AHEAD + 1))}",
    ).to_pandas()
    rows = rows.sort_values("issued_at_utc").drop(columns="issued_at_utc")
    last: pd.DataFrame = rows.drop_duplicates(["location_id", "interval_start_utc"], keep="last")
    return last
