"""A month of made-up meters twice: told as its hours come, and found by the nights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from energy_lib.insights.anomalies.ahead import ahead_of
from energy_lib.insights.anomalies.events import Event, Judged, events_of, judged
from energy_lib.insights.anomalies.expectation import Expected
from energy_lib.insights.anomalies.hourly import HOURLY
from energy_lib.insights.anomalies.meter_days import days_after, instant_of, meter_days
from energy_lib.insights.anomalies.online.advance import advance
from energy_lib.insights.anomalies.online.limits_in import with_limits
from energy_lib.insights.anomalies.online.state import Settings, State, empty_state

HOUR = pd.Timedelta(hours=1)
FAULTS = ("spike", "stuck", "dead", "thousandfold", "dropout", "gap", "low", "doubled")
Event3 = tuple[str, str, pd.Timestamp]


@dataclass(frozen=True)
class Meter:
    """kWh by UTC hour from a local midnight on, NaN where nothing is ever read; `known`: all its days, judged."""

    meter_id: str
    energy: pd.Series
    known: Judged

    @classmethod
    def of(
        cls, meter_id: str, energy: pd.Series, zone: str, *, imports: bool = True, names: Sequence[str] | None = HOURLY
    ) -> Meter:
        """`names`: the statistics that the nights look at (None: all)."""
        # A thousandfold hour leaves the sums of what follows a little below zero, whose logarithms are not known.
        with np.errstate(invalid="ignore"):
            known = judged(meter_days(energy, zone), imports=imports, alarms_per_month=1.0)
        if names is not None:
            both = ({name: each[name] for name in names if name in each} for each in (known.scores, known.limits))
            known = replace(known, **dict(zip(("scores", "limits"), both, strict=True)))
        return cls(meter_id, energy, known)

    def known_at(self, day: int) -> Judged:
        """What a night knows of the first `day` days: what is said of a day never changes."""
        all_days = self.known
        foreseen = Expected(*(getattr(all_days.foreseen, name)[:day] for name in ("energy", "as_workday", "scale")))
        scores, limits = (
            {name: values[:day] for name, values in each.items()} for each in (all_days.scores, all_days.limits)
        )
        return replace(all_days, days=all_days.days.between(0, day), foreseen=foreseen, scores=scores, limits=limits)

    def midnight(self, day: int) -> pd.Timestamp:
        return instant_of(self.known.days.days[0], day * 24, self.known.days.zone)

    def events_told_of(self, day: int) -> list[Event]:
        """The events that a day told of, as the night after the next one finds them: what has an echo is known then."""
        over = self.known.days.utc(day + 1, 0)
        known = self.known_at(day + 2)
        return [event for event in events_of(known, "electricity", max(0, day - 20)) if event.raised == over]


def night(meters: Iterable[Meter], day: int) -> pd.DataFrame:
    """Rows of gold.day_limits that the night before a day says."""
    rows: list[Mapping[str, Any]] = [
        {"meter_id": meter.meter_id, "origin_utc": meter.midnight(day), "zone": known.days.zone, **row}
        for meter in meters
        for known in [meter.known_at(day)]
        for row in ahead_of(known, days_after(known.days, 2, None, []))
    ]
    return pd.DataFrame(rows)


def readings(meters: Iterable[Meter]) -> pd.DataFrame:
    """All hours read, each known at its end, in the order of time."""
    frames = []
    for meter in meters:
        own = meter.energy.dropna()
        frames.append(pd.DataFrame({"meter_id": meter.meter_id, "interval_start_utc": own.index, "energy_kwh": own}))
    rows = pd.concat(frames, ignore_index=True).sort_values("interval_start_utc", kind="stable", ignore_index=True)
    return rows.assign(interval_minutes=60, available_at_utc=rows["interval_start_utc"] + HOUR)


class Stream:
    """A state that begins with what two nights said, and all that it has told."""

    def __init__(self, meters: Sequence[Meter], day: int, **settings: Any) -> None:
        self.meters = meters
        now = meters[0].midnight(day).ceil("h")
        self.state: State = empty_state((now - 72 * HOUR).to_pydatetime(), Settings(**settings))
        self.rows: list[dict[str, Any]] = []
        self.all = readings(meters)
        for each in (day - 1, day):
            with_limits(self.state, night(meters, each))
        self.hand_in(self.between(now - 72 * HOUR, now), now)

    def between(self, first: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
        """What is read from one time to another."""
        return self.all.iloc[slice(*self.all["interval_start_utc"].searchsorted([first, end]))]

    def hand_in(self, frame: pd.DataFrame, now: pd.Timestamp) -> list[dict[str, Any]]:
        said = advance(self.state, frame, now.to_pydatetime()).alerts
        self.rows += said
        return said

    def standing(self) -> pd.DataFrame:
        """The last row of each alert that is not withdrawn."""
        names = ["alert_id", "meter_id", "type", "start_utc", "day_local", "state", "severity"]
        last = pd.DataFrame(self.rows, columns=names)
        last = last.drop_duplicates("alert_id", keep="last")
        return last[last["state"] != "withdrawn"]

    def told(self, first: np.datetime64, last: np.datetime64) -> set[Event3]:
        """What stands of the local days from `first` to `last`."""
        rows = self.standing()
        days = rows["day_local"].to_numpy(dtype="datetime64[D]")
        own = rows[(days >= first) & (days <= last)]
        return set(zip(own["meter_id"], own["type"], own["start_utc"], strict=True))


def replay(meters: Sequence[Meter], days: range) -> tuple[set[Event3], set[Event3]]:
    """What stands of all that was told hour by hour, and what the nights found: of all days but the last two."""
    stream = Stream(meters, days[0])
    found: set[Event3] = set()
    for day in days:
        if day > days[0]:
            with_limits(stream.state, night(meters, day))
        if day > days[0] + 1:
            found |= {(m.meter_id, each.type, each.start) for m in meters for each in m.events_told_of(day - 2)}
        hour = meters[0].midnight(day).ceil("h")
        while hour < meters[0].midnight(day + 1).ceil("h"):
            stream.hand_in(stream.between(hour, hour + HOUR), hour + HOUR)
            hour += HOUR
    dates = meters[0].known.days.days
    return stream.told(dates[days[0]], dates[days[-1] - 2]), found


def put(energy: pd.Series, fault: str, at: int, hours: int) -> None:
    """Put a fault into the hours from the place `at` on."""
    part = slice(at, at + hours)
    match fault:
        case "spike":
            energy.iloc[at] *= 12
        case "stuck":
            energy.iloc[part] = energy.iloc[at]
        case "dead":
            energy.iloc[part] = 0.0
        case "thousandfold":
            energy.iloc[part] *= 1000
        case "dropout":
            energy.iloc[part] *= 0.05
        case "gap":
            energy.iloc[part] = np.nan
        case "low":
            energy.iloc[part] *= 0.4
        case "doubled":
            energy.iloc[part] *= 2.0
