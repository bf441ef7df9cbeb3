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
CLOCK_SHIFT, MULTIPLIER = "clock_shift", "multiplier_change"


@dataclass(frozen=True, slots=True)
class Plan:
    """A fault of the meter at this place (Registry.find), from one share of the simulated days to another.

    `size`: of consumption the share of what it is measured by, of a clock the hours it is late, of a register how many
    times it counts.
    """

    kind: str
    place: tuple[Fuel, str, int]
    first: float
    end: float
    size: float


PLANS = (
    Plan("out_of_hours", (Fuel.ELECTRICITY, "office", 2), 0.8, 1.0, 0.4),
    Plan("weekend_running", (Fuel.ELECTRICITY, "school", 1), 0.7, 0.9, 0.8),
    Plan("base_load_step", (Fuel.ELECTRICITY, "shop", 1), 0.75, 1.0, 0.5),
    Plan("base_load_creep", (Fuel.ELECTRICITY, "shop", 3), 0.6, 1.0, 0.5),
    Plan("gas_leak", (Fuel.GAS, "dwelling", 2), 0.8, 1.0, 0.25),
    Plan(CLOCK_SHIFT, (Fuel.ELECTRICITY, "shop", 0), 0.85, 0.95, 2),
    Plan(MULTIPLIER, (Fuel.ELECTRICITY, "dwelling", 5), 0.9, 1.0, 2),
)


@dataclass(frozen=True, slots=True)
class Lasting:
    """A plan at a meter (its row in the registry): half-hours from `first` to before `end`."""

    plan: Plan
    meter: int
    first: int
    end: int


def lasting_faults(utility: Registry, slots: pd.DatetimeIndex) -> list[Lasting]:
    """Those of the utility: a small one has few. They begin and end at midnights, UTC."""
    days, found = len(slots) // 48, []
    for plan in PLANS:
        meter = utility.find(*plan.place)
        if meter is not None and int(days * plan.first) < int(days * plan.end):
            found.append(Lasting(plan, meter, int(days * plan.first) * 48, int(days * plan.end) * 48))
    return found


def with_consumption_faults(kwh: Kwh, faults: list[Lasting], calendar: LocalCalendar) -> Kwh:
    """The energy with what is really used beside, in each half-hour (columns) of the meters (rows)."""
    kwh = kwh.copy()
    for fault in faults:
        added = ADDED.get(fault.plan.kind)
        if added is not None:
            span = slice(fault.first, fault.end)
            kwh[fault.meter, span] += fault.plan.size * added(kwh[fault.meter], fault, calendar)[span]
    return kwh


def inject_meter_faults(injector: FaultInjector, faults: list[Lasting], slots: pd.DatetimeIndex) -> None:
    """Readings of a clock that is late, and of a register that counts several times; `slots` are the half-hours."""
    rows, starts = injector.rows, injector.rows["start"].to_numpy()
    begin = slots.to_numpy().astype("datetime64[s]")[0]
    for fault in faults:
        if fault.plan.kind not in (CLOCK_SHIFT, MULTIPLIER):
            continue
        of_meter = rows["meter"].to_numpy() == fault.meter
        index = np.flatnonzero(of_meter & (starts >= begin + fault.first * SLOT) & (starts < begin + fault.end * SLOT))
        kwh = rows["kwh"].to_numpy()
        if fault.plan.kind == CLOCK_SHIFT:
            late = int(fault.plan.size) * 60 // int(rows["minutes"].to_numpy()[index[0]])
            read = kwh[index - late]
        else:
            read = (kwh[index] * fault.plan.size).round(3)
        injector.record(fault.plan.kind, index)
        rows.loc[index, "kwh"] = read


def read_times(faults: list[Lasting], utility: Registry) -> Kwh:
    """How many times what is used each meter (rows of one column) may read."""
    times = np.ones((len(utility.meters), 1))
    for fault in faults:
        if fault.plan.kind == MULTIPLIER:
            times[fault.meter] = fault.plan.size
    return times


def truth_of(
    faults: list[Lasting], utility: Registry, slots: pd.DatetimeIndex, before: Kwh, after: Kwh
) -> pd.DataFrame:
    """A row a fault: anomaly_type, meter_id, start_utc, end_utc, size, extra_kwh (really used beside; 0 of meters)."""
    return pd.DataFrame(
        [
            {
                "anomaly_type": fault.plan.kind,
                "meter_id": utility.meters["meter_id"].iat[fault.meter],
                "start_utc": slots[fault.first],
                "end_utc": slots[0] + pd.Timedelta(minutes=30) * fault.end,
                "size": fault.plan.size,
                "extra_kwh": round(float((after - before)[fault.meter].sum()), 3),
            }
            for fault in faults
        ],
        columns=["anomaly_type", "meter_id", "start_utc", "end_utc", "size", "extra_kwh"],
    )


def _base(kwh: Kwh, fault: Lasting) -> float:
    """What the meter hardly ever fell below before."""
    return float(np.quantile(kwh[: fault.first], 0.1))


def _out_of_hours(kwh: Kwh, fault: Lasting, calendar: LocalCalendar) -> Kwh:
    """Measured by the mean of working days' daytime."""
    by_day = calendar.is_workday & (calendar.hour >= 10) & (calendar.hour < 16)
    night = (calendar.hour >= 20) | (calendar.hour < 6)
    return np.asarray(night * kwh[: fault.first][by_day[: fault.first]].mean())


def _weekend_running(kwh: Kwh, fault: Lasting, calendar: LocalCalendar) -> Kwh:
    """Measured by what the Friday before used more at the same time of day."""
    more = np.zeros(len(kwh))
    for weekday in (5, 6):
        there = np.flatnonzero(calendar.weekday == weekday)
        there = there[there >= (weekday - 4) * 48]
        more[there] = np.maximum(kwh[there - (weekday - 4) * 48] - kwh[there], 0)
    return more


def _step(kwh: Kwh, fault: Lasting, calendar: LocalCalendar) -> Kwh:
    return np.full(len(kwh), _base(kwh, fault))


def _creep(kwh: Kwh, fault: Lasting, calendar: LocalCalendar) -> Kwh:
    return np.clip((np.arange(len(kwh)) - fault.first) / (fault.end - fault.first), 0, 1) * _base(kwh, fault)


def _leak(kwh: Kwh, fault: Lasting, calendar: LocalCalendar) -> Kwh:
    """Measured by the mean of before."""
    return np.full(len(kwh), kwh[: fault.first].mean())


ADDED: dict[str, Callable[[Kwh, Lasting, LocalCalendar], Kwh]] = {
    "out_of_hours": _out_of_hours,
    "weekend_running": _weekend_running,
    "base_load_step": _step,
    "base_load_creep": _creep,
    "gas_leak": _leak,
}
