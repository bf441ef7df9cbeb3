"""When a workday's use rises in the morning, and by how many hours that has become earlier."""

from __future__ import annotations

import bottleneck as bn
import numpy as np

from energy_lib.insights.anomalies.expectation import LikeDays
from energy_lib.insights.anomalies.meter_days import HOURS, WORKDAY, Bools, Floats, MeterDays

NOON = HOURS // 2
NIGHT, DAYTIME = slice(0, 4), slice(9, 16)
# Where the daytime is hardly above the night there is no rise to speak of: share of the daytime.
LEAST_RISE = 0.25
# name -> workdays that are averaged, how many of them must tell, and the days before that the reference leaves out.
START_WINDOWS = {"startup_3": (3, 2, 5), "startup_10": (10, 7, 16)}


def rise_and_fall(days: MeterDays) -> tuple[Floats, Floats]:
    """(days,) local hours, with their fraction, at which use rises in the morning and falls again.

    The rise is noon less the morning's hours weighted by how far each lies between the night's level (0) and the
    daytime's (1); the fall likewise. NaN on days off and on those without an hour or a rise.
    """
    energy = days.energy
    low, high = np.median(energy[:, NIGHT], axis=1), np.median(energy[:, DAYTIME], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        tells: Bools = (days.kind == WORKDAY) & (high - low > LEAST_RISE * high)
        share = np.clip((energy - low[:, None]) / (high - low)[:, None], 0.0, 1.0)
    rise = np.where(tells, NOON - share[:, :NOON].sum(axis=1), np.nan)
    return rise, np.where(tells, NOON + share[:, NOON:].sum(axis=1), np.nan)


def start_up(days: MeterDays) -> dict[str, Floats]:
    """name -> (days,) hours by which the last workdays began earlier than those like them before.

    A day that ends earlier, too, is moved and not longer: what its end moved is taken off.
    """
    edges = np.column_stack(rise_and_fall(days))
    workday = days.kind == WORKDAY
    at = np.flatnonzero(workday)
    result = {}
    for name, (window, known, gap) in START_WINDOWS.items():
        like = LikeDays(look_back=gap + 49, gap=gap, half_life=21.0)
        earlier = (like.median(edges, days, days.kind, workday) - edges)[at]
        longer = earlier[:, 0] - np.maximum(earlier[:, 1], 0.0)
        scores = np.full(len(workday), np.nan)
        if len(at) >= window:
            scores[at] = bn.move_mean(longer, window, min_count=known)
        result[name] = scores
    return result
