"""An alarm that lies wholly inside a declared event is explained by it; one that reaches beyond is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

from energy_lib.insights.anomalies.explained import explaining, told_of
from energy_lib.insights.declared_events import Event, landed_between
from energy_lib.tables.references import landed_by

ZONE = "Europe/London"


def utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def outage(start: str, end: str | None, event_id: str = "e") -> Event:
    return Event(event_id, "outage", utc(start), None if end is None else utc(end))


@pytest.mark.parametrize(
    ("start", "end", "explained"),
    [
        # Hours: the outage from 10:20 to 13:40 holds the hours 10 to 13.
        ("2024-07-02 10:00", "2024-07-02 14:00", True),
        ("2024-07-02 11:00", "2024-07-02 12:00", True),
        ("2024-07-02 09:00", "2024-07-02 14:00", False),
        ("2024-07-02 10:00", "2024-07-02 15:00", False),
        # A whole local day (23:00 UTC is midnight in summer) is known no better than by the day.
        ("2024-07-01 23:00", "2024-07-02 23:00", True),
        ("2024-07-01 23:00", "2024-07-03 23:00", False),
        ("2024-06-30 23:00", "2024-07-02 23:00", False),
        # A UTC day is no local day.
        ("2024-07-02 00:00", "2024-07-03 00:00", False),
    ],
)
def test_an_event_holds_the_hours_and_days_it_touches(start: str, end: str, explained: bool) -> None:
    event = outage("2024-07-02 10:20", "2024-07-02 13:40")
    assert explaining(utc(start), utc(end), ZONE, [event]) == ([event] if explained else [])


def test_an_event_without_an_end_holds_all_that_follows_and_the_earliest_is_named_first() -> None:
    going_on, week = outage("2024-07-02 10:20", None, "b"), outage("2024-07-01", "2024-07-08", "a")
    alarm = utc("2024-07-03 05:00"), utc("2024-07-04 05:00")
    assert explaining(*alarm, ZONE, [going_on, week]) == [week, going_on]
    assert told_of(going_on) == "declared: outage b from 2024-07-02 10:20 UTC on holds all of it"
    assert told_of(week) == "declared: outage a from 2024-07-01 00:00 UTC to 2024-07-08 00:00 holds all of it"


def test_what_landed_later_was_not_known() -> None:
    night, next_night = datetime(2024, 7, 2, 5, tzinfo=UTC), datetime(2024, 7, 3, 5, tzinfo=UTC)
    rows = [{"event_id": str(landed), "landed_at_utc": landed} for landed in (night, next_night, None)]
    assert landed_by(rows, night) == [rows[0], rows[2]]
    assert landed_between(rows, night, next_night) == [rows[1]]
