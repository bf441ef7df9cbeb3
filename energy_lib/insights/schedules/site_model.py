"""A site's plan as a linear program: its columns, its rows, and the switches where a linear program would cheat.

An hour's import and export need columns only where the sign of the net load is open; rows for the limit and the peak
stand only in hours in which they could bind.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from energy_lib.insights.schedules.actions import Actions
from energy_lib.insights.schedules.linear_model import Index, LinearModel
from energy_lib.insights.schedules.site import NO_POWER_KW, Hours, Run, Site

Flags = NDArray[np.bool_]


@dataclass(slots=True)
class SiteModel:
    """The program of a site and where its decisions stand in it: `changes` says what adds to the net load, and when."""

    site: Site
    model: LinearModel = field(default_factory=LinearModel)
    charge: list[Index] = field(default_factory=list)
    discharge: list[Index] = field(default_factory=list)
    runs: list[Index] = field(default_factory=list)
    curtailed: list[Index] = field(default_factory=list)
    changes: list[tuple[Index, Index, float]] = field(default_factory=list)

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


def site_model(site: Site, *, switches: bool = False) -> SiteModel:
    """The program. Without `switches` batteries may charge and discharge at once and runs may break their lowest
    power and minimum hours, so that its optimum is a bound; it is the plan if it does none of it (`cheats`)."""
    built = SiteModel(site)
    up, down = _reach(site)
    unit = _unit_cost(site, up, down)
    for place in range(len(site.batteries)):
        _add_battery(built, place, unit, switches)
    for run in site.runs:
        _add_run(built, run, unit, switches)
    for each in site.generation:
        turned_down = built.model.add_columns(site.hours, cost=unit, upper=_curtailable(site, each.forecast_kw))
        built.curtailed.append(turned_down)
        built.changes.append((turned_down, np.arange(site.hours), 1.0))
    _add_import(built, up, down)
    _add_limit(built, up)
    _add_peaks(built, up)
    return built


def burning_pays(site: Site) -> Flags:
    """Hours in which a kWh more of net load earns money, so that a battery would charge and discharge at once."""
    return np.asarray(np.minimum(site.buy, site.sell) < 0)


def cheats(site: Site, actions: Actions) -> bool:
    """Whether actions of a program without switches do what only switches forbid."""
    both = (actions.charge > NO_POWER_KW) & (actions.discharge > NO_POWER_KW) & burning_pays(site)
    return bool(both.any()) or any(
        run.switched and not keeps_running(run, power) for run, power in zip(site.runs, actions.runs, strict=True)
    )


def keeps_running(run: Run, power: Hours) -> bool:
    """Whether a run's power stays at its lowest or above while it is on, and on for its minimum hours."""
    window = power[run.first : run.end]
    on = window > NO_POWER_KW
    if np.any(on & (window < run.floor_kw - NO_POWER_KW)):
        return False
    edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(int)))
    starts, ends = edges[::2], edges[1::2]
    due = max(run.minimum_hours - run.ran_hours, 0) if run.ran_hours else 0
    if due and not (len(starts) and starts[0] == 0 and ends[0] >= due):
        return False
    continued = (starts == 0) & (run.ran_hours > 0)
    return bool(np.all((ends - starts >= run.minimum_hours) | continued))


def _reach(site: Site) -> tuple[Hours, Hours]:
    """By how much decisions can raise and lower the net load of each hour, kW."""
    up = np.full(site.hours, float(sum(battery.charge_kw for battery in site.batteries)))
    for run in site.runs:
        up[run.first : run.end] += run.power_kw
    for each in site.generation:
        up += _curtailable(site, each.forecast_kw)
    return up, np.full(site.hours, float(sum(battery.discharge_kw for battery in site.batteries)))


def _curtailable(site: Site, forecast_kw: Hours) -> Hours:
    """What is fed in for nothing or less may be turned down; what earns is left alone."""
    return np.where(burning_pays(site), forecast_kw, 0.0)


def _unit_cost(site: Site, up: Hours, down: Hours) -> Hours:
    """Cost of a kWh more of net load; where its sign is open that of export, and `_add_import` adds the rest."""
    return np.where(site.net_kw - down >= 0, site.buy, site.sell)


def _add_battery(built: SiteModel, place: int, unit: Hours, switches: bool) -> None:
    battery, hours, model = built.site.batteries[place], np.arange(built.site.hours), built.model
    last = len(hours) - 1
    charge = model.add_columns(len(hours), cost=unit, upper=battery.charge_kw)
    discharge = model.add_columns(len(hours), cost=battery.wear_per_kwh - unit, upper=battery.discharge_kw)
    # What it holds at the end is no less than at the start: a plan does not live on what it found.
    lowest = np.where(hours == last, battery.start_kwh, battery.lowest_kwh)
    held = model.add_columns(len(hours), lower=lowest, upper=battery.highest_kwh)
    balance = np.where(hours == 0, battery.start_kwh, 0.0)
    rows = model.add_rows(len(hours), lower=balance, upper=balance)
    model.add(rows, held, 1.0)
    model.add(rows[1:], held[:-1], -1.0)
    model.add(rows, charge, -battery.one_way)
    model.add(rows, discharge, 1.0 / battery.one_way)
    where = np.flatnonzero(burning_pays(built.site)) if switches else hours[:0]
    if len(where):
        charging = model.add_columns(len(where), upper=1.0, integer=True)
        rows = model.add_rows(len(where), upper=0.0)
        model.add(rows, charge[where], 1.0)
        model.add(rows, charging, -battery.charge_kw)
        rows = model.add_rows(len(where), upper=battery.discharge_kw)
        model.add(rows, discharge[where], 1.0)
        model.add(rows, charging, battery.discharge_kw)
    built.charge.append(charge)
    built.discharge.append(discharge)
    built.changes += [(charge, hours, 1.0), (discharge, hours, -1.0)]


