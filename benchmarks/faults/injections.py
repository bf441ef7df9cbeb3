"""Faults at three sizes, put into an hour series: what is done to which hours, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.faults.meters import Meter

Floats = NDArray[np.float64]
DAY = 24
# A fault that hardly moves the readings is none (a weekend run of a meter whose weekends are like its workdays).
LEAST_CHANGE = 0.10
# Base load, day and night levels come from so many days before the fault.
LEVEL_DAYS = 28


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in the hours `start` … `end` - 1 of a meter."""

    kind: str
    size: float
    start: int
    end: int

    @property
    def hours(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Kind:
    """How a fault is made: its three sizes, its length in hours (by size), and the changed hours.

    `change` takes the meter, the fault and returns the new readings of the fault's hours. `starts` says at what local
    hour and weekday it may begin.
    """

    sizes: tuple[float, float, float]
    hours: Callable[[float], int]
    change: Callable[[Meter, Fault], Floats]
    starts_at: int | None = None
    weekday: int | None = None


def stuck(meter: Meter, fault: Fault) -> Floats:
    return np.full(fault.end - fault.start, meter.energy[fault.start])


def dead(_meter: Meter, fault: Fault) -> Floats:
    return np.zeros(fault.end - fault.start)


def gap(_meter: Meter, fault: Fault) -> Floats:
    return np.full(fault.end - fault.start, np.nan)


def multiplied(meter: Meter, fault: Fault) -> Floats:
    return meter.energy[fault.start : fault.end] * fault.size


def thousandfold(meter: Meter, fault: Fault) -> Floats:
    return meter.energy[fault.start : fault.end] * 1000


def doubled(meter: Meter, fault: Fault) -> Floats:
    return meter.energy[fault.start : fault.end] * 2


def clock_shift(meter: Meter, fault: Fault) -> Floats:
    """The clock runs ahead: each reading carries the stamp of `size` hours later."""
    lag = int(fault.size)
    return np.asarray(meter.energy[fault.start - lag : fault.end - lag]).copy()


def out_of_hours(meter: Meter, fault: Fault) -> Floats:
    """From 20 to 6 h a share of the difference between working hours and night is used on top."""
    hours = slice(fault.start, fault.end)
    local = meter.local[hours]
    night = (local.hour >= 20) | (local.hour < 6)
    return meter.energy[hours] + fault.size * max(0.0, _day_level(meter, fault) - _night_level(meter, fault)) * night


def base_step(meter: Meter, fault: Fault) -> Floats:
    return meter.energy[fault.start : fault.end] + fault.size * _night_level(meter, fault)


def base_creep(meter: Meter, fault: Fault) -> Floats:
    """The base load grows day by day for four weeks, and stays there for two."""
    hours = np.arange(fault.end - fault.start)
    ramp = np.minimum(1.0, hours / (28 * DAY))
    return meter.energy[fault.start : fault.end] + fault.size * ramp * _night_level(meter, fault)


def weekend_running(meter: Meter, fault: Fault) -> Floats:
    """Saturday and Sunday run like workdays, to a share: towards the mean of the workdays of the two weeks before."""
    before = slice(fault.start - 14 * DAY, fault.start)
    profile = (
        pd.Series(meter.energy[before])
        .groupby([meter.local[before].weekday >= 5, meter.local[before].hour])
        .mean()[False]
    )
    now = meter.energy[fault.start : fault.end]
    workday = profile.reindex(meter.local[fault.start : fault.end].hour).to_numpy()
    return np.asarray(now + fault.size * np.maximum(0.0, workday - now), dtype=float)


def _night_level(meter: Meter, fault: Fault) -> float:
    before = slice(fault.start - LEVEL_DAYS * DAY, fault.start)
    return float(np.nanmedian(meter.energy[before][meter.local[before].hour < 5]))


def _day_level(meter: Meter, fault: Fault) -> float:
    before = slice(fault.start - LEVEL_DAYS * DAY, fault.start)
    local = meter.local[before]
    working = (local.weekday < 5) & (local.hour >= 9) & (local.hour < 17)
    return float(np.nanmean(meter.energy[before][working]))


def _lasting(days: int) -> Callable[[float], int]:
    return lambda _size: days * DAY


KINDS = {
    "stuck": Kind((6, 24, 72), int, stuck),
    "dead": Kind((6, 24, 72), int, dead),
    "spike": Kind((3, 5, 10), lambda _size: 1, multiplied),
    "gap": Kind((6, 24, 72), int, gap),
    "x1000": Kind((1, 24, 72), int, thousandfold),
    "x2": Kind((24, 72, 168), int, doubled),
    "clock_shift": Kind((1, 2, 3), _lasting(14), clock_shift),
    "out_of_hours": Kind((0.25, 0.5, 1.0), _lasting(5), out_of_hours, starts_at=12),
    "base_step": Kind((0.10, 0.25, 0.50), _lasting(21), base_step),
    "base_creep": Kind((0.10, 0.25, 0.50), _lasting(42), base_creep),
    "weekend_running": Kind((1 / 3, 2 / 3, 1.0), _lasting(2), weekend_running, 0, 5),
}


def draw(kind: str, meter: Meter, random: np.random.Generator) -> list[tuple[Fault, Floats]]:
    """A fault of each size that begins at one place of the test year, each with the meter's readings then.

    Where the meter shows nothing, or the fault would move its hours by less than a tenth, another place is tried;
    after twenty there is none.
    """
    made = KINDS[kind]
    longest = max(made.hours(size) for size in made.sizes)
    for _ in range(20):
        start = _start(made, meter, int(random.integers(meter.test_from + DAY, len(meter.energy) - longest - 8 * DAY)))
        found = [_applied(kind, size, start, meter) for size in made.sizes]
        now = meter.energy[start : start + longest]
        if not np.isfinite(now).all() or (now > 0).mean() < 0.9:
            continue
        if _moved(meter, *found[-1]) < LEAST_CHANGE:
            continue
        # One hour of nothing times a thousand is nothing.
        found = [each for each in found if each[0].hours > 1 or _moved(meter, *each) >= LEAST_CHANGE]
        return found
    return []


def _applied(kind: str, size: float, start: int, meter: Meter) -> tuple[Fault, Floats]:
    fault = Fault(kind, size, start, start + KINDS[kind].hours(size))
    readings = meter.energy.copy()
    readings[fault.start : fault.end] = KINDS[kind].change(meter, fault)
    # The meter's own resolution: no detector shall know a fault by its decimals.
    return fault, np.round(readings, 1)


def _moved(meter: Meter, fault: Fault, readings: Floats) -> float:
    hours = slice(fault.start, fault.end)
    return float(np.abs(readings[hours] - meter.energy[hours]).sum() / max(meter.energy[hours].sum(), 1e-9))


def _start(made: Kind, meter: Meter, start: int) -> int:
    local = meter.local
    while (made.starts_at is not None and local[start].hour != made.starts_at) or (
        made.weekday is not None and local[start].weekday() != made.weekday
    ):
        start += 1
    return start
