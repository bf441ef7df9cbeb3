"""Prices and carbon of a meter, hour by hour of the reach."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Demand:
    """A charge for the highest hour of each month within `window` (n,): currency per kW, with VAT."""

    rate_per_kw_month: float
    window: Bools


@dataclass(frozen=True, eq=False)
class Tariff:
    """Today's charges of a tariff, with VAT; `today` (n,): what a kWh would cost by them in each hour of the reach."""

    today: Floats
    without_vat: Floats
    currency: str
    standing_per_day: float = 0.0
    demands: tuple[Demand, ...] = ()
    capacity_per_kw_month: float | None = None
    vat_share: float = 0.0


@dataclass(frozen=True, eq=False)
class Prices:
    """What a meter's energy costs, with VAT; NaN and null where nothing is known.

    `today` (n,): currency per kWh by the rates in force at the end, laid over each hour. `then` (n,): by those that
    were in force. `export_today` (n,): what is paid for a kWh fed in. `tariff`: all charges of the meter's own tariff;
    `others`: those of tariffs for the same fuel in the same currency that the meter could have.
    """

    today: Floats
    then: Floats
    currency: str | None = None
    export_today: Floats | None = None
    tariff: Tariff | None = None
    others: dict[str, Tariff] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Rates:
    """Prices, and (n,) kgCO2e per kWh by average intensity or factor, and at the margin."""

    prices: Prices
    intensity_kg: Floats
    marginal_kg: Floats
