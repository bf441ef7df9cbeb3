"""Events of silver.events, which readings do not explain: which were known, whom they concern, the days they touch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.insights.local_midnights import at_midnight


@dataclass(frozen=True, slots=True)
class Event:
    """An event at a meter; times aware. `end_utc` None: it goes on."""

    event_id: str
    kind: str
    start_utc: pd.Timestamp
    end_utc: pd.Timestamp | None


def events_of(meter: Mapping[str, Any], events: Iterable[Mapping[str, Any]]) -> list[Event]:
    """Events of silver.events that concern the meter itself, its building, its site or its own area."""
    places = ("meter_id", "building_id", "site_id", "area_id")
    return [
        Event(row["event_id"], row["kind"], pd.Timestamp(row["start_utc"]), _time(row["end_utc"]))
        for row in events
        if any(row[place] is not None and row[place] == meter.get(place) for place in places)
    ]


def landed_between(rows: Iterable[dict[str, Any]], after: datetime, until: datetime) -> list[dict[str, Any]]:
    """Rows of a reference table that landed after one time, up to another."""
    return [row for row in rows if row["landed_at_utc"] is not None and after < row["landed_at_utc"] <= until]


def days_touched(event: Event, dates: pd.DatetimeIndex, zone: str) -> NDArray[np.bool_]:
    """Which of the local days hold a part of the event; one that lasts no time touches the day it is in."""
    starts, ends = at_midnight(dates, zone), at_midnight(dates + pd.Timedelta(days=1), zone)
    begun = ends > event.start_utc
    if event.end_utc is None:
        return np.asarray(begun)
    lasts = event.end_utc > event.start_utc
    return np.asarray(begun & ((starts < event.end_utc) if lasts else (starts <= event.start_utc)))


def _time(value: Any) -> pd.Timestamp | None:
    return None if value is None or pd.isna(value) else pd.Timestamp(value)