def _add_run(built: SiteModel, run: Run, unit: Hours, switches: bool) -> None:
    model, hours = built.model, np.arange(run.first, run.end)
    power = model.add_columns(len(hours), cost=unit[hours], upper=run.power_kw)
    model.add(model.add_rows(1, lower=run.energy_kwh, upper=run.energy_kwh).repeat(len(hours)), power, 1.0)
    built.runs.append(power)
    built.changes.append((power, hours, 1.0))
    if switches and run.switched:
        _add_switches(model, run, power)


def _add_switches(model: LinearModel, run: Run, power: Index) -> None:
    """On and start of each hour, as in unit commitment (Rajan & Takriti 2005): the minimum run is a sum of starts."""
    count, ran = len(power), run.ran_hours > 0
    hours = np.arange(count)
    due = max(run.minimum_hours - run.ran_hours, 0) if ran else 0
    on = model.add_columns(count, lower=(hours < due).astype(float), upper=1.0, integer=True)
    too_late = hours + run.minimum_hours > count
    start = model.add_columns(count, upper=np.where(too_late, 0.0, 1.0))
    for bound, lower, upper in ((run.power_kw, -np.inf, 0.0), (run.floor_kw, 0.0, np.inf)):
        rows = model.add_rows(count, lower=lower, upper=upper)
        model.add(rows, power, 1.0)
        model.add(rows, on, -bound)
    rows = model.add_rows(count, upper=np.where((hours == 0) & ran, 1.0, 0.0))
    model.add(rows, on, 1.0)
    model.add(rows[1:], on[:-1], -1.0)
    model.add(rows, start, -1.0)
    rows = model.add_rows(count, upper=0.0)
    model.add(rows, on, -1.0)
    for ago in range(min(run.minimum_hours, count)):
        model.add(rows[ago:], start[: count - ago], 1.0)


def _add_import(built: SiteModel, up: Hours, down: Hours) -> None:
    """Import apart from net load where its sign is open: at least the net load where importing costs more than
    exporting brings; where it costs less, no more than it, by a switch that forbids both at once."""
    site, model = built.site, built.model
    open_hours = (site.net_kw - down < 0) & (site.net_kw + up > 0)
    dearer, cheaper = open_hours & (site.buy > site.sell), open_hours & (site.buy < site.sell)
    difference = site.buy - site.sell
    if dearer.any():
        where = np.flatnonzero(dearer)
        bought = model.add_columns(len(where), cost=difference[where])
        rows = model.add_rows(len(where), lower=site.net_kw[where])
        model.add(rows, bought, 1.0)
        _add_changes(built, rows, where, -1.0)
    if cheaper.any():
        where = np.flatnonzero(cheaper)
        most, least = site.net_kw[where] + up[where], site.net_kw[where] - down[where]
        bought = model.add_columns(len(where), cost=difference[where])
        importing = model.add_columns(len(where), upper=1.0, integer=True)
        rows = model.add_rows(len(where), upper=0.0)
        model.add(rows, bought, 1.0)
        model.add(rows, importing, -most)
        rows = model.add_rows(len(where), upper=site.net_kw[where] - least)
        model.add(rows, bought, 1.0)
        model.add(rows, importing, -least)
        _add_changes(built, rows, where, -1.0)


def _add_limit(built: SiteModel, up: Hours) -> None:
    site, model = built.site, built.model
    where = np.flatnonzero(site.upper_kw + up > site.limit_kw)
    if len(where):
        relaxed = model.add_columns(len(where), cost=site.limit_price)
        rows = model.add_rows(len(where), upper=(site.limit_kw - site.upper_kw)[where])
        model.add(rows, relaxed, -1.0)
        _add_changes(built, rows, where, 1.0)


def _add_peaks(built: SiteModel, up: Hours) -> None:
    site, model = built.site, built.model
    for charge in site.demand:
        where = np.flatnonzero(charge.counts & (site.upper_kw + up > charge.peak_so_far_kw))
        if len(where) and charge.price_per_kw > 0:
            peak = model.add_columns(1, cost=charge.price_per_kw, lower=charge.peak_so_far_kw)
            rows = model.add_rows(len(where), lower=site.upper_kw[where])
            model.add(rows, peak.repeat(len(where)), 1.0)
            _add_changes(built, rows, where, -1.0)


def _add_changes(built: SiteModel, rows: Index, where: Index, sign: float) -> None:
    """Put the net load's change into rows, one of each hour of `where`."""
    row_of = np.full(built.site.hours, -1)
    row_of[where] = rows
    for columns, hours, added in built.changes:
        kept = row_of[hours] >= 0
        built.model.add(row_of[hours[kept]], columns[kept], sign * added)
