"""Swapped meters: from some day on each of two reads what is expected of the other."""

from __future__ import annotations

import numpy as np

from energy_lib.insights.anomalies.expectation import LOOK_BACK_DAYS, LikeDays
from energy_lib.insights.anomalies.meter_days import HOURS, Bools, Floats, MeterDays
from energy_lib.insights.anomalies.statistics import last_days

# The last four weeks tell nothing of what is expected, else a swap would soon be expected.
BEFORE = LikeDays(look_back=LOOK_BACK_DAYS + 28, gap=28, half_life=21.0)
NAME, WINDOW_DAYS = "swap_2", 2


def swapped(one: MeterDays, other: MeterDays) -> dict[str, Floats]:
    """name -> (days,) how much better each of two meters fits the other's past than its own: the lesser of both.

    Log of the ratio of squared errors against the own and the other's like days; above zero where both fit the other
    better. The meters are of the same days.
    """
    every: Bools = np.ones(len(one.days), dtype=bool)
    foreseen = [BEFORE.median(each.energy, each, each.kind, every) for each in (one, other)]
    floor = HOURS * sum((0.02 * each.mean(axis=1) + 0.02) ** 2 for each in foreseen) / 2
    own = [((each.energy - mine) ** 2).sum(axis=1) for each, mine in zip((one, other), foreseen, strict=True)]
    cross = [((each.energy - his) ** 2).sum(axis=1) for each, his in zip((one, other), foreseen[::-1], strict=True)]
    gains = [
        np.log(last_days(mine + floor, WINDOW_DAYS) / last_days(his + floor, WINDOW_DAYS))
        for mine, his in zip(own, cross, strict=True)
    ]
    return {NAME: np.minimum(*gains)}


def on_the_same_days(one: MeterDays, other: MeterDays) -> tuple[MeterDays, MeterDays] | None:
    """Both from the later first to the earlier last day; None where they share none, or keep different clocks."""
    first, last = max(one.days[0], other.days[0]), min(one.days[-1], other.days[-1])
    if one.zone != other.zone or first > last:
        return None
    return _from_to(one, first, last), _from_to(other, first, last)


def _from_to(days: MeterDays, first: np.datetime64, last: np.datetime64) -> MeterDays:
    start, end = (int((each - days.days[0]).astype(int)) for each in (first, last))
    return days.between(start, end + 1)
