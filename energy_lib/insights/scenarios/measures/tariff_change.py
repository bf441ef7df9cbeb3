"""Another tariff: unit rates by the hour are multiplied, and use answers with an elasticity.

Source: constant own-price elasticity, q' = q (p'/p)^e, as in Labandeira, Labeaga, López-Otero, A meta-analysis on the
price elasticity of energy demand, Energy Policy 102 (2017). What is not used at a dear hour is not used at another one:
a shifted load is a measure of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from energy_lib.insights.accounts.amounts import Floats
from energy_lib.insights.accounts.hour_grid import HourGrid
from energy_lib.insights.scenarios.assumption import Assumption, Measure, Values, Window
from energy_lib.insights.scenarios.load import Load, Unit
from energy_lib.vocabulary import Flow, Fuel


class Rate(Window):
    """Hours with a rate of their own; of two that hold an hour the later one in the list counts."""

    days: Literal["all", "weekdays", "weekend"] = "all"
    price_factor: float = Field(gt=0, le=100, description="The unit rate of the hour is multiplied by it")


def price_factors(rates: tuple[Rate, ...], clock: HourGrid) -> Floats:
    """(n,) factor of each hour; 1 where no rate holds. A holiday is a day of the weekend."""
    found = np.ones(len(clock.hours))
    for rate in rates:
        held = np.isin(clock.hour_of_day, rate.hours())
        if rate.days != "all":
            held &= clock.day_off == (rate.days == "weekend")
        found[held] = rate.price_factor
    return found


class TariffChange(Measure):
    """`rates`: by the local clock; hours outside all of them keep their rate. Standing and demand charges stay."""

    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {"elasticity": (-2, 0)}
    NEEDS: ClassVar[str] = "a register of the fuel"

    kind: Literal["tariff_change"]
    fuel: Fuel = Fuel.ELECTRICITY
    rates: tuple[Rate, ...] = Field(min_length=1)
    elasticity: Assumption

    def fits(self, unit: Unit) -> bool:
        return (self.fuel.value, Flow.IMPORT.value) in unit.load.kwh

    def apply(self, unit: Unit, load: Load, values: Values) -> Load:
        fuel, factor = self.fuel.value, price_factors(self.rates, unit.clock)
        answer = factor ** values["elasticity"]
        key = (fuel, Flow.IMPORT.value)
        heat = {fuel: load.heat_kwh[fuel] * answer} if fuel in load.heat_kwh else {}
        before = load.price_factor.get(fuel, np.ones(len(factor)))
        return load.changed({key: load.kwh[key] * answer}, heat, {fuel: before * factor})
