"""A car that is charged at home: the day's kilometres, in some hours of the night."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from energy_lib.insights.accounts.amounts import Floats
from energy_lib.insights.accounts.hour_grid import HourGrid
from energy_lib.insights.scenarios.assumption import Assumption, Measure, Values, Window
from energy_lib.insights.scenarios.load import POWER, Load, Unit


def charging(clock: HourGrid, window: Window, kwh_per_day: float) -> Floats:
    """(n,) kWh: the day's energy, the same in each hour of the window on the local clock.

    A window over midnight charges in both parts of each local day. A clock that skips or doubles an hour of the window
    charges the same in fewer or more of them.
    """
    day = (clock.day - clock.day[0]).astype(np.int64)
    within = np.isin(clock.hour_of_day, window.hours())
    count = np.bincount(day[within], minlength=int(day[-1]) + 1)
    return np.asarray(np.where(within, kwh_per_day / np.maximum(count, 1)[day], 0.0))


class ElectricVehicle(Measure):
    """`kwh_per_km`: at the meter, losses of charging included. What the car burnt before is in no meter."""

    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {
        "km_per_day": (0, 500), "kwh_per_km": (0.05, 1), "charged_at_home_share": (0, 1),
    }  # fmt: skip
    NEEDS: ClassVar[str] = "a register of electricity"

    kind: Literal["electric_vehicle"]
    charged: Window
    km_per_day: Assumption
    kwh_per_km: Assumption
    charged_at_home_share: Assumption

    def fits(self, unit: Unit) -> bool:
        return POWER in unit.load.kwh

    def apply(self, unit: Unit, load: Load, values: Values) -> Load:
        a_day = values["km_per_day"] * values["kwh_per_km"] * values["charged_at_home_share"]
        return load.changed({POWER: load.kwh[POWER] + charging(unit.clock, self.charged, a_day)})
