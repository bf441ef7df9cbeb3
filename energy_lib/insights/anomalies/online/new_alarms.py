"""Which of a meter's scores of yesterday and today are new alarms, and which of them are one event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from energy_lib.insights.anomalies.ahead import Before
from energy_lib.insights.anomalies.detector import Raised
from energy_lib.insights.anomalies.events import grouped
from energy_lib.insights.anomalies.hourly import HOURLY
from energy_lib.insights.anomalies.limits import APART_DAYS
from energy_lib.insights.anomalies.measured import SIGNS
from energy_lib.insights.anomalies.meter_days import Bools, Floats

NOTHING = Before((), {})


@dataclass(frozen=True, slots=True)
class Found:
    """`alarms` that are new, and (statistic, day) of those of earlier days that go on."""

    alarms: tuple[Raised, ...]
    goes_on: tuple[tuple[str, int], ...]


NOTHING_FOUND = Found((), ())


def found_in(before: Before, excess: Floats, scores: Floats, limits: Floats, yesterday: int) -> Found:
    """The alarms of two days; `scores` and `limits` are (2, statistics), `excess` (2,) is the days' kWh too much.

    As `raised` of the night: new is a score above its limit after `APART_DAYS` days without one, if the day's energy
    bears it out. Days are days since 1970.
    """
    with np.errstate(invalid="ignore"):
        above: Bools = scores > limits
    alarms, goes_on = [], []
    for at, name in enumerate(HOURLY):
        last, new = before.above.get(name), None
        for place in (0, 1):
            day = yesterday + place
            if not above[place, at]:
                continue
            if new is not None:
                new = replace(new, last_day=day)
            elif last is not None and day - last <= APART_DAYS:
                goes_on.append((name, day))
                last = day
            elif SIGNS.get(name, 0) * excess[place] > 0 or name not in SIGNS:
                new = Raised(name, day, day, float(scores[place, at]), float(limits[place, at]))
        if new is not None:
            alarms.append(new)
    return Found(tuple(sorted(alarms, key=lambda each: (each.day, each.name))), tuple(goes_on))


def new_events(before: Before, found: Found) -> list[list[Raised]]:
    """The alarms that are events of their own, a list an event; without echoes of one before."""
    earlier = gone_on(before, found.goes_on).event
    return [group for group in grouped(found.alarms, earlier) if group[0] in found.alarms]


def gone_on(before: Before, above: Iterable[tuple[str, int]]) -> Before:
    """What was known before, with statistics that are above their limit on later days: their alarms go on."""
    last = dict(above)
    event = tuple(
        replace(each, last_day=max(each.last_day, last.get(each.name, each.last_day))) for each in before.event
    )
    return Before(event, {**before.above, **last})
