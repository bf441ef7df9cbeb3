"""Panels on roofs: what they make is used on the spot first, and the rest is fed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from energy_lib.insights.accounts.amounts import Floats
from energy_lib.insights.recommendations.actions.solar_size import KWP_PER_ROOF_M2
from energy_lib.insights.scenarios.assumption import Assumption, Measure, Values
from energy_lib.insights.scenarios.load import FED_IN, POWER, Load, Unit
from energy_lib.vocabulary import Flow, Fuel

W_PER_KW = 1000.0


def used_and_fed_in(import_kwh: Floats, made_kwh: Floats) -> tuple[Floats, Floats]:
    """Import that is left, and what is fed in; of an hour whose import is not known, neither is."""
    used = np.minimum(import_kwh, made_kwh)
    return import_kwh - used, made_kwh - used


class Solar(Measure):
    """`kwp`: of each that takes part, where its roof holds so much. What is fed in earns the export tariff.

    An hour whose irradiance is not known makes nothing.

    `export_price_share`: where no export tariff is known, what is paid for it over the unit rate of the same hour.
    """

    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {"performance_ratio": (0.3, 1), "export_price_share": (0, 1)}
    NEEDS: ClassVar[str] = "a register of electricity, irradiance, and no panels yet"

    kind: Literal["solar"]
    kwp: float = Field(gt=0, le=100_000, description="Peak power of each, kW")
    performance_ratio: Assumption
    export_price_share: Assumption

    def fits(self, unit: Unit) -> bool:
        flows = {flow for fuel, flow in unit.load.kwh if fuel == Fuel.ELECTRICITY}
        return unit.irradiance_w_m2 is not None and flows == {Flow.IMPORT.value}

    def apply(self, unit: Unit, load: Load, values: Values) -> Load:
        sun = unit.irradiance_w_m2
        assert sun is not None
        roof = np.inf if unit.roof_area_m2 is None else unit.roof_area_m2 * KWP_PER_ROOF_M2
        made = np.maximum(np.nan_to_num(sun), 0) / W_PER_KW * min(self.kwp, roof) * values["performance_ratio"]
        left, fed_in = used_and_fed_in(load.kwh[POWER], made)
        return load.changed({POWER: left, FED_IN: fed_in})
