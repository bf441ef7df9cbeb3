"""Swapped meters: from some day on each of two reads what is expected of the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from energy_lib.insights.anomalies.expectation import LOOK_BACK_DAYS, LikeDays
from energy_lib.insights.anomalies.meter_days import HOURS, Bools, Floats, MeterDays
from energy_lib.insights.anomalies.statistics import LEAST, last_days

# The last four weeks tell nothing of what is expected, else a swap would soon be expected.
BEFORE = LikeDays(look_back=LOOK_BACK_DAYS + 28, gap=28, half_life=21.0)
NAME, WINDOW_DAYS = "swap_2", 2


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A meter's days, and what each should have been by the days before its last four weeks: (days, 24) kWh."""

    days: MeterDays
    energy: Floats


def foreseen(days: MeterDays) -> Foreseen:
    """What takes longest of a comparison, and is the same whomever the meter is held against."""
    every: Bools = np.ones(len(days.days), dtype=bool)
    return Foreseen(days, BEFORE.median(days.energy, days, days.kind, every))


def swapped(one: Foreseen, other: Foreseen) -> dict[str, Floats]:
    """name -> (days,) how much better each of two meters fits the other's past than its own: the lesser of both.

    Log of the ratio of squared errors against the own and the other's like days; above zero where both fit the other
    better. The meters are of the same days.
    """
    floor = HOURS * sum((0.02 * each.energy.mean(axis=1) + 0.02) ** 2 for each in (one, other)) / 2

    def gain(mine: Foreseen, his: Foreseen) -> Floats:
        own, cross = (((mine.days.energy - each.energy) ** 2).sum(axis=1) for each in (mine, his))
        return np.asarray(np.log(last_days(own + floor, WINDOW_DAYS) / last_days(cross + floor, WINDOW_DAYS)))

    return {NAME: np.minimum(gain(one, other), gain(other, one))}


def may_be_swapped(scores: Mapping[str, Floats]) -> bool:
    """Whether a score passes the least that a limit can be: to learn the limits takes longer than to ask this."""
    return bool((scores[NAME] > LEAST[NAME]).any())


def on_the_same_days(one: Foreseen, other: Foreseen) -> tuple[Foreseen, Foreseen] | None:
    """Both from the later first to the earlier last day; None where they share none, or keep different clocks."""
    mine, his = one.days, other.days
    first, last = max(mine.days[0], his.days[0]), min(mine.days[-1], his.days[-1])
    if mine.zone != his.zone or first > last:
        return None
    return _from_to(one, first, last), _from_to(other, first, last)


def _from_to(meter: Foreseen, first: np.datetime64, last: np.datetime64) -> Foreseen:
    start, end = (int((each - meter.days.days[0]).astype(int)) for each in (first, last))
    return Foreseen(meter.days.between(start, end + 1), meter.energy[start : end + 1])
