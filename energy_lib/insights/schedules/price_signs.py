"""Where prices would make a linear program cheat: charge and discharge, or import and export, in one hour.

Burning energy pays in hours in which a kWh more earns money. Where importing costs less than exporting brings, the
cost of the net load is concave: its chord, from the least to the most that decisions can make of it, is the best that a
linear program can say from below.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from energy_lib.insights.schedules.actions import Actions
from energy_lib.insights.schedules.run_switches import hours_that_keep
from energy_lib.insights.schedules.site import NO_POWER_KW, Hours, Site

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Signs:
    """What switches would say of each hour: import, charge of each battery, and of each run's window if it runs."""

    importing: Flags
    charging: list[Flags]
    running: list[Flags]

    @classmethod
    def of(cls, site: Site, actions: Actions) -> Signs:
        """The signs that actions have: of a battery that does both those of what is left, of a run nearby hours."""
        gained = [
            np.asarray(c * battery.efficiency >= d)
            for battery, c, d in zip(site.batteries, actions.charge, actions.discharge, strict=True)
        ]
        importing = np.asarray(site.net_kw + actions.change_kw > 0)
        price = np.where(importing, site.buy, site.sell)
        running = [hours_that_keep(run, power, price) for run, power in zip(site.runs, actions.runs, strict=True)]
        return cls(importing, gained, running)


@dataclass(frozen=True, slots=True)
class Reach:
    """The least and the most net load of each hour that decisions can make, kW.

    `is_open`: hours in which both import and export are possible. `concave`: those of them in which importing costs
    less than exporting brings.
    """

    least: Hours
    most: Hours
    is_open: Flags
    concave: Flags

    @classmethod
    def of(cls, site: Site) -> Reach:
        most = site.net_kw + sum(battery.charge_kw for battery in site.batteries)
        for run in site.runs:
            most[run.first : run.end] += run.power_kw
        for each in site.generation:
            most += curtailable(site, each.forecast_kw)
        least = site.net_kw - sum(battery.discharge_kw for battery in site.batteries)
        is_open = (least < 0) & (most > 0)
        return cls(least, most, is_open, is_open & (site.buy < site.sell))


def curtailable(site: Site, forecast_kw: Hours) -> Hours:
    """What is fed in for nothing or less may be turned down; what earns is left alone."""
    return np.where(site.burning_pays, forecast_kw, 0.0)


def chord(site: Site, reach: Reach) -> Hours:
    """Cost of a kWh along the chord of each concave hour; elsewhere 0."""
    if not reach.concave.any():
        return np.zeros(site.hours)
    span = np.where(reach.is_open, reach.most - reach.least, 1.0)
    return np.where(reach.concave, (site.buy * reach.most - site.sell * reach.least) / span, 0.0)


def above_chord(site: Site, actions: Actions) -> float:
    """How much more the actions cost than the chord says: a program on the chord is that far below what it plans."""
    reach = Reach.of(site)
    where = reach.concave
    if not where.any():
        return 0.0
    net = site.net_kw + actions.change_kw
    cost = np.where(net > 0, site.buy, site.sell) * net
    line = site.sell * reach.least + chord(site, reach) * (net - reach.least)
    return float((cost - line)[where].sum())


def does_both(site: Site, actions: Actions) -> bool:
    """Whether a battery charges and discharges in an hour in which that earns money."""
    both = (actions.charge > NO_POWER_KW) & (actions.discharge > NO_POWER_KW) & site.burning_pays
    return bool(both.any())
