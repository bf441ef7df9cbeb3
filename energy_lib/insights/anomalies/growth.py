"""A base load that grows: its slope, and the day on which it passes a threshold if it goes on like this."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from energy_lib.insights.anomalies.meter_days import Floats

# A base load half as high again as it was is worth a visit, whatever the meter.
THRESHOLD = 0.5
LEVEL = 0.90
FEWEST_DAYS = 7
MOST_DAYS_AHEAD = 3650


@dataclass(frozen=True, slots=True)
class Growth:
    """`per_day`: share of the reference that the base load gains a day. `days_left`: from the last day on until it
    passes the threshold, with the earliest and latest of the interval at 90 %; None: not in ten years."""

    per_day: float
    days_left: int
    earliest: int
    latest: int | None


def growth(above: Floats) -> Growth | None:
    """Of the days' share above the reference; None if they are few, or if the slope is not surely upwards.

    Ordinary least squares with Student's interval of the slope; day-to-day correlation is allowed for by the usual
    correction of the number of days, n (1 - r) / (1 + r) (Bayley and Hammersley, 1946).
    """
    known = np.flatnonzero(np.isfinite(above))
    if len(known) < FEWEST_DAYS:
        return None
    fit = stats.linregress(known, above[known])
    residual = above[known] - fit.intercept - fit.slope * known
    follows = float(np.corrcoef(residual[1:], residual[:-1])[0, 1]) if residual.std() > 1e-12 else 0.0
    r = min(max(follows, 0.0), 0.9)
    days = max(len(known) * (1 - r) / (1 + r), 3.0)
    error = float(fit.stderr) * np.sqrt(len(known) / days)
    wide = float(stats.t.ppf((1 + LEVEL) / 2, days - 2)) * error
    if fit.slope - wide <= 0:
        return None
    now = fit.intercept + fit.slope * known[-1]
    left = max(THRESHOLD - now, 0.0)
    ahead = [int(np.ceil(left / slope)) for slope in (fit.slope, fit.slope + wide, fit.slope - wide)]
    if ahead[0] > MOST_DAYS_AHEAD:
        return None
    return Growth(float(fit.slope), ahead[0], ahead[1], ahead[2] if ahead[2] <= MOST_DAYS_AHEAD else None)
