"""The vocabulary: names that more than one table or room uses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import inf


class Fuel(StrEnum):
    """What a meter measures. The list is fixed; `COMMODITIES` says what a new one asks for."""

    ELECTRICITY = "electricity"
    GAS = "gas"
    HEAT = "heat"
    COOLING = "cooling"
    STEAM = "steam"
    OIL = "oil"
    COAL = "coal"
    WOOD = "wood"
    HYDROGEN = "hydrogen"
    PROPANE = "propane"


class Flow(StrEnum):
    """The direction of what a register counts, seen from the site. Where none is said (null) it is import.

    Only `net` (import minus export in one register) goes below zero.
    """

    IMPORT = "import"
    EXPORT = "export"
    GENERATION = "generation"
    NET = "net"


@dataclass(frozen=True, slots=True)
class Commodity:
    """A fuel with its flow: what is forecast, calibrated and scored apart. Its text is `electricity_export`."""

    fuel: Fuel
    flow: Flow = Flow.IMPORT

    def __str__(self) -> str:
        return self.fuel.value if self.flow is Flow.IMPORT else f"{self.fuel}_{self.flow}"

    @property
    def lowest_kwh(self) -> float:
        """No hour of it is below."""
        return -inf if self.flow is Flow.NET else 0.0


# Models know a commodity by its place here: those of a fuel or a flow that is added come last.
COMMODITIES = tuple(Commodity(fuel, flow) for flow in Flow for fuel in Fuel)


class Quality(StrEnum):
    """How a value came about: read, estimated or edited by the sender (VEE), or imputed by our own cleaning."""

    MEASURED = "measured"
    ESTIMATED = "estimated"
    EDITED = "edited"
    IMPUTED = "imputed"


class Intensity(StrEnum):
    """The two carbon intensities of a grid; stored and labelled apart, never mixed."""

    AVERAGE = "average"
    MARGINAL = "marginal"


class WeatherKind(StrEnum):
    OBSERVED = "observed"
    FORECAST = "forecast"


# Forecast quantiles: column name → probability.
QUANTILES: dict[str, float] = {
    "p05": 0.05,
    "p10": 0.10,
    "p25": 0.25,
    "p50": 0.50,
    "p75": 0.75,
    "p90": 0.90,
    "p95": 0.95,
}
# The index of p50 among them.
MEDIAN = list(QUANTILES).index("p50")
