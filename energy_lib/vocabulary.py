"""The vocabulary: names that more than one table or room uses."""

from __future__ import annotations

from enum import StrEnum


class Fuel(StrEnum):
    """The commodity that a meter measures. Models know it by its place in this list: a new one comes last."""

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

    Only `net` (import minus export in one register) goes below zero. Models know a flow by its place in this list.
    """

    IMPORT = "import"
    EXPORT = "export"
    GENERATION = "generation"
    NET = "net"


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
