"""A site's plan as a linear program: its columns and its rows, with switches or signs where it would cheat.

An hour's import needs a column only where the sign of the net load is open; rows for the limit and the peak stand only
in hours in which they could bind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from energy_lib.insights.schedules.actions import Actions
from energy_lib.insights.schedules.linear_model import Index, LinearModel
from energy_lib.insights.schedules.price_signs import Reach, Signs, chord, curtailable
from energy_lib.insights.schedules.run_switches import add_run_switches
from energy_lib.insights.schedules.site import NO_POWER_KW, Battery, Hours, Site


@dataclass
class SiteModel:
    """The program of a site and where its decisions stand in it: `changes` says what adds to the net load, and when."""

    site: Site
    reach: Reach
    unit_cost: Hours
    model: LinearModel = field(default_factory=LinearModel)
    charge: list[Index] = field(default_factory=list)
    discharge: list[Index] = field(default_factory=list)
    runs: list[Index] = field(default_factory=list)
    curtailed: list[Index] = field(default_factory=list)
    changes: list[tuple[Index, NDArray[np.int64], float]] = field(default_factory=list)

    @cached_property
    def all_changes(self) -> tuple[Index, NDArray[np.int64], NDArray[np.float64]]:
        """Column, hour and sign of every decision; asked for when all of them are there."""
        columns, hours, signs = zip(*self.changes, strict=True)
        sizes = [len(each) for each in columns]
        return np.concatenate(columns), np.concatenate(hours), np.repeat(np.array(signs), sizes)

    def actions(self, values: NDArray[np.float64]) -> Actions:
        """The decisions of a solution; what is no power is 0."""
        site = self.site
        runs = np.zeros((len(site.runs), site.hours))
        for row, run, columns in zip(runs, site.runs, self.runs, strict=True):
            row[run.first : run.end] = values[columns]
        blocks = (self.charge, self.discharge, self.curtailed)
        charge, discharge, curtailed = (
            np.array([values[columns] for columns in block]).reshape(len(block), site.hours) for block in blocks
        )
        return Actions(*(np.where(p > NO_POWER_KW, p, 0.0) for p in (charge, discharge, runs, curtailed)))


def site_model(site: Site, *, switches: bool = False, signs: Signs | None = None) -> SiteModel:
    """The program.

    With `switches` it is the plan's own. Without, batteries may charge and discharge at once, runs may break their
    lowest power and minimum hours, and concave costs are their chord: its optimum is a bound from below. With `signs`
    the way that energy goes is given, where prices would not leave it to a linear program.
    """
    reach = Reach.of(site)
    built = SiteModel(site, reach, _unit_cost(site, reach, switches, signs))
    for place in range(len(site.batteries)):
        _add_battery(built, place, switches, signs)
    for place in range(len(site.runs)):
        _add_run(built, place, switches, signs)
    for each in site.generation:
        turned_down = built.model.add_columns(
            site.hours, cost=built.unit_cost, upper=curtailable(site, each.forecast_kw)
        )
        built.curtailed.append(turned_down)
        built.changes.append((turned_down, np.arange(site.hours), 1.0))
    _add_import(built)
    _add_concave_import(built, switches, signs)
    _add_limit(built)
    _add_peaks(built)
    return built


def _unit_cost(site: Site, reach: Reach, switches: bool, signs: Signs | None) -> Hours:
    """Cost of a kWh more of net load; where its sign is open that of export, and a column of import adds the rest."""
    unit = np.where(reach.least >= 0, site.buy, site.sell)
    if switches:
        return unit
    line = chord(site, reach) if signs is None else np.where(signs.importing, site.buy, site.sell)
    return np.where(reach.concave, line, unit)


def _add_battery(built: SiteModel, place: int, switches: bool, signs: Signs | None) -> None:
    battery, hours, model = built.site.batteries[place], np.arange(built.site.hours), built.model
    unit, burning = built.unit_cost, built.site.burning_pays
    charging, discharging = _directions(battery, place, burning, signs)
    left = np.ones(len(hours))
    left[0] = battery.first_share
    charge = model.add_columns(len(hours), cost=unit, upper=charging * left)
    discharge = model.add_columns(len(hours), cost=battery.wear_per_kwh - unit, upper=discharging * left)
    lowest, balance = np.full(len(hours), battery.lowest_kwh), np.zeros(len(hours))
    balance[0] = battery.start_kwh
    lowest[-1] = battery.start_kwh if battery.end_kwh is None else battery.end_kwh
    held = model.add_columns(len(hours), lower=lowest, upper=battery.highest_kwh)
    rows = model.add_rows(len(hours), lower=balance, upper=balance)
    model.add(rows, held, 1.0)
    model.add(rows[1:], held[:-1], -1.0)
    model.add(rows, charge, -battery.one_way)
    model.add(rows, discharge, 1.0 / battery.one_way)
    where = np.flatnonzero(burning) if signs is None else hours[:0]
    if len(where):
        charges = model.add_columns(len(where), upper=1.0, integer=switches)
        rows = model.add_rows(len(where), upper=0.0)
        model.add(rows, charge[where], 1.0)
        model.add(rows, charges, -battery.charge_kw)
        rows = model.add_rows(len(where), upper=battery.discharge_kw)
        model.add(rows, discharge[where], 1.0)
        model.add(rows, charges, battery.discharge_kw)
    built.charge.append(charge)
    built.discharge.append(discharge)
    built.changes += [(charge, hours, 1.0), (discharge, hours, -1.0)]


def _directions(
    battery: Battery, place: int, burning: NDArray[np.bool_], signs: Signs | None
) -> tuple[Hours | float, Hours | float]:
    """Highest charge and discharge of each hour: where signs are given one of them is none in hours of burning."""
    if signs is None:
        return battery.charge_kw, battery.discharge_kw
    charging = signs.charging[place]
    return (
        np.where(burning & ~charging, 0.0, battery.charge_kw),
        np.where(burning & charging, 0.0, battery.discharge_kw),
    )


def _add_run(built: SiteModel, place: int, switches: bool, signs: Signs | None) -> None:
    model, run = built.model, built.site.runs[place]
    hours = np.arange(run.first, run.end)
    given = signs is not None and run.switched
    on = signs.running[place] if signs is not None and given else np.ones(len(hours), dtype=bool)
    lowest = np.where(on, run.floor_kw * run.left if given else 0.0, 0.0)
    most = np.where(on, run.power_kw * run.left, 0.0)
    power = model.add_columns(len(hours), cost=built.unit_cost[hours], lower=lowest, upper=most)
    model.add(model.add_rows(1, lower=run.energy_kwh, upper=run.energy_kwh).repeat(len(hours)), power, 1.0)
    built.runs.append(power)
    built.changes.append((power, hours, 1.0))
    if switches and run.switched:
        add_run_switches(model, run, power)


def _add_import(built: SiteModel) -> None:
    """Import apart from net load, no less than it, where its sign is open and import costs more than export brings."""
    site, model = built.site, built.model
    where = np.flatnonzero(built.reach.is_open & (site.buy > site.sell))
    if len(where):
        bought = model.add_columns(len(where), cost=(site.buy - site.sell)[where])
        rows = model.add_rows(len(where), lower=site.net_kw[where])
        model.add(rows, bought, 1.0)
        _add_changes(built, rows, where, -1.0)


def _add_concave_import(built: SiteModel, switches: bool, signs: Signs | None) -> None:
    """Where import costs less than export brings: by a switch no more than the net load, or a sign that is given."""
    site, model, reach = built.site, built.model, built.reach
    where = np.flatnonzero(reach.concave)
    if not len(where):
        return
    net = site.net_kw[where]
    if switches:
        bought = model.add_columns(len(where), cost=(site.buy - site.sell)[where])
        importing = model.add_columns(len(where), upper=1.0, integer=True)
        rows = model.add_rows(len(where), upper=0.0)
        model.add(rows, bought, 1.0)
        model.add(rows, importing, -reach.most[where])
        rows = model.add_rows(len(where), upper=net - reach.least[where])
        model.add(rows, bought, 1.0)
        model.add(rows, importing, -reach.least[where])
        _add_changes(built, rows, where, -1.0)
    elif signs is not None:
        inward = signs.importing[where]
        rows = model.add_rows(len(where), lower=np.where(inward, -net, -np.inf), upper=np.where(inward, np.inf, -net))
        _add_changes(built, rows, where, 1.0)


def _add_limit(built: SiteModel) -> None:
    site, model = built.site, built.model
    where = np.flatnonzero(site.upper_kw + (built.reach.most - site.net_kw) > site.limit_kw)
    if len(where):
        relaxed = model.add_columns(len(where), cost=site.limit_price)
        rows = model.add_rows(len(where), upper=(site.limit_kw - site.upper_kw)[where])
        model.add(rows, relaxed, -1.0)
        _add_changes(built, rows, where, 1.0)


def _add_peaks(built: SiteModel) -> None:
    site, model = built.site, built.model
    most = site.upper_kw + (built.reach.most - site.net_kw)
    for charge in site.demand:
        where = np.flatnonzero(charge.counts & (most > charge.expected_peak_kw))
        if len(where) and charge.price_per_kw > 0:
            peak = model.add_columns(1, cost=charge.price_per_kw, lower=charge.expected_peak_kw)
            rows = model.add_rows(len(where), lower=site.upper_kw[where])
            model.add(rows, peak.repeat(len(where)), 1.0)
            _add_changes(built, rows, where, -1.0)


def _add_changes(built: SiteModel, rows: Index, where: NDArray[np.int64], sign: float) -> None:
    """Put the net load's change into rows, one of each hour of `where`."""
    columns, hours, added = built.all_changes
    row_of = np.full(built.site.hours, -1, dtype=np.int32)
    row_of[where] = rows
    row_of_change = row_of[hours]
    kept = np.flatnonzero(row_of_change >= 0)
    built.model.add(row_of_change[kept], columns[kept], sign * added[kept])
