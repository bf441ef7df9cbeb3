"""Daily statistics that grow when something is wrong: one for each way a day can differ from what is expected."""

from __future__ import annotations

import bottleneck as bn
import numpy as np

from energy_lib.insights.anomalies.expectation import FEWEST_DAYS, LOOK_BACK_DAYS, Expected, LikeDays, expected
from energy_lib.insights.anomalies.hourly import (
    above_highest,
    dropouts,
    gaps,
    log_ratios,
    mark_weights,
    multiplied,
    repeats,
    run_lengths,
    run_weights,
    spreads,
)
from energy_lib.insights.anomalies.meter_days import HOURS, WORKDAY, Bools, Floats, MeterDays
from energy_lib.insights.anomalies.start_up import start_up

# How a budget of one alarm a month is shared out between the statistics: alarms a year. More than twelve, for several
# that are raised on one day, or on the days after, are one alarm.
SHARES = {
    "spike": 2.0, "peak": 0.5, "dropout": 0.5, "multiplied": 1.5, "divided": 0.5, "quiet_2": 3.0, "quiet_4": 3.0,
    "weekend_1": 2.5, "weekend_2": 4.0, "shift_1": 0.5, "shift_3": 1.5, "shift_6": 2.0,
    "base_5": 3.0, "base_7": 3.0, "base_14": 3.0, "startup_3": 0.5, "startup_10": 0.5,
    "stuck": 1.0, "dead": 1.0, "gap": 0.5, "both_5": 0.5, "swap_2": 0.1,
}  # fmt: skip
# Below these a score says nothing, however still the meter has been: hours in a row, log ratios, shares of a workday.
LEAST = {
    "stuck": 6.0, "dead": 6.0, "gap": 2.0, "multiplied": 0.08, "divided": 0.08, "weekend_1": 0.05, "weekend_2": 0.05,
    "shift_1": 0.1, "shift_3": 0.1, "shift_6": 0.1, "base_5": 0.03, "base_7": 0.03, "base_14": 0.03,
    "spike": 4.0, "peak": 0.7, "dropout": 3.0, "quiet_2": 0.05, "quiet_4": 0.05,
    "startup_3": 0.5, "startup_10": 0.3, "both_5": 0.1, "swap_2": 0.7,
}  # fmt: skip
# Limits of a meter that is too new to have its own: about the 60 % quantile of those of the 40 meters of Cambridge
# Estates that were clean in 2012 to 2014, or in 2016 to 2018.
POOLED = {
    "spike": 15.0, "peak": 0.7, "dropout": 15.0, "multiplied": 0.8, "divided": 2.0, "quiet_2": 0.75, "quiet_4": 0.5,
    "weekend_1": 2.0, "weekend_2": 1.3, "shift_1": 2.0, "shift_3": 0.8, "shift_6": 0.3,
    "base_5": 0.3, "base_7": 0.3, "base_14": 0.3, "startup_3": 1.0, "startup_10": 0.8,
    "stuck": 12.0, "dead": 30.0, "gap": 2.0, "both_5": 0.2, "swap_2": 1.5,
}  # fmt: skip
# Above these a score is beyond doubt, whatever the year before had: else a fault that lasts raises its own limit.
MOST = {"swap_2": 1.5}
QUIET_HOURS = 10
QUIET_WINDOWS = (2, 4)
LAGS = (-3, -2, -1, 1, 2, 3)
SHIFT_WINDOWS = (1, 3, 6)
# Days that a base load is averaged over, and the days before that its reference leaves out.
# A score knows the day, the residuals of REACH_DAYS before it and what these were expected from.
REACH_DAYS = 2 * LOOK_BACK_DAYS + 30
RULE_VERSION = "3"
BASE_WINDOWS = {"base_5": (5, 7), "base_7": (7, 14), "base_14": (14, 18)}


def statistics(days: MeterDays, foreseen: Expected | None = None) -> dict[str, Floats]:
    """name -> (days,) score, NaN where it cannot be said. A day's score uses that day and days before it."""
    what = foreseen or expected(days)
    z = spreads(days.energy, what.energy, what.scale)
    ratio = multiplied(log_ratios(days.energy, what.energy).reshape(1, -1)).reshape(z.shape)
    with np.errstate(invalid="ignore"):
        result = {
            "spike": z.max(axis=1),
            "dropout": dropouts(z.reshape(1, -1)).reshape(z.shape).max(axis=1),
            "multiplied": ratio.max(axis=1),
            "divided": -ratio.min(axis=1),
            "peak": above_highest(np.max(days.energy, axis=1), highest_before(days.energy)),
        }
    result |= _runs(days.energy)
    result |= _quiet(what, z)
    result |= _weekend(days, what)
    result |= _shift(days, what)
    result |= _base(days)
    result |= start_up(days)
    return result


def _runs(energy: Floats) -> dict[str, Floats]:
    """How surprising runs of one value and of zeros are by the hours of a day, and for how many hours nothing came."""
    found = {}
    for name, marked in run_marks(energy).items():
        flat = marked.reshape(1, -1)
        lengths = run_lengths(flat)
        weights = gaps(lengths) if name == "gap" else run_weights(flat, mark_weights(marked).reshape(1, -1), lengths)
        found[name] = weights.reshape(energy.shape).max(axis=1)
    return found


