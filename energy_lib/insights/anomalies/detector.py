"""From statistics and their limits to alarms, day by day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from energy_lib.insights.anomalies.limits import APART_DAYS, limit
from energy_lib.insights.anomalies.meter_days import Bools, Floats
from energy_lib.insights.anomalies.statistics import LEAST, MOST, POOLED, SHARES

LEARN_DAYS = 365
FEWEST_LEARN_DAYS = 60
# A season without a score teaches no limit: those of heating and cooling are of mild days alone.
FEWEST_SCORES = 10
FIRST_DAYS = 14


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm of a statistic: raised at the end of `day` (a position), above its limit up to `last_day` so far."""

    name: str
    day: int
    last_day: int
    score: float
    limit: float


def daily_limits(
    scores: Mapping[str, Floats], days: NDArray[np.datetime64], alarms_per_month: float, since: int = 0
) -> dict[str, Floats]:
    """name -> (days,) limit in force on each day: learnt at each month's first day from the `LEARN_DAYS` before it.

    `days` are the local days. While fewer than `FEWEST_LEARN_DAYS` days or `FEWEST_SCORES` scores are known the limits
    are pooled ones. NaN on the first `FIRST_DAYS`, when little can be expected yet, and in months that end before the
    position `since`.
    """
    months = days.astype("datetime64[M]")
    firsts = np.flatnonzero(np.concatenate([[True], months[1:] != months[:-1]]))
    ends = np.append(firsts[1:], len(days))
    result = {}
    for name, values in scores.items():
        limits = np.full(len(values), np.nan)
        for first, end in zip(firsts, ends, strict=True):
            past = values[max(0, first - LEARN_DAYS) : first]
            if end <= since:
                continue
            if len(past) < FEWEST_LEARN_DAYS or np.isfinite(past).sum() < FEWEST_SCORES:
                limits[first:end] = POOLED[name]
                continue
            learnt = limit(past, SHARES[name] / 365 * alarms_per_month)
            limits[first:end] = min(max(learnt, LEAST.get(name, 0.0)), MOST.get(name, float("inf")))
        limits[:FIRST_DAYS] = np.nan
        result[name] = limits
    return result


def raised(
    scores: Mapping[str, Floats],
    limits: Mapping[str, Floats],
    shows: Callable[[str, int], bool] = lambda name, day: True,
) -> list[Raised]:
    """Every alarm, by day and name: a score above its limit after `APART_DAYS` days without one.

    `shows`: whether the readings of a day bear a statistic out. Until they do it is not raised.
    """
    found = []
    for name, values in scores.items():
        with np.errstate(invalid="ignore"):
            above: Bools = values > limits[name]
        days = np.flatnonzero(above)
        for episode in np.split(days, np.flatnonzero(np.diff(days) > APART_DAYS) + 1):
            day = next((int(each) for each in episode if shows(name, int(each))), None)
            if day is not None:
                found.append(Raised(name, day, int(episode[-1]), float(values[day]), float(limits[name][day])))
    return sorted(found, key=lambda each: (each.day, each.name))
