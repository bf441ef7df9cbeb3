"""Limits of the statistics, learnt from a meter's own past so that a wanted number of alarms comes of them."""

from __future__ import annotations

import numpy as np

from energy_lib.insights.anomalies.meter_days import Floats

APART_DAYS = 6


def episode_levels(scores: Floats, most: int) -> Floats:
    """The scores at which, the limit coming down, a first, second, … `most`-th episode appears.

    Days above the limit that are at most `APART_DAYS` apart are one episode.
    """
    order = np.argsort(np.where(np.isfinite(scores), -scores, np.inf), kind="stable")[: np.isfinite(scores).sum()]
    above = bytearray(len(scores) + 2 * APART_DAYS)
    levels: list[float] = []
    count = 0
    for day in order.tolist():
        place = day + APART_DAYS
        earlier = 1 in above[day:place]
        later = 1 in above[place + 1 : place + APART_DAYS + 1]
        above[place] = 1
        count += 1 - earlier - later
        if count > len(levels):
            levels.append(float(scores[day]))
            if len(levels) >= most:
                break
    return np.array(levels)


def limit(scores: Floats, alarms_per_day: float) -> float:
    """The score that episodes pass at the wanted rate, inf if none is known.

    Of n past episodes the r-th highest is passed by the next one with probability r / (n + 1), whatever their
    distribution: the argument of conformal prediction (Vovk et al., Algorithmic Learning in a Random World, 2005).
    Above the highest the tail is taken for exponential, as in peaks over threshold (Coles, 2001, chapter 4).
    """
    wanted = alarms_per_day * np.isfinite(scores).sum()
    levels = episode_levels(scores, most=max(3, int(np.ceil(wanted))))
    if len(levels) == 0:
        return float("inf")
    if wanted >= 1 or len(levels) < 3:
        return float(np.interp(wanted, np.arange(1, len(levels) + 1), levels))
    excess = float(levels[:3].mean() - levels[2])
    return float(levels[0] + excess * np.log(1 / wanted))
