"""What a saving is measured from, read without Spark: a few meters' hours, their weather, and what was declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd

from energy_lib.cleaning.pipeline.known_hours import known_hours
from energy_lib.config import CleaningConfig
from energy_lib.insights.declared_events import Event, events_of
from energy_lib.insights.savings.local_days import LocalDays, local_days
from energy_lib.insights.savings.opendsm_fit import BASELINE_DAYS
from energy_lib.lake import Lake
from energy_lib.lake.sql_literals import instant_sql, text_sql
from energy_lib.tables import references, silver
from energy_lib.tables.references import landed_by
from energy_lib.vocabulary import Fuel, WeatherKind

Row = dict[str, Any]
# project_id and meter_id.
Key = tuple[str, str]
# A local day lies within so many hours of its UTC day.
ZONE_REACH = timedelta(hours=26)


@dataclass(frozen=True)
class Declared:
    """A row of silver.projects with its meter's row, or `wrong`: why it cannot be measured, naming the row."""

    project: Row
    meter: Row
    events: list[Event]
    wrong: str | None

    @property
    def key(self) -> Key:
        return self.project["project_id"], self.project["meter_id"]

    @property
    def baseline(self) -> tuple[date, date]:
        """First day, and the day after the last."""
        end: date = self.project["baseline_end"]
        return end - timedelta(days=BASELINE_DAYS), end


def declared_projects(lake: Lake, known_at: datetime) -> list[Declared]:
    """Every project known by then, in order of their ids."""
    meters = {row["meter_id"]: row for row in lake.small_tables.rows(silver.METERS)}
    events = landed_by(lake.small_tables.rows(references.EVENTS), known_at)
    projects = landed_by(lake.small_tables.rows(references.PROJECTS), known_at)
    found = []
    for project in sorted(projects, key=lambda row: (row["project_id"], row["meter_id"])):
        meter = meters.get(project["meter_id"], {})
        found.append(Declared(project, meter, events_of(meter, events) if meter else [], _wrong(project, meter)))
    return found


def _wrong(project: Mapping[str, Any], meter: Mapping[str, Any]) -> str | None:
    row = f"row (project_id {project['project_id']}, meter_id {project['meter_id']}) of silver.projects"
    if not meter:
        return f"{row} names a meter that is not in silver.meters."
    if project["reporting_start"] < project["baseline_end"]:
        return (
            f"{row} reports from {project['reporting_start']}, which lies before the baseline's end on "
            f"{project['baseline_end']}."
        )
    if meter["weather_location_id"] is None:
        return f"{row}: its meter has no weather_location_id in silver.meters, and a baseline needs the weather."
    return None


def local_days_of(
    lake: Lake, found: Declared, first: date, end: date, known_at: datetime, cleaning: CleaningConfig
) -> LocalDays:
    """The meter's local days `first` … before `end` as known then: suspect hours and those of events are in no day."""
    meter, start, stop = found.meter, _utc(first) - ZONE_REACH, _utc(end) + ZONE_REACH
    at = f"interval_start_utc >= {instant_sql(start)} AND interval_start_utc < {instant_sql(stop)}"
    columns = ["interval_start_utc", "energy_kwh", "imputed_share", "suspect_from_utc"]
    hours = known_hours(lake.small_tables, [meter["meter_id"]], start, stop, known_at, cleaning, columns).to_pandas()
    hours = hours[~(hours["suspect_from_utc"] <= pd.Timestamp(known_at))]
    weather = lake.small_tables.read(
        silver.WEATHER,
        ["interval_start_utc", "temperature_c"],
        f"location_id = {text_sql(meter['weather_location_id'])} AND kind = '{WeatherKind.OBSERVED}' AND {at} "
        f"AND available_at_utc <= {instant_sql(known_at)}",
    ).to_pandas()
    temperature = weather.set_index("interval_start_utc")["temperature_c"]
    electric = meter["fuel"] == Fuel.ELECTRICITY
    return local_days(hours, temperature, meter["zone"], first, end, zero_day_is_missing=electric)


def without_events(days: LocalDays, touched: Sequence[bool]) -> LocalDays:
    """The same, with nothing known of the days that an event touched."""
    kept = days.days.copy()
    kept.loc[list(touched), "energy_kwh"] = float("nan")
    of_hours = days.hours["date"].isin(kept.index[list(touched)])
    return LocalDays(kept, days.hours.assign(energy_kwh=days.hours["energy_kwh"].mask(of_hours)))


def last_whole_day(zone: str, known_at: datetime) -> date:
    """The last local day that had ended by then."""
    return (pd.Timestamp(known_at).tz_convert(zone).normalize() - pd.Timedelta(days=1)).date()


def _utc(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
