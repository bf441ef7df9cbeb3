"""A load that waits: a share of what is used in some hours is used in others of the same local day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from energy_lib.insights.accounts.amounts import Bools, Floats
from energy_lib.insights.accounts.hour_grid import HourGrid
from energy_lib.insights.scenarios.assumption import Assumption, Measure, Values, Window
from energy_lib.insights.scenarios.load import POWER, Load, Unit
from energy_lib.vocabulary import Fuel


def shifted(kwh: Floats, clock: HourGrid, source: Bools, target: Bools, share: float) -> Floats:
    """A share of each day's source hours, spread evenly over its target hours: the day's energy stays what it was.

    Hours whose energy is not known neither give nor take; a day without a target hour shifts nothing.
    """
    day = (clock.day - clock.day[0]).astype(np.int64)
    days = int(day[-1]) + 1
    known = np.isfinite(kwh)
    takes = known & target
    count = np.bincount(day[takes], minlength=days)
    gives = known & source & (count > 0)[day]
    moved = np.where(gives, kwh, 0.0) * share
    total = np.bincount(day, weights=moved, minlength=days)
    each = np.divide(total, count, out=np.zeros(days), where=count > 0)
    return np.asarray(kwh - moved + np.where(takes, each[day], 0.0))


class ShiftedLoad(Measure):
    """`source`, `target`: hours of the local day that share none."""

    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {"shifted_share": (0, 1)}
    NEEDS: ClassVar[str] = "a register of electricity"

    kind: Literal["shifted_load"]
    source: Window
    target: Window
    shifted_share: Assumption

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if set(self.source.hours()) & set(self.target.hours()):
            raise ValueError("source and target share an hour")
        return self

    def fits(self, unit: Unit) -> bool:
        return POWER in unit.load.kwh

    def apply(self, unit: Unit, load: Load, values: Values) -> Load:
        hour = unit.clock.hour_of_day
        source, target = (np.isin(hour, window.hours()) for window in (self.source, self.target))
        share = values["shifted_share"]
        power, fuel = load.kwh[POWER], Fuel.ELECTRICITY.value
        after = shifted(power, unit.clock, source, target, share)
        # Heat that waits is not told apart from the rest that does: where it left it is less, elsewhere what it was.
        heat = {fuel: np.minimum(load.heat_kwh[fuel], after)} if fuel in load.heat_kwh else {}
        return load.changed({POWER: after}, heat)
