"""One cause may show in several ways: which event of a meter explains which, and each hour counted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from energy_lib.insights.anomalies.events import Event

# Of events that begin together the first of these explains the others. What is wrong with the meter comes first.
EXPLAINING = (
    "swapped_meters", "unit_change", "multiplier_change", "stuck", "clock_shift",
    "base_load_step", "base_load_creep", "leak", "heating_in_warm_weather", "heating_and_cooling", "out_of_hours",
    "weekend_running", "holiday_running", "start_up_drift",
)  # fmt: skip
# Ways in which too much use shows.
EXPLAINED = EXPLAINING[5:]


@dataclass(frozen=True, slots=True)
class Once:
    """`counted_kwh`: the event's energy in hours that no earlier one counts; NaN where its energy is unknown.

    `explained_by`: the event that began earlier, or with it, and holds most of its time; itself explained by none.
    """

    event: Event
    counted_kwh: float
    explained_by: Event | None


def counted_once(events: Sequence[Event]) -> list[Once]:
    """All events of one meter, by start."""
    if not events:
        return []
    ordered = sorted(events, key=lambda each: (each.begins, _place(each.type)))
    taken = np.zeros(max(each.begins + len(each.excess_kwh) for each in events), dtype=bool)
    found: list[Once] = []
    causes: list[Event] = []
    for event in ordered:
        hours = taken[event.begins : event.begins + len(event.excess_kwh)]
        counts = np.isfinite(event.excess_kwh)
        counted = float(event.excess_kwh[counts & ~hours].sum()) if counts.any() else float("nan")
        hours |= counts
        cause = next((each for each in causes if _holds(each, event)), None) if event.type in EXPLAINED else None
        found.append(Once(event, counted, cause))
        if cause is None and event.type in EXPLAINING:
            causes.append(event)
    return found


def _place(kind: str) -> int:
    return EXPLAINING.index(kind) if kind in EXPLAINING else len(EXPLAINING)


def _holds(cause: Event, event: Event) -> bool:
    shared = min(cause.end, event.end) - max(cause.start, event.start)
    return bool(2 * shared > event.end - event.start)
