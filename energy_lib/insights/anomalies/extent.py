"""From when to when an event lasts."""

from __future__ import annotations

import numpy as np

from energy_lib.insights.anomalies.detector import Raised
from energy_lib.insights.anomalies.expectation import Expected
from energy_lib.insights.anomalies.hourly import spreads
from energy_lib.insights.anomalies.meter_days import HOURS, Floats, MeterDays
from energy_lib.insights.anomalies.naming import BEGAN_BEFORE

# What goes on for longer is how the meter is now: its event ends.
LONGEST_DAYS = 60
RUNS = ("stuck", "dead", "gap")
OF_AN_HOUR = ("spike", "peak")


def days_of(days: MeterDays, named: Raised, alarms: list[Raised]) -> tuple[int, int]:
    """First and last day of an event of these alarms, named by one of them."""
    first = max(0, named.day - BEGAN_BEFORE.get(named.name, 0))
    if named.name in RUNS:
        first = _run(days.energy.reshape(-1), named.name, (named.day + 1) * HOURS)[0] // HOURS
    return first, min(max(each.last_day for each in alarms), first + LONGEST_DAYS - 1)


def hours_of(days: MeterDays, foreseen: Expected, named: Raised, first: int, last: int) -> tuple[int, int]:
    """First hour and the hour after the last, counted from the first day's first hour of all."""
    if named.name in OF_AN_HOUR:
        of_day = (each[named.day] for each in (days.energy, foreseen.energy, foreseen.scale))
        hour = named.day * HOURS + highest_hour(named.name, *of_day)
        return hour, hour + 1
    if named.name in RUNS:
        return _run(days.energy.reshape(-1), named.name, (named.day + 1) * HOURS)
    return first * HOURS, (last + 1) * HOURS


def highest_hour(name: str, energy: Floats, expected: Floats, scale: Floats) -> int:
    """Which of these hours a spike or a peak is. A spike is the hour that is furthest above what is expected.

    A peak is the highest hour, whatever was expected: after months without readings that is nothing.
    """
    return int(np.nanargmax(spreads(energy, expected, scale) if name == "spike" else energy))


def _run(flat: Floats, name: str, end: int) -> tuple[int, int]:
    """The run of one value, of zeros or of nothing that was longest on the day before the hour `end`, to its end."""
    if name == "gap":
        marked = np.isnan(flat)
    else:
        same = np.concatenate([[False], np.diff(flat) == 0])
        marked = flat == 0 if name == "dead" else same & (flat > 0)
    position = np.arange(len(flat))
    count = position - np.maximum.accumulate(np.where(marked, -1, position))
    peak = end - HOURS + int(np.argmax(count[end - HOURS : end]))
    start = peak - int(count[peak]) + (0 if name == "stuck" else 1)
    after = np.flatnonzero(~marked[peak:])
    return start, int(peak + after[0]) if len(after) else len(flat)
