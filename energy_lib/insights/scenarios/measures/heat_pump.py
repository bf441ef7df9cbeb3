"""Heat pumps in place of boilers: heat leaves the fuel and comes back as electricity, by a COP that follows the air.

Source: Ruhnau, Hirth, Praktiknjo, Time series of heat demand and heat pump efficiency for energy system modeling,
Scientific Data 6:189 (2019): COP of air-source heat pumps by the kelvins between sink and air, sinks of radiators
(falling a kelvin for each that the air is warmer) and of hot water (50 °C), never less than 15 K apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from energy_lib.insights.accounts.amounts import Floats
from energy_lib.insights.scenarios.assumption import Assumption, Measure, Values
from energy_lib.insights.scenarios.load import POWER, Load, Unit
from energy_lib.vocabulary import Flow, Fuel

HOT_WATER_C = 50.0
LEAST_LIFT_K = 15.0
# At lifts that the regression was not made for, a pump is a resistance heater.
LEAST_COP = 1.0
GAS = (Fuel.GAS.value, Flow.IMPORT.value)


def cop(air_c: Floats, sink_c: Floats | float, correction: float) -> Floats:
    """Heat over electricity; `correction`: what pumps reach in homes over the regression of their data sheets."""
    lift = np.maximum(sink_c - air_c, LEAST_LIFT_K)
    return np.maximum((6.08 - 0.09 * lift + 0.0005 * lift**2) * correction, LEAST_COP)


def electricity_of(
    heat_kwh: Floats, water_kwh: Floats, air_c: Floats, boiler_efficiency: float, sink_at_0c: float, correction: float
) -> Floats:
    """Electricity (kWh) that gives the warmth of these kWh of gas: of rooms, and of hot water."""
    rooms = heat_kwh * boiler_efficiency / cop(air_c, sink_at_0c - air_c, correction)
    return np.asarray(rooms + water_kwh * boiler_efficiency / cop(air_c, HOT_WATER_C, correction))


class HeatPump(Measure):
    """Gas that heats rooms and water is replaced; what is left of it cooks, and the standing charge stays."""

    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {
        "boiler_efficiency": (0.3, 1.0), "sink_at_0c": (25, 70), "cop_correction": (0.4, 1.2),
        "hot_water_share": (0, 1),
    }  # fmt: skip
    NEEDS: ClassVar[str] = "gas that follows the cold, weather, and a register of electricity in the same building"

    kind: Literal["heat_pump"]
    boiler_efficiency: Assumption
    sink_at_0c: Assumption
    cop_correction: Assumption
    hot_water_share: Assumption

    def fits(self, unit: Unit) -> bool:
        return Fuel.GAS.value in unit.load.heat_kwh and POWER in unit.load.kwh

    def apply(self, unit: Unit, load: Load, values: Values) -> Load:
        gas, heat, air = load.kwh[GAS], load.heat_kwh[Fuel.GAS.value], unit.temperature_c
        assert air is not None
        water = (gas - heat) * values["hot_water_share"]
        more = electricity_of(
            heat, water, air, values["boiler_efficiency"], values["sink_at_0c"], values["cop_correction"]
        )
        # An hour of which the gas or the weather is not known stays as it was.
        known = np.isfinite(more)
        more = np.where(known, more, 0.0)
        heat_of_power = load.heat_kwh.get(Fuel.ELECTRICITY.value, np.zeros(len(more)))
        return load.changed(
            {GAS: np.where(known, gas - heat - water, gas), POWER: load.kwh[POWER] + more},
            {Fuel.GAS.value: np.where(known, 0.0, heat), Fuel.ELECTRICITY.value: heat_of_power + more},
        )