def run_marks(energy: Floats) -> dict[str, Bools]:
    """name -> (days, 24) which hours a run of the statistic is made of."""
    return {
        "stuck": repeats(energy.reshape(1, -1)).reshape(energy.shape),
        "dead": energy == 0,
        "gap": np.isnan(energy),
    }


def highest_before(energy: Floats) -> Floats:
    """(days,) highest hour of the `REACH_DAYS` before each day, kWh."""
    before = np.full(len(energy), np.nan)
    if len(energy) > 1:
        window = min(REACH_DAYS, len(energy))
        before[1:] = bn.move_max(np.max(energy, axis=1), window, min_count=min(FEWEST_DAYS, window))[:-1]
    return before


def last_days(values: Floats, window: int) -> Floats:
    """Mean over the last days; NaN unless all of them are known."""
    if len(values) < window:
        return np.full(len(values), np.nan)
    return np.asarray(bn.move_mean(values, window), dtype=float)


def _gain(residual: Floats, template: Floats, floor: Floats, window: int, level: Floats | None = None) -> Floats:
    """(days,) how much better the last `window` days' residuals fit when a share of the template is added to them.

    Log of the ratio of the squared errors without and with it: the likelihood ratio of a matched filter with an unknown
    amplitude (Kay, Fundamentals of Statistical Signal Processing: Detection Theory, 1998, section 7.4). 0 where the
    amplitude is below zero. With a `level` both fits may also scale it, so that a day that is high as a whole is none.
    """
    gg, gr, rr = (last_days(each.sum(axis=1), window) for each in (template**2, template * residual, residual**2))
    floor = last_days(floor, window)
    if level is not None:
        ee, eg, er = (last_days(each.sum(axis=1), window) for each in (level**2, level * template, level * residual))
        with np.errstate(invalid="ignore", divide="ignore"):
            gg, gr, rr = gg - eg**2 / ee, gr - eg * er / ee, rr - er**2 / ee
    with np.errstate(invalid="ignore", divide="ignore"):
        gain = np.log((rr + floor) / (np.maximum(rr - gr**2 / gg, 0.0) + floor))
        return np.asarray(np.where(np.isfinite(gain), np.where(gr > 0, gain, 0.0), np.nan), dtype=float)


def quiet_hours(energy: Floats) -> Bools:
    """(days, 24): whether an hour is one of the day's ten lowest."""
    return np.asarray(np.argsort(np.argsort(energy, axis=1), axis=1) < QUIET_HOURS)


def _quiet(what: Expected, z: Floats) -> dict[str, Floats]:
    template = np.where(np.isnan(what.energy), np.nan, quiet_hours(what.energy) / what.scale)
    floor = np.full(len(z), float(HOURS))
    return {f"quiet_{window}": _gain(z, template, floor, window) for window in QUIET_WINDOWS}


def _weekend(days: MeterDays, what: Expected) -> dict[str, Floats]:
    more = np.maximum(what.as_workday - what.energy, 0.0)
    level = what.energy.mean(axis=1)
    floor = HOURS * (0.02 * level + 0.02) ** 2
    with np.errstate(invalid="ignore"):
        tells = (days.kind != WORKDAY) & (more.sum(axis=1) > 0.02 * HOURS * level)
    one = np.where(tells, _gain(days.energy - what.energy, more, floor, 1, what.energy), np.nan)
    both = np.full(len(one), np.nan)
    both[1:] = (one[1:] + one[:-1]) / 2
    return {"weekend_1": one, "weekend_2": both}


def _shift(days: MeterDays, what: Expected) -> dict[str, Floats]:
    level = what.energy.mean(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = days.energy.mean(axis=1, keepdims=True) / level
    floor = HOURS * (0.02 * level[:, 0] + 0.02) ** 2
    errors = []
    for lag in (0, *LAGS):
        # Around the day's end, so that a day needs no expectation of the next.
        moved = np.roll(what.energy, lag, axis=1)
        with np.errstate(invalid="ignore"):
            errors.append(((days.energy - factor * moved) ** 2).sum(axis=1))
    result = {}
    for window in SHIFT_WINDOWS:
        summed = [last_days(error + floor, window) for error in errors]
        result[f"shift_{window}"] = np.log(summed[0] / np.min(summed[1:], axis=0))
    return result


def base_load(days: MeterDays) -> Floats:
    """(days,) mean of the day's third to eighth lowest hours, kWh per hour."""
    return np.asarray(np.sort(days.energy, axis=1)[:, 2:8].mean(axis=1), dtype=float)


def _base(days: MeterDays) -> dict[str, Floats]:
    base = base_load(days)
    with np.errstate(invalid="ignore"):
        log_base = np.log(base + 0.05 + 0.02 * np.nan_to_num(bn.move_mean(base, min(28, len(base)), min_count=1)))
    everyday = np.ones(len(base), dtype=bool)
    result = {}
    for name, (window, gap) in BASE_WINDOWS.items():
        like = LikeDays(look_back=gap + 49, gap=gap, half_life=21.0)
        ahead = log_base - like.median(log_base[:, None], days, days.kind, everyday)[:, 0]
        result[name] = last_days(ahead, window)
    return result
