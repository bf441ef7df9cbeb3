"""What was declared beforehand explains an alarm that lies wholly inside it."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from energy_lib.insights.declared_events import Event, days_touched

DAY = pd.Timedelta(days=1)


def explaining(start_utc: pd.Timestamp, end_utc: pd.Timestamp, zone: str, events: Iterable[Event]) -> list[Event]:
    """The events, by start and id, that the hours `start_utc` … `end_utc` lie wholly inside.

    Readings know hours: an event holds the hours that it touches. An alarm of whole local days knows days: an event
    holds the days that it touches.
    """
    found = [each for each in events if _holds(each, start_utc, end_utc, zone)]
    return sorted(found, key=lambda each: (each.start_utc, each.event_id))


def told_of(event: Event) -> str:
    """A line of evidence that names the event."""
    until = "on" if event.end_utc is None else f"to {event.end_utc:%Y-%m-%d %H:%M}"
    return f"declared: {event.kind} {event.event_id} from {event.start_utc:%Y-%m-%d %H:%M} UTC {until} holds all of it"


def _holds(event: Event, start: pd.Timestamp, end: pd.Timestamp, zone: str) -> bool:
    last = None if event.end_utc is None else event.end_utc.ceil("h")
    if event.start_utc.floor("h") <= start and (last is None or end <= last):
        return True
    first_day, end_day = (each.tz_convert(zone).tz_localize(None) for each in (start, end))
    if first_day != first_day.normalize() or end_day != end_day.normalize():
        return False
    return bool(days_touched(event, pd.date_range(first_day, end_day - DAY, freq="D"), zone).all())
