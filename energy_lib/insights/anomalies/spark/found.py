"""Which meters have news, and what the detectors find in their hours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from functools import partial

import holidays
import numpy as np
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.cleaning import hourly_view
from energy_lib.config import CleaningConfig
from energy_lib.insights.anomalies.events import HISTORY_DAYS, Event, detect
from energy_lib.insights.anomalies.meter_days import meter_days
from energy_lib.lake import Lake
from energy_lib.tables import silver
from energy_lib.vocabulary import Flow

# A meter that fell silent is looked at for so long.
SILENT_DAYS = 35
HALF = 0.5
FOUND = (
    "meter_id string, type string, start_utc timestamp, end_utc timestamp, goes_on boolean, severity string, "
    "score double, observed_kwh double, expected_kwh double, expected_low_kwh double, expected_high_kwh double, "
    "imputed_share double, evidence array<string>, growth_per_day double, days_left int, earliest int, latest int"
)
HOURS = (
    "meter_id string, interval_start_utc timestamp, energy_kwh double, imputed_share float, available_at_utc timestamp"
)
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
    lake: Lake, since: pd.DataFrame, as_of: datetime, alarms_per_month: float, cleaning: CleaningConfig
) -> pd.DataFrame:
    """The events (FOUND) of meters that start at their `since_utc` or later, as known at a time.

    `since`: meter_id, since_utc. Hours that were known otherwise then are made anew of the readings known then.
    """
    reach = timedelta(days=HISTORY_DAYS)
    work = F.broadcast(lake.spark.createDataFrame(since))
    meters = F.broadcast(lake.read(silver.METERS).select("meter_id", *METER_COLUMNS))
    first = since["since_utc"].min().to_pydatetime() - reach
    window = _between(lake.read(silver.HOURLY), first, as_of).join(work, "meter_id")
    window = window.where(F.col("interval_start_utc") >= F.col("since_utc") - F.expr(f"INTERVAL {HISTORY_DAYS} DAYS"))
    hours = window.select(
        "meter_id", "since_utc", "interval_start_utc", "energy_kwh", "imputed_share", "available_at_utc"
    )
    restated = _restated(lake, window, first, as_of, cleaning)
    if restated is not None:
        hours = hours.join(F.broadcast(restated.select("meter_id").distinct()), "meter_id", "left_anti").unionByName(
            restated.join(work, "meter_id").select(*hours.columns)
        )
    known = hours.where(F.col("available_at_utc") <= F.lit(as_of)).drop("available_at_utc").join(meters, "meter_id")
    weather = _temperatures(lake, first, as_of)
    kernel = partial(_detected, as_of=as_of, weather=weather, alarms_per_month=alarms_per_month)
    return known.groupBy("meter_id").applyInPandas(kernel, FOUND).toPandas()


def _between(hourly: DataFrame, first: datetime, end: datetime) -> DataFrame:
    """Hours from `first` on that begin before `end`, pruned by month."""
    start = F.col("interval_start_utc")
    month = F.col("interval_month").between(F.lit(first.date().replace(day=1)), F.lit(end.date()))
    return hourly.where(month & (start >= F.lit(first)) & (start < F.lit(end)))


def _restated(
    lake: Lake, window: DataFrame, first: datetime, as_of: datetime, cleaning: CleaningConfig
) -> DataFrame | None:
    """Hours of the meters of which the view holds values that were known later only, made of the readings known then.

    None where there is no such meter: in a night that is up to date.
    """
    later = window.where(F.col("available_at_utc") > F.lit(as_of)).select("meter_id").distinct()
    names = [row[0] for row in later.collect()]
    if not names or not lake.exists(silver.READINGS):
        return None
    superseded = F.col("superseded_at_utc")
    readings = _between(lake.read(silver.READINGS), first, as_of).where(
        F.col("meter_id").isin(names)
        & (F.col("available_at_utc") <= F.lit(as_of))
        & (superseded.isNull() | (superseded > F.lit(as_of)))
    )

    def view(rows: pd.DataFrame) -> pd.DataFrame:
        return hourly_view(rows, cleaning)[[name.split()[0] for name in HOURS.split(", ")]]

    return readings.groupBy("meter_id").applyInPandas(view, HOURS)


def _temperatures(lake: Lake, first: datetime, as_of: datetime) -> dict[str, pd.Series]:
    """location -> observed temperature by UTC hour, as known at the time."""
    observed = lake.read_or_empty(silver.WEATHER).where(
        (F.col("kind") == "observed")
        & (F.col("available_at_utc") <= F.lit(as_of))
        & F.col("interval_start_utc").between(F.lit(first), F.lit(as_of))
    )
    rows = observed.select("location_id", "interval_start_utc", "temperature_c").toPandas()
    return {
        str(location): pd.Series(
            own["temperature_c"].to_numpy(dtype=float), pd.DatetimeIndex(own["interval_start_utc"]).tz_localize("UTC")
        )
        for location, own in rows.groupby("location_id")
    }


def _detected(
    rows: pd.DataFrame, *, as_of: datetime, weather: dict[str, pd.Series], alarms_per_month: float
) -> pd.DataFrame:
    """The events of one meter. An hour of which more than half is estimated counts as not read."""
    facts = rows.iloc[0]
    index = pd.DatetimeIndex(rows["interval_start_utc"])
    index = index.tz_localize("UTC") if index.tz is None else index
    read = np.where(rows["imputed_share"] > HALF, np.nan, rows["energy_kwh"].astype(float))
    every = pd.date_range(index.min(), pd.Timestamp(as_of), freq="h", inclusive="left")
    place = str(facts["weather_location_id"])
    days = meter_days(
        pd.Series(read, index).reindex(every),
        str(facts["zone"]),
        temperature_c=weather.get(place),
        imputed=pd.Series(rows["imputed_share"].to_numpy() > 0, index).reindex(every, fill_value=False),
        holidays=_holidays(facts["country"], facts["subdivision"], range(every[0].year, every[-1].year + 2)),
    )
    # A day that is not over by then is looked at by the next night.
    whole = days.between(0, len(days.days) - int(days.utc(len(days.days), 0) > pd.Timestamp(as_of)))
    if len(whole.days) == 0:
        return pd.DataFrame(columns=[name.split()[0] for name in FOUND.split(", ")])
    since = pd.Timestamp(facts["since_utc"])
    since = since.tz_localize("UTC") if since.tzinfo is None else since
    local = np.datetime64(since.tz_convert(days.zone).date(), "D")
    events = detect(
        whole,
        fuel=str(facts["fuel"]),
        imports=facts["flow"] in (None, Flow.IMPORT, Flow.NET),
        alarms_per_month=alarms_per_month,
        since=int((local - days.days[0]).astype(int)),
    )
    return pd.DataFrame(
        [_row(str(facts["meter_id"]), event) for event in events], columns=[c.split()[0] for c in FOUND.split(", ")]
    )


def _row(meter_id: str, event: Event) -> dict[str, object]:
    values = asdict(event)
    growth = values.pop("growth") or {}
    return {
        "meter_id": meter_id,
        "start_utc": values.pop("start"),
        "end_utc": values.pop("end"),
        **{name: value for name, value in values.items() if name != "raised"},
        "evidence": list(values["evidence"]),
        "growth_per_day": growth.get("per_day"),
        "days_left": growth.get("days_left"),
        "earliest": growth.get("earliest"),
        "latest": growth.get("latest"),
    }


def _holidays(country: str | None, subdivision: str | None, years: Iterable[int]) -> list[date]:
    if not country:
        return []
    return list(holidays.country_holidays(country, subdiv=subdivision or None, years=list(years)))
