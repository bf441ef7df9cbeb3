"""Faults that come on schedule, so that whoever watches knows what should be found, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.simulation.injected_faults import HOUR, FaultInjector
from energy_lib.simulation.portfolio import Registry
from energy_lib.vocabulary import Fuel

# The schedule begins anew after so many days.
ROUND_DAYS = 3
# Within the limit of every connection, which is 1.6 times the highest half-hour.
OVER_HIGHEST = 1.2


@dataclass(frozen=True, slots=True)
class ScheduledFault:
    """A fault of the meter at this place (Registry.find): so long, so many hours after a round's midnight (UTC)."""

    kind: str
    place: tuple[Fuel, str, int]
    after_hours: int
    hours: int


SCHEDULE = (
    ScheduledFault("scheduled_spike", (Fuel.ELECTRICITY, "office", 0), 2, 1),
    ScheduledFault("scheduled_stuck", (Fuel.ELECTRICITY, "hospital", 0), 3, 30),
    ScheduledFault("scheduled_dead", (Fuel.ELECTRICITY, "shop", 0), 8, 24),
    ScheduledFault("scheduled_silent", (Fuel.ELECTRICITY, "dwelling", 1), 5, 20),
    ScheduledFault("scheduled_doubled", (Fuel.ELECTRICITY, "school", 0), 6, 24),
)


def inject_scheduled_faults(injector: FaultInjector, utility: Registry) -> None:
    """Change the rows of the faults' meters; each is recorded under its kind."""
    starts = injector.rows["start"].to_numpy()
    first, end = starts.min().astype("datetime64[D]"), starts.max()
    for midnight in np.arange(first, end, np.timedelta64(ROUND_DAYS, "D")):
        for fault in SCHEDULE:
            meter = utility.find(*fault.place)
            begin = midnight + fault.after_hours * HOUR
            hit = (starts >= begin) & (starts < begin + fault.hours * HOUR)
            index = np.flatnonzero(hit & (injector.rows["meter"].to_numpy() == meter))
            if meter is not None and len(index):
                injector.record(fault.kind, index)
                EFFECTS[fault.kind](injector, index, injector.rows)


def _set_kwh(injector: FaultInjector, index: NDArray[Any], kwh: Any) -> None:
    injector.rows.loc[index, "kwh"] = np.round(kwh, 3)


def _spike(injector: FaultInjector, index: NDArray[Any], rows: pd.DataFrame) -> None:
    highest = rows.loc[rows["meter"] == rows["meter"].iat[index[0]], "kwh"].max()
    _set_kwh(injector, index, highest * OVER_HIGHEST)


def _stuck(injector: FaultInjector, index: NDArray[Any], rows: pd.DataFrame) -> None:
    _set_kwh(injector, index, rows["kwh"].iat[index[0]])


def _dead(injector: FaultInjector, index: NDArray[Any], rows: pd.DataFrame) -> None:
    _set_kwh(injector, index, 0.0)


def _silent(injector: FaultInjector, index: NDArray[Any], rows: pd.DataFrame) -> None:
    injector.removed[index] = True


def _doubled(injector: FaultInjector, index: NDArray[Any], rows: pd.DataFrame) -> None:
    _set_kwh(injector, index, 2 * rows["kwh"].to_numpy()[index])


EFFECTS: dict[str, Callable[[FaultInjector, NDArray[Any], pd.DataFrame], None]] = {
    "scheduled_spike": _spike,
    "scheduled_stuck": _stuck,
    "scheduled_dead": _dead,
    "scheduled_silent": _silent,
    "scheduled_doubled": _doubled,
}
