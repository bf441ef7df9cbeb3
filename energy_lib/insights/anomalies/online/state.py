"""What online detection keeps of each meter: three days of hours, and what its days are held against.

All of it follows from tables: the readings of the last days, gold.day_limits and gold.alerts. So nothing of it need be
stored: a stream that starts again makes it anew (`begun`), and readings that it has seen before change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.insights.anomalies.ahead import Before
from energy_lib.insights.anomalies.hourly import HOURLY, Integers
from energy_lib.insights.anomalies.meter_days import HOURS, Bools, Floats
from energy_lib.insights.anomalies.online.new_alarms import Found
from energy_lib.insights.anomalies.online.told import Told
from energy_lib.insights.anomalies.online.wall_clock import local_day

# Hours of UTC that are kept: two local days, 16 hours before them, and an hour of each change of the clocks.
KEPT_HOURS = 72
# Local days whose limits are kept: the two that are judged, the one before, and the next.
KEPT_DAYS = 4
NEVER = -(1 << 30)
# Meters whose hours are laid out at once: what that takes does not grow with all of them.
ROWS_AT_ONCE = 8192
Words = NDArray[np.uint32]
RUNS = ("stuck", "dead", "gap")


@dataclass(slots=True)
class Settings:
    """`parts`: how many readings an hour may be made of (1, 2, 4 or 12). `silent_after_minutes`: how long after its end
    an hour counts as unread. `alarms_per_meter_month`: what `detect` learns its limits for."""

    parts: int = 1
    silent_after_minutes: int = 60
    alarms_per_meter_month: float = 1.0


@dataclass(slots=True)
class Days:
    """What local days are held against, each at its place day % KEPT_DAYS; (meters, days, …)."""

    day: Integers
    origin: Integers
    expected: Floats
    scale: Floats
    stuck: Floats
    dead: Floats
    highest: Floats
    limits: Floats


@dataclass(slots=True)
class Start:
    """What was known before a local day: `hours` (meters, 3) and `weight` (meters, 2) of the runs that reach it."""

    day: Integers
    hours: Integers
    weight: Floats


@dataclass(slots=True)
class State:
    """Arrays over all meters. Hours lie at their place hour % KEPT_HOURS, `hour` being the newest that has begun.

    `start` is what was known before yesterday, `next_start` what a night has said of a day that is still to come.
    `wrong` and `next_wrong` are its alarms, `found` those of the days that are judged, and `told` the alerts, of the
    few meters that have some. `judged_from`: the first local day that alerts may be of.
    """

    settings: Settings
    meters: pd.Index
    zones: list[str]
    zone: NDArray[np.int16]
    today: Integers
    hour: int
    silent_hour: int
    kwh: Floats
    part_kwh: Floats
    available: Words
    minutes: NDArray[np.uint8]
    known_from: Integers
    judged_from: Integers
    changed: Bools
    days: Days
    start: Start
    next_start: Start
    wrong: dict[int, Before] = field(default_factory=dict)
    next_wrong: dict[int, Before] = field(default_factory=dict)
    found: dict[int, Found] = field(default_factory=dict)
    told: dict[int, list[Told]] = field(default_factory=dict)

    @property
    def bytes_per_meter(self) -> float:
        """Bytes of the arrays for a meter, without its id and without alerts."""
        groups: list[object] = [self, self.days, self.start, self.next_start]
        arrays = [getattr(group, each.name) for group in groups for each in fields(group)]  # type: ignore[arg-type]
        wide = [each for each in arrays if isinstance(each, np.ndarray) and len(each) == len(self.meters)]
        return sum(each.nbytes for each in wide) / max(len(self.meters), 1)


def empty_state(since_utc: datetime, settings: Settings) -> State:
    """A state without meters, before the first hour: `since_utc` is when the readings begin that will be handed in."""
    hour = int(since_utc.timestamp()) // 3600
    no, kept = np.zeros(0, dtype=np.int64), (0, KEPT_HOURS)
    days = Days(
        np.zeros((0, KEPT_DAYS), np.int64),
        np.zeros((0, KEPT_DAYS), np.int64),
        np.zeros((0, KEPT_DAYS, HOURS)),
        np.zeros((0, KEPT_DAYS, HOURS)),
        np.zeros((0, KEPT_DAYS, HOURS)),
        np.zeros((0, KEPT_DAYS, HOURS)),
        np.zeros((0, KEPT_DAYS)),
        np.zeros((0, KEPT_DAYS, len(HOURLY))),
    )
    start, following = (Start(no, np.zeros((0, 3), np.int64), np.zeros((0, 2))) for _ in range(2))
    return State(
        settings=settings,
        meters=pd.Index([], dtype=object),
        zones=[],
        zone=np.zeros(0, np.int16),
        today=no,
        hour=hour,
        silent_hour=hour - 1,
        kwh=np.zeros(kept),
        part_kwh=np.zeros((*kept, settings.parts)),
        available=np.zeros((*kept, settings.parts), np.uint32),
        minutes=np.zeros(kept, np.uint8),
        known_from=no,
        judged_from=no,
        changed=np.zeros(0, bool),
        days=days,
        start=start,
        next_start=following,
    )


def with_meters(state: State, zones: Mapping[str, str]) -> None:
    """Add meters (meter_id -> zone) that are not there yet. What they read before the state's hour is unknown."""
    new = {meter: zone for meter, zone in zones.items() if meter not in state.meters}
    if not new:
        return
    for zone in dict.fromkeys(new.values()):
        if zone not in state.zones:
            state.zones.append(zone)
            state.today = np.append(state.today, local_day(state.hour, zone))
    count = len(new)
    state.meters = state.meters.append(pd.Index(list(new), dtype=object))
    state.zone = np.append(state.zone, [state.zones.index(zone) for zone in new.values()]).astype(np.int16)
    for group, fills in (
        (state, {"kwh": np.nan, "part_kwh": np.nan, "available": 0, "minutes": 0, "known_from": state.hour}),
        (state, {"judged_from": -NEVER, "changed": False}),
        (state.days, {"day": NEVER, "origin": NEVER, "expected": np.nan, "scale": np.nan, "stuck": np.nan}),
        (state.days, {"dead": np.nan, "highest": np.nan, "limits": np.nan}),
        (state.start, {"day": NEVER, "hours": 0, "weight": 0.0}),
        (state.next_start, {"day": NEVER, "hours": 0, "weight": 0.0}),
    ):
        for name, fill in fills.items():
            there: NDArray[np.generic] = getattr(group, name)
            more = np.full((count, *there.shape[1:]), fill, dtype=there.dtype)
            setattr(group, name, np.concatenate([there, more]))
