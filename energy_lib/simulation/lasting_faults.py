"""Faults that last: of consumption (the energy is really used), and of meters (the energy is read wrongly)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.simulation.injected_faults import FaultInjector
from energy_lib.simulation.occupancy import LocalCalendar
from energy_lib.simulation.portfolio import Registry
from energy_lib.vocabulary import Fuel

Kwh = NDArray[Any]
SLOT = np.timedelta64(1800, "s")
CLOCK_SHIFT, MULTIPLIER, SWAPPED = "clock_shift", "multiplier_change", "swapped_meters"
START_UP, BOTH = "start_up_drift", "heating_and_cooling"
OF_METERS = (CLOCK_SHIFT, MULTIPLIER, SWAPPED)


@dataclass(frozen=True, slots=True)
class Plan:
    """A fault of the meter at this place (Registry.find), from one share of the simulated days to another.

    `size`: of consumption the share of what it is measured by, of a start-up the hours it comes early in the end, of a
    clock the hours it is late, of a register how many times it counts, of a swap 1. `beside`: the place of the other
    meter of a swap, and of the electricity that cools while gas heats.
    """

    kind: str
    place: tuple[Fuel, str, int]
    first: float
    end: float
    size: float
    beside: tuple[Fuel, str, int] | None = None


PLANS = (
    Plan("out_of_hours", (Fuel.ELECTRICITY, "office", 2), 0.8, 1.0, 0.4),
    Plan("weekend_running", (Fuel.ELECTRICITY, "school", 1), 0.7, 0.9, 0.8),
    Plan("base_load_step", (Fuel.ELECTRICITY, "shop", 1), 0.75, 1.0, 0.5),
    Plan("base_load_creep", (Fuel.ELECTRICITY, "shop", 3), 0.6, 1.0, 0.5),
    Plan("gas_leak", (Fuel.GAS, "dwelling", 2), 0.8, 1.0, 0.25),
    Plan(CLOCK_SHIFT, (Fuel.ELECTRICITY, "shop", 0), 0.85, 0.95, 2),
    Plan(MULTIPLIER, (Fuel.ELECTRICITY, "dwelling", 5), 0.9, 1.0, 2),
    Plan(START_UP, (Fuel.ELECTRICITY, "office", 1), 0.75, 1.0, 3),
    Plan(BOTH, (Fuel.GAS, "dwelling", 4), 0.8, 1.0, 0.5, (Fuel.ELECTRICITY, "dwelling", 3)),
    Plan(SWAPPED, (Fuel.ELECTRICITY, "dwelling", 2), 0.85, 1.0, 1, (Fuel.ELECTRICITY, "dwelling", 0)),
)


@dataclass(frozen=True, slots=True)
class Lasting:
    """A plan at a meter (its row in the registry) and one beside it: half-hours from `first` to before `end`."""

    plan: Plan
    meter: int
    first: int
    end: int
    beside: int | None = None

    @property
    def meters(self) -> tuple[int, ...]:
        return (self.meter,) if self.beside is None else (self.meter, self.beside)


def lasting_faults(utility: Registry, slots: pd.DatetimeIndex) -> list[Lasting]:
    """Those of the utility: a small one has few. They begin and end at midnights, UTC."""
    days, found = len(slots) // 48, []
    for plan in PLANS:
        meter = utility.find(*plan.place)
        beside = None if plan.beside is None else utility.find(*plan.beside)
        there = meter is not None and (plan.beside is None or beside is not None)
        if meter is not None and there and int(days * plan.first) < int(days * plan.end):
            found.append(Lasting(plan, meter, int(days * plan.first) * 48, int(days * plan.end) * 48, beside))
    return found


def with_consumption_faults(kwh: Kwh, faults: list[Lasting], calendar: LocalCalendar) -> Kwh:
    """The energy with what is really used beside, in each half-hour (columns) of the meters (rows)."""
    kwh = kwh.copy()
    for fault in faults:
        added = ADDED.get(fault.plan.kind)
        if added is not None:
            span = slice(fault.first, fault.end)
            for meter in fault.meters:
                kwh[meter, span] += added(kwh[meter], fault, calendar)[span]
    return kwh


def inject_meter_faults(injector: FaultInjector, faults: list[Lasting], slots: pd.DatetimeIndex) -> None:
    """Readings of a clock that is late, a register that counts several times, two meters whose readings are exchanged.

    `slots` are the half-hours.
    """
    for fault in faults:
        if fault.plan.kind not in OF_METERS:
            continue
        index = [_rows_of(injector.rows, meter, fault, slots) for meter in fault.meters]
        kwh = injector.rows["kwh"].to_numpy()
        if fault.plan.kind == CLOCK_SHIFT:
            late = int(fault.plan.size) * 60 // int(injector.rows["minutes"].to_numpy()[index[0][0]])
            read = [kwh[index[0] - late]]
        elif fault.plan.kind == SWAPPED:
            read = [kwh[each] for each in reversed(index)]
        else:
            read = [(kwh[index[0]] * fault.plan.size).round(3)]
        for rows, values in zip(index, read, strict=True):
            injector.record(fault.plan.kind, rows)
            injector.rows.loc[rows, "kwh"] = values


def _rows_of(rows: pd.DataFrame, meter: int, fault: Lasting, slots: pd.DatetimeIndex) -> NDArray[Any]:
    """Rows of a meter in the time of the fault, in order of time."""
    starts, begin = rows["start"].to_numpy(), slots.to_numpy().astype("datetime64[s]")[0]
    meant = (starts >= begin + fault.first * SLOT) & (starts < begin + fault.end * SLOT)
    return np.flatnonzero((rows["meter"].to_numpy() == meter) & meant)


def may_read(faults: list[Lasting], kwh: Kwh) -> Kwh:
    """The most that each meter (rows) may read in each half-hour, of what is used: no limit says that it is wrong."""
    most = kwh.copy()
    for fault in faults:
        if fault.plan.kind == MULTIPLIER:
            most[fault.meter] *= fault.plan.size
        if fault.plan.kind == SWAPPED:
            most[list(fault.meters)] = kwh[list(fault.meters)].max(axis=0)
    return most


def truth_of(
    faults: list[Lasting], utility: Registry, slots: pd.DatetimeIndex, before: Kwh, after: Kwh
) -> pd.DataFrame:
    """A row a fault: anomaly_type, meter_id, start_utc, end_utc, size, extra_kwh (really used beside; 0 of meters),
    beside_meter_id (the other meter of it)."""
    return pd.DataFrame(
        [
            {
                "anomaly_type": fault.plan.kind,
                "meter_id": utility.meters["meter_id"].iat[fault.meter],
                "start_utc": slots[fault.first],
                "end_utc": slots[0] + pd.Timedelta(minutes=30) * fault.end,
                "size": fault.plan.size,
                "extra_kwh": round(float((after - before)[list(fault.meters)].sum()), 3),
                "beside_meter_id": None if fault.beside is None else utility.meters["meter_id"].iat[fault.beside],
            }
            for fault in faults
        ],
        columns=["anomaly_type", "meter_id", "start_utc", "end_utc", "size", "extra_kwh", "beside_meter_id"],
    )


def _base(kwh: Kwh, fault: Lasting) -> float:
    """What the meter hardly ever fell below before."""
    return float(np.quantile(kwh[: fault.first], 0.1))


def _out_of_hours(kwh: Kwh, fault: Lasting, calendar: LocalCalendar) -> Kwh:
    """Measured by the mean of working days' daytime."""
    by_day = calendar.is_workday & (calendar.hour >= 10) & (calendar.hour < 16)
    night = (calendar.hour >= 20) | (calendar.hour < 6)
    return np.asarray(fault.plan.size * night * kwh[: fault.first][by_day[: fault.first]].mean())


