"""Lowest power and minimum hours of runs: whether a power keeps them, hours that do, and the switches that make it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from energy_lib.insights.schedules.linear_model import Index, LinearModel
from energy_lib.insights.schedules.site import NO_POWER_KW, Hours, Run, hours_needed


def keeps_running(run: Run, power: Hours) -> bool:
    """Whether a run's power stays at its lowest or above while it is on, and on for its minimum hours."""
    window = power[run.first : run.end]
    on = window > NO_POWER_KW
    if np.any(on & (window < run.floor_kw * run.left - NO_POWER_KW)):
        return False
    edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(int)))
    starts, ends = edges[::2], edges[1::2]
    due = max(run.minimum_hours - run.ran_hours, 0) if run.ran_hours else 0
    if due and not (len(starts) and starts[0] == 0 and ends[0] >= due):
        return False
    continued = (starts == 0) & (run.ran_hours > 0)
    return bool(np.all((ends - starts >= run.minimum_hours) | continued))


def hours_that_keep(run: Run, power: Hours, price: Hours) -> NDArray[np.bool_]:
    """Hours of the window to run in: those of `power` if it keeps the rules, or the cheapest that do.

    These are as few hours as its energy allows, in stretches of the minimum or more, found stretch by stretch: one
    longer than twice the minimum is two beside each other. All False if the window has none.
    """
    if keeps_running(run, power):
        return np.asarray(power[run.first : run.end] > NO_POWER_KW)
    window, shortest = run.end - run.first, run.minimum_hours
    count = max(hours_needed(run.energy_kwh, run.power_kw), shortest)
    total = np.concatenate([[0.0], np.cumsum(price[run.first : run.end])])
    # Least price of k hours among the first t, and the length of the stretch that ends there.
    best, length = np.full((window + 1, count + 1), np.inf), np.zeros((window + 1, count + 1), dtype=int)
    best[0, 0] = 0.0
    for t in range(1, window + 1):
        best[t] = best[t - 1]
        for hours in range(shortest, min(2 * shortest - 1, t, count) + 1):
            ended = np.full(count + 1, np.inf)
            ended[hours:] = best[t - hours, : count + 1 - hours] + total[t] - total[t - hours]
            better = ended < best[t]
            best[t, better], length[t, better] = ended[better], hours
    on, t, left = np.zeros(window, dtype=bool), window, count
    while left and np.isfinite(best[window, count]):
        hours = int(length[t, left])
        on[t - hours : t] = True
        t, left = t - max(hours, 1), left - hours
    return on


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
        model.add(rows, on, -bound * run.left)
    rows = model.add_rows(count, upper=np.where((hours == 0) & ran, 1.0, 0.0))
    model.add(rows, on, 1.0)
    model.add(rows[1:], on[:-1], -1.0)
    model.add(rows, start, -1.0)
    rows = model.add_rows(count, upper=0.0)
    model.add(rows, on, -1.0)
    for ago in range(min(run.minimum_hours, count)):
        model.add(rows[ago:], start[: count - ago], 1.0)
