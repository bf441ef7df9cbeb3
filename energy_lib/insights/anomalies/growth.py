"""What grows from day to day: its slope, and the day on which it passes a threshold if it goes on like this."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from energy_lib.insights.anomalies.meter_days import Floats, MeterDays
from energy_lib.insights.anomalies.start_up import rise_and_fall
from energy_lib.insights.anomalies.statistics import base_load

# type -> what is worth a visit, whatever the meter: a base load half as high again as it was (share), workdays that
# begin two hours earlier than they did (hours).
THRESHOLDS = {"base_load_creep": 0.5, "start_up_drift": 2.0}
REFERENCE_DAYS = 28
LEVEL = 0.90
FEWEST_DAYS = 7
MOST_DAYS_AHEAD = 3650


@dataclass(frozen=True, slots=True)
class Growth:
    """`per_day`: what is gained a day, in the unit of its threshold. `days_left`: from the last day on until it
    passes the threshold, with the earliest and latest of the interval at 90 %; None: not in ten years."""

    per_day: float
    days_left: int
    earliest: int
    latest: int | None


def growing(kind: str, days: MeterDays, first: int, last: int) -> Growth | None:
    """How an event of the days `first` … `last` grows; None of types that do not."""
    if kind not in THRESHOLDS:
        return None
    above = _above_base(days, first, last) if kind == "base_load_creep" else _earlier(days, first, last)
    return growth(above, THRESHOLDS[kind])


def grew(days: MeterDays, first: int, last: int) -> bool:
    """Whether the base load of the later half of the days lies clearly above the earlier: a creep and no step."""
    above = _above_base(days, first, last)
    half = len(above) // 2
    if half < 2 or not (np.isfinite(above[:half]).any() and np.isfinite(above[half:]).any()):
        return False
    return bool(np.nanmedian(above[half:]) > 1.3 * max(np.nanmedian(above[:half]), 0.0))


def growth(above: Floats, threshold: float) -> Growth | None:
    """Of the days' distance from the reference; None if they are few, or if the slope is not surely upwards.

    Ordinary least squares with Student's interval of the slope; day-to-day correlation is allowed for by the usual
    correction of the number of days, n (1 - r) / (1 + r) (Bayley and Hammersley, 1946).
    """
    known = np.flatnonzero(np.isfinite(above))
    if len(known) < FEWEST_DAYS:
        return None
    day, value = known - known.mean(), above[known]
    spread = float((day**2).sum())
    slope = float((day * value).sum()) / spread
    residual = value - value.mean() - slope * day
    follows = float(np.corrcoef(residual[1:], residual[:-1])[0, 1]) if residual.std() > 1e-12 else 0.0
    r = min(max(follows, 0.0), 0.9)
    days = max(len(known) * (1 - r) / (1 + r), 3.0)
    error = float(np.sqrt((residual**2).sum() / (len(known) - 2) / spread * len(known) / days))
    wide = float(stdtrit(days - 2, (1 + LEVEL) / 2)) * error
    if slope - wide <= 0:
        return None
    left = max(threshold - (float(value.mean()) + slope * float(day[-1])), 0.0)
    ahead = [int(np.ceil(left / each)) for each in (slope, slope + wide, slope - wide)]
    if ahead[0] > MOST_DAYS_AHEAD:
        return None
    return Growth(slope, ahead[0], ahead[1], ahead[2] if ahead[2] <= MOST_DAYS_AHEAD else None)


def _above_base(days: MeterDays, first: int, last: int) -> Floats:
    """(days,) share by which the base load is above its median of the four weeks before `first`."""
    base = base_load(days)
    level = _median(base[max(0, first - REFERENCE_DAYS) : first])
    return base[first : last + 1] / level - 1 if level > 0 else np.full(last + 1 - first, np.nan)


def _earlier(days: MeterDays, first: int, last: int) -> Floats:
    """(days,) hours by which workdays begin earlier than at the median of the four weeks before `first`."""
    rise = rise_and_fall(days)[0]
    return _median(rise[max(0, first - REFERENCE_DAYS) : first]) - rise[first : last + 1]


def _median(values: Floats) -> float:
    return float(np.nanmedian(values)) if np.isfinite(values).any() else float("nan")
