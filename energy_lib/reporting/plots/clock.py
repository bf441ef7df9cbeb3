"""Instants as numbers of an axis, and their ticks on a local clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

import numpy as np
import pandas as pd

from energy_lib.reporting.plots.canvas import Tick

# So many ticks fit below a plot.
MOST = 6


def hours_since_epoch(instants: pd.Series) -> list[float]:
    """Hours since 1970 in UTC, of instants in UTC without a zone."""
    moments = pd.to_datetime(instants).to_numpy("datetime64[s]").astype("int64")
    return [float(moment) / 3600 for moment in moments]


def midnights(first_utc: datetime, last_utc: datetime, zone: str, text: Callable[[date], str]) -> list[Tick]:
    """Local midnights between two instants in UTC without a zone, thinned until their texts fit."""
    first, last = (pd.Timestamp(at, tz="UTC").tz_convert(zone) for at in (first_utc, last_utc))
    days = pd.date_range(first.normalize().tz_localize(None), last.tz_localize(None), freq="D")
    at = days.tz_localize(zone, ambiguous=np.ones(len(days), dtype=bool), nonexistent="shift_forward")
    inside = [(moment, day) for moment, day in zip(at, days, strict=True) if first <= moment <= last]
    step = -(-len(inside) // MOST) or 1
    return [Tick(moment.timestamp() / 3600, text(day.date())) for moment, day in inside[::step]]


def day_ticks(days: Sequence[date], text: Callable[[date], str]) -> list[Tick]:
    """Ticks of an axis of days (their ordinals), thinned until their texts fit."""
    step = -(-len(days) // MOST) or 1
    return [Tick(float(day.toordinal()), text(day)) for day in days[::step]]
