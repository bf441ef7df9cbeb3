"""What the meter is: fuel, size and place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from energy_lib.features.arrays import Floats
from energy_lib.features.feature import UNITLESS, Feature
from energy_lib.features.known_history import KnownHistory
from energy_lib.features.meter import Meter
from energy_lib.vocabulary import COMMODITIES, Commodity, Flow, Fuel


@dataclass(frozen=True)
class Attribute:
    """How a meter's attribute becomes a number; NaN is unknown."""

    value: Callable[[Meter], float]
    unit: str
    comment: str


def _log(value: float | None) -> float:
    return float(np.log(value)) if value is not None and value > 0 else np.nan


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _fuel_code(meter: Meter) -> float:
    return float(COMMODITIES.index(Commodity(Fuel(meter.fuel), Flow(meter.flow))))


ATTRIBUTES: dict[str, Attribute] = {
    "fuel_code": Attribute(
        _fuel_code, UNITLESS, ", ".join(f"{code} {commodity}" for code, commodity in enumerate(COMMODITIES))
    ),
    "log_floor_area": Attribute(
        lambda meter: _log(meter.floor_area_m2), "log m2", "Natural logarithm of the floor area in m2"
    ),
    "log_capacity": Attribute(
        lambda meter: _log(meter.capacity_kw), "log kW", "Natural logarithm of the connection's limit in kW"
    ),
    "latitude": Attribute(lambda meter: _number(meter.latitude), "degree", "Degrees north"),
    "longitude": Attribute(lambda meter: _number(meter.longitude), "degree", "Degrees east"),
}


@dataclass(frozen=True)
class Static(Feature):
    """An attribute of the meter (a key of ATTRIBUTES), shape (n,)."""

    attribute: str

    @property
    def name(self) -> str:
        return self.attribute

    @property
    def unit(self) -> str:
        return ATTRIBUTES[self.attribute].unit

    @property
    def comment(self) -> str:
        return ATTRIBUTES[self.attribute].comment

    def compute(self, history: KnownHistory) -> Floats:
        return np.full(len(history.origins), ATTRIBUTES[self.attribute].value(history.meter))


METER_ATTRIBUTES = tuple(Static(attribute) for attribute in ATTRIBUTES)
