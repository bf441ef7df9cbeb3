"""Insulation: the part of a home's energy that follows the cold falls by a share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from energy_lib.insights.scenarios.assumption import Assumption, Measure, Values
from energy_lib.insights.scenarios.load import HEATS, Load, Unit
from energy_lib.vocabulary import Flow


class Insulation(Measure):
    """`heat_saving`: share of the heat that is not needed any more, as measured and not as rated."""

    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {"heat_saving": (0, 0.9)}
    NEEDS: ClassVar[str] = "energy that follows the cold, and weather"

    kind: Literal["insulation"]
    heat_saving: Assumption

    def fits(self, unit: Unit) -> bool:
        return bool(unit.load.heat_kwh)

    def apply(self, unit: Unit, load: Load, values: Values) -> Load:
        fuel = next(fuel for fuel in HEATS if fuel in load.heat_kwh and load.heat_kwh[fuel].any())
        key, heat = (fuel, Flow.IMPORT.value), load.heat_kwh[fuel]
        saved = heat * values["heat_saving"]
        return load.changed({key: load.kwh[key] - saved}, {fuel: heat - saved})
