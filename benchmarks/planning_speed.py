"""CPU time of a site's plan for 48 h, its program's build included, beside plain highspy and scipy's milp.

    python -m benchmarks.planning_speed [--sites 200] [--seed 7]

Every site has a battery, a flexible load in each of two days, a limit and a demand charge. Plain highspy is given the
finished arrays, with every switch, and its own options. Kinds: random prices above zero; a tenth of them below zero,
at a site that imports whatever it does and at one that may export; a load with a lowest power and minimum hours, at a
tariff of three prices and at random ones.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import highspy
import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array

from benchmarks.measure import machine
from energy_lib.insights.schedules.default_run import default_power
from energy_lib.insights.schedules.linear_model import ModelArrays
from energy_lib.insights.schedules.plan import plan_site
from energy_lib.insights.schedules.site import Battery, DemandCharge, Run, Site
from energy_lib.insights.schedules.site_model import site_model
from energy_lib.insights.schedules.solver import Solver

T = TypeVar("T")
HOURS = 48
ABOVE, BELOW, BELOW_EXPORTING = "prices above zero", "a tenth below, import alone", "a tenth below, export too"
STEADY_RUN, RESTLESS_RUN = "minimum run, three prices", "minimum run, any price"
KINDS = (ABOVE, BELOW, BELOW_EXPORTING, STEADY_RUN, RESTLESS_RUN)
GOAL_MS = 2.0


def random_site(kind: str, rng: np.random.Generator) -> Site:
    """A site of some 60 kW with all that a plan heeds."""
    hour = np.arange(HOURS) % 24
    net = 40 + 30 * np.sin((hour - 6) / 24 * 2 * np.pi) + rng.normal(0, 4, HOURS) + (100 if kind == BELOW else 0)
    most = float(net.max())
    price = 0.2 + 0.1 * np.sin((hour - 10) / 24 * 2 * np.pi) + rng.normal(0, 0.05, HOURS)
    price = np.maximum(price, 0.06)
    if kind in (BELOW, BELOW_EXPORTING):
        price[rng.random(HOURS) < 0.1] *= -1
    if kind == STEADY_RUN:
        price = np.select([hour < 7, (hour >= 16) & (hour < 20)], [0.12, 0.35], 0.22)
    own = {"lowest_kw": 5.0, "minimum_hours": 3} if kind in (STEADY_RUN, RESTLESS_RUN) else {}
    default = np.zeros(HOURS)
    default[:3] = default_power(60.0, 20.0, 1)
    runs = [
        replace(Run("charger", 0, 24, 60.0, 20.0, default), **own),  # type: ignore[arg-type]
        replace(Run("charger", 24, 48, 60.0, 20.0, np.roll(default, 24)), **own),  # type: ignore[arg-type]
    ]
    return Site(
        net_kw=net,
        upper_kw=net * 1.15,
        import_price=price,
        export_price=np.full(HOURS, 0.05),
        limit_kw=np.where((hour >= 16) & (hour < 19), most, 1.25 * most),
        limit_price=10.0,
        intensity_kg_per_kwh=0.18 + 0.06 * np.sin((hour - 10) / 24 * 2 * np.pi) + rng.normal(0, 0.005, HOURS),
        carbon_price=0.1,
        batteries=[Battery("battery", 50.0, 50.0, 10.0, 90.0, 50.0, 0.9, 0.02)],
        runs=runs,
        demand=[DemandCharge(5.0, most, np.ones(HOURS, dtype=bool))],
    )


def final_arrays(site: Site, switches: bool) -> ModelArrays:
    return site_model(site, switches=switches).model.arrays()


def plain_highspy(model: ModelArrays) -> float:
    """A new HiGHS with its own options, one thread, given the arrays."""
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.passModel(
        *(len(model.cost), len(model.row_lower), len(model.rows), 1, 1, 0.0),
        *(model.cost, model.lower, model.upper, model.row_lower, model.row_upper),
        *(model.starts[:-1], model.rows, model.values, model.integer),
    )
    highs.run()
    return float(highs.getInfo().objective_function_value)


def scipy_milp(model: ModelArrays) -> float:
    matrix = csc_array((model.values, model.rows, model.starts), shape=(len(model.row_lower), len(model.cost)))
    found = milp(
        model.cost,
        integrality=model.integer,
        bounds=Bounds(model.lower, model.upper),
        constraints=LinearConstraint(matrix, model.row_lower, model.row_upper),
    )
    return float(found.fun)


def cpu_ms(work: Callable[[T], object], given: list[T]) -> list[float]:
    work(given[0])
    taken = []
    for each in given:
        started = time.process_time()
        work(each)
        taken.append(1e3 * (time.process_time() - started))
    return taken


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--sites", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=7)
    given = arguments.parse_args()
    print(f"{given.sites} sites of each kind, {HOURS} h; {machine()}; CPU ms a site: median (95 % of the sites)")
    print(f"{'':<28} {'switched':>8} {'build':>14} {'plan, build too':>16} {'plain highspy':>14} {'scipy milp':>14}")
    solver = Solver()
    for kind in KINDS:
        rng = np.random.default_rng(given.seed)
        sites = [random_site(kind, rng) for _ in range(given.sites)]
        plans = [plan_site(site, solver) for site in sites]
        switched = [not isinstance(plan, str) and plan.switched for plan in plans]
        # Peers cannot know that switches are not needed: they are given them wherever a plan might need one.
        models = [final_arrays(site, kind != ABOVE) for site in sites]
        times = [
            cpu_ms(lambda site: final_arrays(site, False), sites),
            cpu_ms(lambda site: plan_site(site, solver), sites),
            cpu_ms(plain_highspy, models),
            cpu_ms(scipy_milp, models),
        ]
        shown = [f"{np.median(each):.2f} ({np.quantile(each, 0.95):.1f})" for each in times]
        print(f"{kind:<28} {np.mean(switched):>8.0%} {shown[0]:>14} {shown[1]:>16} {shown[2]:>14} {shown[3]:>14}")
        worst = max(abs(plain_highspy(model) / scipy_milp(model) - 1) for model in models[:20])
        print(f"{'':<28} objectives of both peers differ by {worst:.1e} at most; goal of the plan: {GOAL_MS:g} ms")


if __name__ == "__main__":
    main()
