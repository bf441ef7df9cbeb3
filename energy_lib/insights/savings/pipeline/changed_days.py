"""Which local days of which meters of projects a night has to measure."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from energy_lib.insights.savings.pipeline.inputs import Declared, Key
from energy_lib.insights.savings.pipeline.rates import accounted_since
from energy_lib.insights.savings.spark.news import Ranges, changed_ranges
from energy_lib.lake import Lake
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

    `since`: up to when things were known then. `measured`: what has a baseline already; what has none has news of all
    its days.
    """
    accounted = accounted_since(lake, [each.key[1] for each in projects], since)
    of_hours = changed_ranges(lake, silver.HOURLY, "meter_id", done[silver.HOURLY])
    of_weather = changed_ranges(lake, silver.WEATHER, "location_id", done[silver.WEATHER])
    found = {}
    for each in projects:
        changed = [_changed(each, of_hours, of_weather), accounted.get(each.key[1])]
        ranges = [EVER] if each.key not in measured else [days for days in changed if days is not None]
        if ranges:
            found[each.key] = min(first for first, _ in ranges), max(last for _, last in ranges)
    return found


def _changed(found: Declared, of_hours: Ranges, of_weather: Ranges) -> Days | None:
    hours, weather = of_hours.get(found.key[1]), of_weather.get(found.meter.get("weather_location_id") or "")
    ranges = [each for each in (hours, weather) if each is not None]
    if not ranges:
        return None
    first, last = min(low for low, _ in ranges), max(high for _, high in ranges)
    return (first - FARTHEST_ZONE).date(), (last + FARTHEST_ZONE).date()
