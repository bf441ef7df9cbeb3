"""What a recommendation is: an object whose kernel finds what could be saved at a meter, or says why it cannot tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from energy_lib.insights.recommendations.meter_year import MeterYear
from energy_lib.vocabulary import Fuel

Floats = NDArray[np.float64]

# Fuels that are burnt or delivered to heat; electricity heats where its energy rises with the cold.
HEATING = frozenset({Fuel.GAS, Fuel.HEAT, Fuel.STEAM, Fuel.OIL, Fuel.COAL, Fuel.WOOD, Fuel.PROPANE, Fuel.HYDROGEN})
ALL_FUELS = frozenset(Fuel)
ELECTRICITY = frozenset({Fuel.ELECTRICITY})
# Uses that are there at night, at weekends and on holidays as well.
ROUND_THE_CLOCK = frozenset({"dwelling", "hospital", "hotel", "care_home", "data_centre"})
OPEN_AT_WEEKENDS = ROUND_THE_CLOCK | {"shop", "leisure", "restaurant"}


class Scope(StrEnum):
    """Where a cause sits: one action for all its meters there."""

    METER = "meter"
    BUILDING = "building"
    SITE = "site"


class Effort(StrEnum):
    """low: a setting or a telephone call; medium: a visit or a contract; high: a project with works."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Range:
    """A value with the ends of its interval."""

    low: float
    expected: float
    high: float

    def scaled(self, by: float) -> Range:
        low, high = sorted((self.low * by, self.high * by))
        return Range(low, self.expected * by, high)

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.expected + other.expected, self.high + other.high)


@dataclass(frozen=True, slots=True)
class Ongoing:
    """What is going on now: energy (kWh) and cost (None: no price) so far, and from now to its end at this rate."""

    since: date
    days_to_end: int
    energy_kwh: float
    energy_to_end_kwh: float
    cost: float | None
    cost_to_end: float | None


@dataclass(frozen=True, eq=False)
class Finding:
    """What could be saved at one meter.

    `avoidable`: (n,) kWh of each hour of the meter's grid that the action would avoid, NaN where unknown; `low` and
    `high` are the ends of its interval, which `interval_is` explains. None: no energy. `money` and `carbon_kg`: what
    it saves a year beside the energy; `pot`: the charge that the money comes out of, which no other action saves again.
    `strength`: 0 to 1, how well the evidence holds. `urgency`: above 1 while it can be acted on now, below where it can
    wait. `seasonal`: less than a year of data is not extrapolated. `stands_for_kwh`: the value by which an action that
    saves nothing itself is ranked.
    """

    what: str
    assumption: str
    evidence: dict[str, Any]
    strength: float
    interval_is: str
    avoidable: Floats | None = None
    low: Floats | None = None
    high: Floats | None = None
    money: Range | None = None
    pot: str | None = None
    carbon_kg: Range | None = None
    marginal_kg: float | None = None
    capital_cost: float | None = None
    urgency: float = 1.0
    seasonal: bool = False
    ongoing: Ongoing | None = None
    stands_for_kwh: float = 0.0


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The action may be worth something, but what is known does not say; the reason names what is missing."""

    reason: str


Result: TypeAlias = Finding | Suppressed | None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One action: what it looks at, on which fuels, where its cause sits, what it asks for, and how it is found.

    The kernel gives None where there is nothing to be done. `version` changes with the rule. `on_bad_data`: it speaks
    also of a meter whose data are too short, stale or estimated for the others. `counts_last`: in totals it adds what
    all others leave, as it names a gap and no cause.
    """

    name: str
    title: str
    looks_at: str
    kernel: Callable[[MeterYear], Result]
    fuels: frozenset[Fuel] = field(default=ALL_FUELS)
    scope: Scope = Scope.BUILDING
    effort: Effort = Effort.LOW
    across_fuels: bool = False
    on_bad_data: bool = False
    counts_last: bool = False
    version: int = 1
