"""What is done with a site's assets, and what it costs: a plan, doing nothing and any other, by one reckoning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from energy_lib.insights.schedules.site import Hours, Site

Powers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Actions:
    """Powers in kW, a row an asset of the site in its order (batteries, runs, generation), a column an hour."""

    charge: Powers
    discharge: Powers
    runs: Powers
    curtailed: Powers

    @property
    def change_kw(self) -> Hours:
        """What they add to the site's net load."""
        added = self.charge.sum(axis=0) - self.discharge.sum(axis=0) + self.runs.sum(axis=0)
        return np.asarray(added + self.curtailed.sum(axis=0))

    def state_of_charge(self, site: Site) -> Powers:
        """kWh in each battery at the end of each hour."""
        one_way = np.array([battery.one_way for battery in site.batteries]).reshape(-1, 1)
        start = np.array([battery.start_kwh for battery in site.batteries]).reshape(-1, 1)
        return np.asarray(start + np.cumsum(self.charge * one_way - self.discharge / one_way, axis=1))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What actions cost, in currency and kg, without standing charges: carbon is NaN where no intensity is known."""

    energy: float
    wear: float
    demand: float
    carbon_kg: float
    relaxed_kw: Hours

    @property
    def money(self) -> float:
        return self.energy + self.wear + self.demand


def do_nothing(site: Site) -> Actions:
    """Batteries rest, flexible loads run as they do when nobody plans, generation feeds in what it can."""
    return Actions(
        charge=np.zeros((len(site.batteries), site.hours)),
        discharge=np.zeros((len(site.batteries), site.hours)),
        runs=np.array([run.default_kw for run in site.runs]).reshape(len(site.runs), site.hours),
        curtailed=np.zeros((len(site.generation), site.hours)),
    )


def outcome(site: Site, actions: Actions) -> Outcome:
    """What the actions cost: energy and carbon on the median net load, peak and limit on its upper quantile."""
    net = site.net_kw + actions.change_kw
    upper = site.upper_kw + actions.change_kw
    wear = np.array([battery.wear_per_kwh for battery in site.batteries])
    return Outcome(
        energy=float(energy_cost(site, net).sum()),
        wear=float(wear @ actions.discharge.sum(axis=1)),
        demand=float(
            sum(charge.price_per_kw * peak for charge, peak in zip(site.demand, peaks(site, upper), strict=True))
        ),
        carbon_kg=np.nan if site.intensity_kg_per_kwh is None else float(net @ site.intensity_kg_per_kwh),
        relaxed_kw=np.maximum(upper - site.limit_kw, 0.0),
    )


def energy_cost(site: Site, net_kw: Hours) -> Hours:
    """Currency of each hour: what is imported at the price of import, less what is exported at that of export."""
    return np.asarray(np.where(net_kw > 0, site.import_price, site.export_price) * net_kw)


def peaks(site: Site, import_kw: Hours) -> list[float]:
    """Highest import of each demand charge's hours, kW; no lower than the peak it will have anyway."""
    return [float(np.max(import_kw, initial=charge.expected_peak_kw, where=charge.counts)) for charge in site.demand]


def objective(site: Site, result: Outcome) -> float:
    """What a plan minimises: money, carbon at its price, and what the limit was relaxed by at its."""
    carbon = 0.0 if site.intensity_kg_per_kwh is None else site.carbon_price * result.carbon_kg
    return result.money + carbon + site.limit_price * float(result.relaxed_kw.sum())