def _weekend_running(kwh: Kwh, fault: Lasting, calendar: LocalCalendar) -> Kwh:
    """Measured by what the Friday before used more at the same time of day."""
    more = np.zeros(len(kwh))
    for weekday in (5, 6):
        there = np.flatnonzero(calendar.weekday == weekday)
        there = there[there >= (weekday - 4) * 48]
        more[there] = np.maximum(kwh[there - (weekday - 4) * 48] - kwh[there], 0)
    return np.asarray(fault.plan.size * more)


def _step(kwh: Kwh, fault: Lasting, calendar: LocalCalendar) -> Kwh:
    return np.full(len(kwh), fault.plan.size * _base(kwh, fault))


def _creep(kwh: Kwh, fault: Lasting, calendar: LocalCalendar) -> Kwh:
    return np.asarray(fault.plan.size * _grown(kwh, fault) * _base(kwh, fault))


def _grown(kwh: Kwh, fault: Lasting) -> Kwh:
    """0 when the fault begins, 1 when it ends, in a straight line."""
    return np.asarray(np.clip((np.arange(len(kwh)) - fault.first) / (fault.end - fault.first), 0, 1))


def _start_up(kwh: Kwh, fault: Lasting, calendar: LocalCalendar) -> Kwh:
    """On workdays before ten o'clock what is used so many half-hours later, where that is more."""
    early = np.rint(2 * fault.plan.size * _grown(kwh, fault)).astype(int)
    later = kwh[np.minimum(np.arange(len(kwh)) + early, len(kwh) - 1)]
    return np.where(calendar.is_workday & (calendar.hour < 10), np.maximum(later - kwh, 0), 0.0)


def _both(kwh: Kwh, fault: Lasting, calendar: LocalCalendar) -> Kwh:
    """By day, measured by the mean of before: the boiler heats, and the cooling takes it out again."""
    return np.asarray(fault.plan.size * ((calendar.hour >= 8) & (calendar.hour < 22)) * kwh[: fault.first].mean())


def _leak(kwh: Kwh, fault: Lasting, calendar: LocalCalendar) -> Kwh:
    """Measured by the mean of before."""
    return np.full(len(kwh), fault.plan.size * kwh[: fault.first].mean())


ADDED: dict[str, Callable[[Kwh, Lasting, LocalCalendar], Kwh]] = {
    "out_of_hours": _out_of_hours,
    "weekend_running": _weekend_running,
    "base_load_step": _step,
    "base_load_creep": _creep,
    "gas_leak": _leak,
    START_UP: _start_up,
    BOTH: _both,
}
