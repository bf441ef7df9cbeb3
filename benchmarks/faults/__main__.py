"""Faults put into clean meters: what the lake's detector finds of them, and what the usual methods find.

    python -m benchmarks.faults --data ../shared/data/cambridge/bench --seed 1 [--year 2018] [--meters b0_e b5_e]

Thresholds are learnt from the two years before the test year. See docs/anomalies.md for what the columns mean.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.faults.alarms import Method
from benchmarks.faults.boosted_peer import BoostedQuantiles
from benchmarks.faults.injections import KINDS, draw
from benchmarks.faults.meters import Meter, clean_meters
from benchmarks.faults.own import Own
from benchmarks.faults.peers import Ecod, Forest, FourWeekMedian, InterquartileRule, SeasonalTrend
from benchmarks.faults.scoring import AROUND_HOURS, Cell, judge, merged, table
from benchmarks.measure import machine

METHODS = (Own, InterquartileRule, FourWeekMedian, Forest, Ecod, SeasonalTrend, BoostedQuantiles)


def run(
    methods: Sequence[Method], meters: Sequence[Meter], seed: int, alarms_per_month: float
) -> tuple[list[Cell], dict[str, float]]:
    """The cells of all methods on the same faults, and each method's alarms per meter-month on the clean copies."""
    faults = [
        (meter, fault, readings)
        for number, kind in enumerate(KINDS)
        for meter in meters
        for fault, readings in draw(kind, meter, np.random.default_rng([seed, number, *meter.meter_id.encode()]))
    ]
    cells, rates = [], {}
    for method in methods:
        method.learn(meters, alarms_per_month)
        clean = {each.meter_id: method.alarms(each, each.energy, each.test_from, len(each.energy)) for each in meters}
        rates[method.name] = sum(len(merged(alarms)) for alarms in clean.values()) / sum(each.months for each in meters)
        for meter, fault, readings in faults:
            alarms = clean[meter.meter_id]
            end = min(len(readings), fault.end + AROUND_HOURS)
            faulty = [each for each in alarms if each.raised < fault.start]
            faulty += method.alarms(meter, readings, fault.start, end)
            cells.append(judge(method.name, meter.meter_id, meter.fuel, fault, alarms, faulty))
    return cells, rates


def report(cells: Sequence[Cell], rates: dict[str, float], alarms_per_month: float) -> str:
    """The tables that are printed: own figures by kind, recall and delay beside the peers', the alarm rates."""
    results = table(cells)
    names = list(rates)
    own = results.loc[names[0]]
    recall, delay = (results[name].unstack(0)[names].reindex(own.index) for name in ("recall", "delay_h"))
    recall.loc["mean"] = recall.mean()
    frame = pd.DataFrame(cells).query("method == @names[0]").assign(found=lambda each: each["delay"].notna())
    frame["rank"] = frame.groupby("kind")["size"].rank(method="dense").map({1: "small", 2: "middle", 3: "large"})
    sizes = frame.pivot_table(index="kind", columns="rank", values="found").reindex(own.index)
    rate = pd.DataFrame({"alarms per meter-month": rates})
    rate["over the setting"] = rate["alarms per meter-month"] / alarms_per_month
    return "\n\n".join(
        [
            f"{names[0]}, by kind of fault\n" + own.round(2).to_string(),
            f"{names[0]}, recall by size\n" + sizes[["small", "middle", "large"]].round(2).to_string(),
            "Recall\n" + recall.round(2).to_string(),
            "Median delay of those found, hours\n" + delay.round(0).to_string(),
            "False alarms: all alarms on the clean copies\n" + rate.round(2).to_string(),
        ]
    )


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    arguments.add_argument("--data", required=True, type=Path, help="folder with readings-YYYY.parquet and weather")
    arguments.add_argument("--seed", type=int, required=True, help="draws the meters, and where the faults begin")
    arguments.add_argument("--year", type=int, default=2018, help="the year that is tested")
    arguments.add_argument("--meters", nargs="*", default=[], help="these meters, clean or not")
    arguments.add_argument("--count", type=int, default=12, help="how many meters to draw where none are named")
    arguments.add_argument("--alarms-per-month", type=float, default=1.0, help="the setting, per meter")
    arguments.add_argument("--own-only", action="store_true", help="leave the peers out")
    options = arguments.parse_args()
    warnings.filterwarnings("ignore", category=RuntimeWarning)
    meters = clean_meters(options.data, options.year, options.meters, options.count, options.seed)
    methods: list[Method] = [each() for each in (METHODS[:1] if options.own_only else METHODS)]
    print(machine())
    print(f"test year {options.year}, seed {options.seed}: {', '.join(each.meter_id for each in meters)}\n")
    cells, rates = run(methods, meters, options.seed, options.alarms_per_month)
    print(report(cells, rates, options.alarms_per_month))


if __name__ == "__main__":
    main()
