"""The hourly statistics of many meters at once, over their last three local days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from energy_lib.insights.anomalies.hourly import (
    HOURLY,
    RATIO_HOURS,
    Integers,
    Run,
    above_highest,
    dropouts,
    gaps,
    log_ratios,
    multiplied,
    repeats,
    run_lengths,
    run_weights,
    spreads,
)
from energy_lib.insights.anomalies.meter_days import HOURS, Bools, Floats
from energy_lib.insights.anomalies.online.state import KEPT_DAYS, KEPT_HOURS, State
from energy_lib.insights.anomalies.online.wall_clock import DAYS, WallClock, wall_clock

# The days that are judged begin here; of the day before, so many hours are looked back on.
JUDGED = HOURS
FIRST = JUDGED - RATIO_HOURS


@dataclass(frozen=True, slots=True)
class Hours:
    """(rows, 72) by the wall clock, from the day before yesterday on.

    `energy` is NaN where nothing is read, and from the first hour on that has neither come nor passed (`used`: not so).
    `expected`, `scale` and the two weights likewise; `highest` is (rows, 3), by day.
    """

    energy: Floats
    used: Bools
    unread: Bools
    expected: Floats
    scale: Floats
    stuck: Floats
    dead: Floats
    highest: Floats

    def excess_of_days(self) -> Floats:
        """(rows, 2) kWh by which the hours read of the judged days are above what is expected of them."""
        excess = (self.energy - self.expected)[:, JUDGED:].reshape(-1, 2, HOURS)
        found: Floats = np.nansum(excess, axis=2)
        return found


@dataclass(frozen=True, slots=True)
class Scores:
    """`hourly`: name -> (rows, 48) of the two days that are judged; `lengths`: of stuck, dead and gap, hours."""

    hourly: dict[str, Floats]
    lengths: dict[str, Integers]

    def of_days(self, used: Bools) -> Floats:
        """(rows, 2, statistics) a day's score so far: its highest hour; NaN where an hour of it is not known."""
        judged = used[:, JUDGED:].reshape(-1, 2, HOURS)
        by_day = [np.where(judged, self.hourly[name].reshape(-1, 2, HOURS), -np.inf).max(axis=2) for name in HOURLY]
        scores: Floats = np.stack(by_day, axis=2)
        return scores


def hours_of(state: State, rows: Integers, zone: int) -> Hours:
    """The last three local days of meters of one zone."""
    today = int(state.today[zone])
    clock = wall_clock(state.zones[zone], today)
    energy = _by_the_wall(state, rows, clock)
    used, unread = _used(state, rows, clock, np.isfinite(energy))
    energy = np.where(used, energy, np.nan)
    wanted = np.arange(today - DAYS + 1, today + 1)
    place = wanted % KEPT_DAYS
    said = state.days.day[rows][:, place] == wanted

    def of(values: Floats) -> Floats:
        known: Floats = np.where(said[:, :, None], values[rows[:, None], place[None, :]], np.nan)
        flat: Floats = known.reshape(len(rows), -1)
        return flat

    highest = np.where(said, state.days.highest[rows[:, None], place[None, :]], np.nan)
    days = state.days
    return Hours(energy, used, unread, of(days.expected), of(days.scale), of(days.stuck), of(days.dead), highest)


def _by_the_wall(state: State, rows: Integers, clock: WallClock) -> Floats:
    """Energy of each wall-clock hour: of a doubled one the mean, of a skipped one that of its neighbours."""
    kwh = state.kwh[rows[:, None], (clock.hour % KEPT_HOURS)[None, :]]
    kept = (clock.hour <= state.hour) & (clock.hour > state.hour - KEPT_HOURS)
    kwh[:, ~kept] = np.nan
    for slot in np.flatnonzero((clock.second >= 0) & (clock.second <= state.hour)):
        both = np.stack([kwh[:, slot], state.kwh[rows, clock.second[slot] % KEPT_HOURS]])
        known = np.isfinite(both).sum(axis=0)
        kwh[:, slot] = np.where(known > 0, np.nansum(both, axis=0) / np.maximum(known, 1), np.nan)
    kwh[:, clock.skipped] = np.nan
    for slot in np.flatnonzero(clock.bridged):
        kwh[:, slot] = kwh[:, [slot - 1, slot + 1]].mean(axis=1)
    return np.asarray(kwh, dtype=float)


def _used(state: State, rows: Integers, clock: WallClock, read: Bools) -> tuple[Bools, Bools]:
    """Which hours count, and which of them are unread. Hours are judged in order: one waits for those before it."""
    last = np.maximum(clock.hour, clock.second)
    passed = last <= state.silent_hour
    whole = np.where(clock.second >= 0, _second_read(state, rows, clock), read)
    known = clock.hour[None, :] >= state.known_from[rows, None]
    settled = (whole & (last <= state.hour)) | passed | ~known
    for slot in np.flatnonzero(clock.skipped)[::-1]:
        settled[:, slot] = settled[:, slot + 1] if slot + 1 < settled.shape[1] else passed[slot]
    # What is kept no longer of the first day is no reason to wait.
    settled[:, :FIRST] = True
    used = np.logical_and.accumulate(settled, axis=1)
    return used, used & ~read & known


def _second_read(state: State, rows: Integers, clock: WallClock) -> Bools:
    """Whether both hours of a doubled one are read."""
    both = np.ones((len(rows), len(clock.hour)), dtype=bool)
    for slot in np.flatnonzero(clock.second >= 0):
        for hour in (clock.hour[slot], clock.second[slot]):
            both[:, slot] &= np.isfinite(state.kwh[rows, hour % KEPT_HOURS]) & (hour <= state.hour)
    return both


def scores_of(state: State, rows: Integers, hours: Hours) -> Scores:
    """The statistics of the hours, by the kernels of the night."""
    z = spreads(hours.energy, hours.expected, hours.scale)
    by_day = (len(rows), DAYS, HOURS)
    with np.errstate(invalid="ignore"):
        ratio = log_ratios(hours.energy.reshape(by_day), hours.expected.reshape(by_day)).reshape(z.shape)
    ratio = multiplied(ratio[:, FIRST:])[:, RATIO_HOURS:]
    found = {
        "spike": z[:, JUDGED:],
        "peak": above_highest(hours.energy, np.repeat(hours.highest, HOURS, axis=1))[:, JUDGED:],
        "dropout": dropouts(z[:, FIRST:])[:, RATIO_HOURS:],
        "multiplied": ratio,
        "divided": -ratio,
    }
    lengths = {}
    for at, (name, marked) in enumerate(_marks(hours).items()):
        carried = state.start.hours[rows, at]
        before = Run(state.start.weight[rows, at] if name != "gap" else np.zeros(len(rows)), carried)
        lengths[name] = run_lengths(marked, before)
        if name == "gap":
            found[name] = gaps(lengths[name])
        else:
            weight = np.nan_to_num((hours.stuck if name == "stuck" else hours.dead)[:, JUDGED:])
            found[name] = run_weights(marked, weight, lengths[name], before)
    return Scores(found, lengths)


def _marks(hours: Hours) -> dict[str, Bools]:
    """name -> (rows, 48) which hours of the judged days a run is made of."""
    return {
        "stuck": repeats(hours.energy[:, JUDGED - 1 :])[:, 1:],
        "dead": hours.energy[:, JUDGED:] == 0,
        "gap": hours.unread[:, JUDGED:],
    }
