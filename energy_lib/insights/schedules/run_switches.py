"""Lowest power and minimum hours of runs: whether a power keeps them, and the switches that make it."""

from __future__ import annotations

import numpy as np

from energy_lib.insights.schedules.linear_model import Index, LinearModel
from energy_lib.insights.schedules.site import NO_POWER_KW, Hours, Run


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


def add_run_switches(model: LinearModel, run: Run, power: Index) -> None:
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
