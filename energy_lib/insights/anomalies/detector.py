"""From statistics and their limits to alarms, day by day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from energy_lib.insights.anomalies.limits import APART_DAYS, limit
from energy_lib.insights.anomalies.meter_days import Bools, Floats

LEARN_DAYS = 365
FEWEST_LEARN_DAYS = 60
RELEARN_DAYS = 30
# How a budget of one alarm is shared out between the statistics: alarms a year.
SHARES = {
    "spike": 1.0,
    "dropout": 0.5,
    "multiplied": 1.0,
    "divided": 0.5,
    "quiet_1": 1.0,
    "quiet_3": 2.0,
    "weekend_1": 1.5,
    "weekend_2": 1.5,
    "shift_1": 0.5,
    "shift_3": 1.0,
    "shift_6": 1.5,
    "base_3": 1.5,
    "base_7": 1.5,
    "base_14": 1.5,
    "stuck": 0.3,
    "dead": 0.3,
    "gap": 0.3,
}


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm of a statistic at the end of a day (position), and how far the score is above its limit."""

    name: str
    day: int
    excess: float


def daily_limits(scores: Mapping[str, Floats], alarms_per_month: float, since: int = 0) -> dict[str, Floats]:
    """name -> (days,) limit in force on each day: learnt every `RELEARN_DAYS` days from the `LEARN_DAYS` before.

    NaN while fewer than `FEWEST_LEARN_DAYS` days are known, and in months that end by day `since`.
    """
    result = {}
    for name, values in scores.items():
        limits = np.full(len(values), np.nan)
        for start in range(since // RELEARN_DAYS * RELEARN_DAYS, len(values), RELEARN_DAYS):
            past = values[max(0, start - LEARN_DAYS) : start]
            if len(past) >= FEWEST_LEARN_DAYS:
                limits[start : start + RELEARN_DAYS] = limit(past, SHARES[name] / 365 * alarms_per_month)
        result[name] = limits
    return result


def raised(scores: Mapping[str, Floats], limits: Mapping[str, Floats]) -> list[Raised]:
    """Every alarm: a score above its limit after `APART_DAYS` days without one, by day and name."""
    found = []
    for name, values in scores.items():
        with np.errstate(invalid="ignore"):
            above: Bools = values > limits[name]
        days = np.flatnonzero(above)
        fresh = days[np.diff(days, prepend=-2 * APART_DAYS) > APART_DAYS]
        found += [Raised(name, int(day), float(values[day] - limits[name][day])) for day in fresh]
    return sorted(found, key=lambda each: (each.day, each.name))
