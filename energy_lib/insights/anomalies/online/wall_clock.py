"""Three local days by the wall clock: which hour of UTC each of their hours is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from energy_lib.insights.anomalies.hourly import Integers
from energy_lib.insights.anomalies.meter_days import HOURS, Bools

# The two days that are judged, and the one before them that their first hours look back on.
DAYS = 3
WALL_HOURS = DAYS * HOURS


@dataclass(frozen=True, slots=True)
class WallClock:
    """(72,) of each wall-clock hour: its hour of UTC since 1970, the second one where clocks go back (else -1), and
    whether it is skipped where they go forward; of a skipped one the hour is the next one's."""

    hour: Integers
    second: Integers
    skipped: Bools

    @property
    def bridged(self) -> Bools:
        """Skipped hours that are the mean of their neighbours: all but a day's first and last."""
        of_day = np.arange(WALL_HOURS) % HOURS
        return self.skipped & (of_day > 0) & (of_day < HOURS - 1)


def local_day(hour: int, zone: str) -> int:
    """Days since 1970 of the local day that an hour of UTC begins in."""
    local = pd.Timestamp(hour * 3600, unit="s", tz="UTC").tz_convert(zone).tz_localize(None)
    return int(local.to_datetime64().astype("datetime64[D]").astype(np.int64))


@lru_cache(maxsize=4096)
def wall_clock(zone: str, today: int) -> WallClock:
    """The days `today` - 2 to `today` (days since 1970)."""
    first = today - DAYS + 1
    hours = np.arange(first * HOURS - 16, (today + 1) * HOURS + 16)
    local = pd.to_datetime(hours * 3600, unit="s", utc=True).tz_convert(zone).tz_localize(None)
    slots = local.to_numpy().astype("datetime64[h]").astype(np.int64) - first * HOURS
    inside = (slots >= 0) & (slots < WALL_HOURS)
    hour, second = np.full(WALL_HOURS, -1), np.full(WALL_HOURS, -1)
    hour[slots[inside][::-1]] = hours[inside][::-1]
    again = inside & (hour[np.clip(slots, 0, WALL_HOURS - 1)] != hours)
    second[slots[again]] = hours[again]
    skipped = hour < 0
    for slot in np.flatnonzero(skipped)[::-1]:
        hour[slot] = hour[slot + 1] if slot + 1 < WALL_HOURS else hours[inside][-1] + 1
    return WallClock(hour, second, skipped)
