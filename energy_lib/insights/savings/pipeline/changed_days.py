"""Which local days of which meters of projects a night has to measure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from energy_lib.insights.savings.pipeline.inputs import Declared, Key
from energy_lib.insights.savings.pipeline.rates import accounted_since
from energy_lib.insights.savings.spark.news import Ranges, changed_ranges
from energy_lib.lake import Lake
from energy_lib.lake.sql_literals import instant_sql, text_sql
from energy_lib.tables import Table, silver

# First and last day; EVER where all must be measured.
Days = tuple[date, date]
EVER: Days = (date.min, date.max)
# A local day lies within so many hours of its UTC day.
FARTHEST_ZONE = timedelta(hours=14)


def changed_days(
    lake: Lake, projects: list[Declared], done: dict[Table, int], since: datetime, measured: set[Key]
) -> dict[Key, Days]:
    """Days that may have changed since the versions in `done`, by project and meter; those without news are absent.

    `since`: up to when things were known then; what the lake held already and was not known is news now. `measured`:
    what has a baseline already; what has none has news of all its days.
    """
    meters = [each.key[1] for each in projects]
    places = [each.meter["weather_location_id"] for each in projects if each.meter.get("weather_location_id")]
    accounted = accounted_since(lake, meters, since)
    of_hours = [
        changed_ranges(lake, silver.HOURLY, "meter_id", done[silver.HOURLY]),
        known_since(lake, silver.HOURLY, "meter_id", meters, since),
    ]
    of_weather = [
        changed_ranges(lake, silver.WEATHER, "location_id", done[silver.WEATHER]),
        known_since(lake, silver.WEATHER, "location_id", places, since),
    ]
    found = {}
    for each in projects:
        changed = [_changed(each, of_hours, of_weather), accounted.get(each.key[1])]
        ranges = [EVER] if each.key not in measured else [days for days in changed if days is not None]
        if ranges:
            found[each.key] = min(first for first, _ in ranges), max(last for _, last in ranges)
    return found


def known_since(lake: Lake, table: Table, owner: str, names: Iterable[str], since: datetime) -> Ranges:
    """First and last hour of which the table's present value became known later, by `owner`, of those in `names`."""
    ids = ", ".join(text_sql(each) for each in sorted(set(names))) or "NULL"
    where = f"{owner} IN ({ids}) AND available_at_utc > {instant_sql(since)}"
    rows = lake.small_tables.read(table, [owner, "interval_start_utc"], where)
    ends = rows.group_by(owner).aggregate([("interval_start_utc", "min"), ("interval_start_utc", "max")])
    return {row[owner]: (row["interval_start_utc_min"], row["interval_start_utc_max"]) for row in ends.to_pylist()}


def _changed(found: Declared, of_hours: Iterable[Ranges], of_weather: Iterable[Ranges]) -> Days | None:
    place = found.meter.get("weather_location_id") or ""
    named = [*((each, found.key[1]) for each in of_hours), *((each, place) for each in of_weather)]
    ranges = [each[name] for each, name in named if name in each]
    if not ranges:
        return None
    first, last = min(low for low, _ in ranges), max(high for _, high in ranges)
    return (first - FARTHEST_ZONE).date(), (last + FARTHEST_ZONE).date()
