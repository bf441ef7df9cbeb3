"""What a site can plan, hour by hour: its forecast, prices, limit, batteries, runs of flexible loads, generation.

Every array has a place for each hour of the horizon. A step is an hour, so that kW and kWh of it are the same number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Hours = NDArray[np.float64]
# Powers below it, kW, are none: what a solver leaves of its tolerance.
NO_POWER_KW = 1e-6
# Least share of its power that a load with minimum hours uses while it runs, or running and resting were the same.
RUNNING_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Battery:
    """A battery; `lowest_kwh <= start_kwh <= highest_kwh`. The round trip's loss is shared by charge and discharge.

    `end_kwh`: what it holds at the end at least; None: what it held at the start, so that a plan does not live on what
    it found. `first_share`: share of the first hour that is left.
    """

    asset_id: str
    charge_kw: float
    discharge_kw: float
    lowest_kwh: float
    highest_kwh: float
    start_kwh: float
    efficiency: float = 1.0
    wear_per_kwh: float = 0.0
    end_kwh: float | None = None
    first_share: float = 1.0

    @property
    def one_way(self) -> float:
        return float(np.sqrt(self.efficiency))


@dataclass(frozen=True, slots=True)
class Run:
    """One window of a flexible load: `energy_kwh` is to be used in the hours `first` … `end` − 1.

    While it runs its power lies between `lowest_kw` and `power_kw`, and once started it runs `minimum_hours` at least.
    Comfort is asked for in these terms: the window, its energy and its lowest power. `ran_hours`: it has been running
    so long when the horizon starts. `default_kw`: its power in every hour of the horizon if nobody plans.
    `first_share`: share of its first hour that is left.
    """

    asset_id: str
    first: int
    end: int
    energy_kwh: float
    power_kw: float
    default_kw: Hours
    lowest_kw: float = 0.0
    minimum_hours: int = 1
    ran_hours: int = 0
    first_share: float = 1.0

    @property
    def left(self) -> Hours:
        """Share of each hour of the window that is left."""
        shares = np.ones(self.end - self.first)
        shares[0] = self.first_share
        return shares

    @property
    def floor_kw(self) -> float:
        """Lowest power while it runs; of a load with minimum hours never none."""
        return max(self.lowest_kw, RUNNING_SHARE * self.power_kw if self.minimum_hours > 1 else 0.0)

    @property
    def switched(self) -> bool:
        """Whether its being on or off must be told from its power."""
        return self.lowest_kw > 0 or self.minimum_hours > 1


@dataclass(frozen=True, slots=True)
class Generation:
    """Generation that is within the site's net load, and that may be turned down where feeding in costs money."""

    asset_id: str
    forecast_kw: Hours


@dataclass(frozen=True, slots=True)
class DemandCharge:
    """A charge for the highest import of a month in the hours that count, above the peak that it will have anyway."""

    price_per_kw: float
    expected_peak_kw: float
    counts: NDArray[np.bool_]


@dataclass(frozen=True)
class Site:
    """A site's problem. Net load is import minus export without the runs; money is in one currency.

    `net_kw`: the median, which costs are reckoned on. `upper_kw`: the quantile that the limit and the peak are planned
    on. `intensity_kg_per_kwh`: marginal; None where it is not known, and then the plan follows money alone.
    `carbon_price`: currency per kg that the plan gives for carbon. `limit_kw`: highest import, infinite where none.
    `limit_price`: currency per kWh above it, at which the limit is relaxed.
    """

    net_kw: Hours
    upper_kw: Hours
    import_price: Hours
    export_price: Hours
    limit_kw: Hours
    limit_price: float
    intensity_kg_per_kwh: Hours | None = None
    carbon_price: float = 0.0
    batteries: Sequence[Battery] = ()
    runs: Sequence[Run] = ()
    generation: Sequence[Generation] = ()
    demand: Sequence[DemandCharge] = field(default=())

    @property
    def hours(self) -> int:
        return len(self.net_kw)

    @cached_property
    def buy(self) -> Hours:
        """What a kWh imported costs with its carbon."""
        return self.import_price + self._carbon

    @cached_property
    def sell(self) -> Hours:
        """What a kWh exported brings with the carbon that it spares."""
        return self.export_price + self._carbon

    @cached_property
    def burning_pays(self) -> NDArray[np.bool_]:
        """Hours in which a kWh more of net load earns money, so that a battery would charge and discharge at once."""
        return np.asarray(np.minimum(self.buy, self.sell) < 0)

    @property
    def _carbon(self) -> Hours:
        if self.intensity_kg_per_kwh is None:
            return np.zeros(self.hours)
        return self.carbon_price * self.intensity_kg_per_kwh


def impossible(run: Run) -> str | None:
    """Why no plan can give the run its energy within its window, or None if one can.

    A plan exists if and only if some number of hours h in a row does it: no fewer than `minimum_hours`, no more than
    the window has, with floor_kw · h <= energy_kwh <= power_kw · h. `ran_hours` count for the minimum.
    """
    window = run.end - run.first
    most = run.power_kw * (window - 1 + run.first_share)
    if run.energy_kwh > most + NO_POWER_KW:
        return f"{run.energy_kwh:g} kWh are asked for and {run.power_kw:g} kW give {most:g} kWh in {window} h"
    left = max(run.minimum_hours - run.ran_hours, 0) if run.ran_hours else run.minimum_hours
    if run.energy_kwh <= NO_POWER_KW and not (run.ran_hours and left):
        return None
    fewest = max(hours_needed(run.energy_kwh, run.power_kw), left)
    if fewest > window:
        return f"it runs {fewest} h at least and its window has {window} h"
    least = run.floor_kw * fewest
    if least > run.energy_kwh + NO_POWER_KW:
        return f"{fewest} h at {run.floor_kw:g} kW use {least:g} kWh and {run.energy_kwh:g} kWh are asked for"
    return None


def hours_needed(energy_kwh: float, power_kw: float) -> int:
    """Hours in which a power gives an energy, at least 1."""
    return max(int(np.ceil(energy_kwh / power_kw - 1e-9)), 1)
