"""Heating and cooling at once: gas that heats and electricity that cools, of one building on one mild or warm day."""

from __future__ import annotations

import bottleneck as bn
import numpy as np

from energy_lib.insights.anomalies.meter_days import WORKDAY, Floats, MeterDays

YEAR_DAYS = 365
# From this daily mean on hardly anything needs heat and something may need cooling, °C.
MILD_C = 13.0
# Days with neither, °C, and how many of the last of them say what electricity is used without cooling.
NEITHER_C = (7.0, MILD_C)
NEITHER_DAYS, FEWEST_NEITHER_DAYS = 30, 5
LOW, HIGH = 0.1, 0.9
# A meter whose year hardly moves does not heat: share of its high days.
LEAST_SWING = 0.3
WINDOW_DAYS, KNOWN_DAYS = 5, 2
NAME = "both_5"


def heating_and_cooling(gas: MeterDays, electricity: Floats) -> dict[str, Floats]:
    """name -> (days,) how much heating and cooling there was at once lately, NaN but on mild and warm days.

    `electricity` is the building's, (days, 24) kWh of the same days. Of a day the lesser counts of two shares: the gas
    above what is burnt without heating, over the range up to the year's cold days, and the electricity above the last
    like days that needed neither, over these. The score is the mean over the last days that were mild.
    """
    burnt, drawn = gas.energy.sum(axis=1), electricity.sum(axis=1)
    off = gas.kind != WORKDAY
    neither = (gas.temperature >= NEITHER_C[0]) & (gas.temperature < NEITHER_C[1]) & np.isfinite(drawn)
    mild = gas.temperature >= MILD_C
    both = np.full(len(burnt), np.nan)
    for day in np.flatnonzero(mild):
        year = slice(max(0, day - YEAR_DAYS), day)
        like = drawn[year][neither[year] & (off[year] == off[day])][-NEITHER_DAYS:]
        known = burnt[year][np.isfinite(burnt[year])]
        if len(like) < FEWEST_NEITHER_DAYS or len(known) < NEITHER_DAYS:
            continue
        low, high = np.quantile(known, (LOW, HIGH))
        usual = float(np.median(like))
        if usual > 0 and high - low > LEAST_SWING * high:
            unheated = _unheated(burnt[year][mild[year]])
            both[day] = min((burnt[day] - unheated) / (high - unheated), drawn[day] / usual - 1)
    if len(both) >= WINDOW_DAYS:
        lately = bn.move_mean(both, WINDOW_DAYS, min_count=KNOWN_DAYS)
        return {NAME: np.where(np.isfinite(both), lately, np.nan)}
    return {NAME: np.full(len(both), np.nan)}


def _unheated(on_mild_days: Floats) -> float:
    """What is burnt without heating, kWh a day: the low mild days of the year, nothing while few are known."""
    known = on_mild_days[np.isfinite(on_mild_days)]
    return float(np.quantile(known, LOW)) if len(known) >= NEITHER_DAYS else 0.0
