"""The champion's error on export, generation and own use of homes with panels, beside seasonal naive on the same cells.

    python -m benchmarks.solar_flows

The homes are simulated: no public data of such registers is at hand. One session simulates a utility, runs ingest,
clean, build_features, write_shards, and train, which backtests the new model on the last days. Prints seconds and peak
memory of each job, a table of the commodities' scores, and one of the homes' own use (virtual meters, from which
no model learns).
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import date, timedelta

import pandas as pd

from benchmarks.measure import machine, measured
from energy_lib.cleaning.spark.registers_only import virtual_ids
from energy_lib.evaluation.relative_change import relative_change, signed
from energy_lib.intervals import Period
from energy_lib.lake import Lake, open_session
from energy_lib.models.baselines import SEASONAL_NAIVES
from energy_lib.models.config import load_config
from energy_lib.tables import gold
from jobs import build_features, clean, ingest, simulate, train, write_shards

FIRST = date(2024, 3, 1)
METRICS = ["wape", "wape_median", "mase", "wql", "coverage_p10_p90"]
HEAD = ("model", "cells", "WAPE", "median", "MASE", "WQL", "p10–p90", "WAPE against the better naive")


def commodities(scores: pd.DataFrame) -> pd.DataFrame:
    """The rows of scope `total`, by commodity."""
    totals = scores[(scores["scope"] == "total") & (scores["fuel"] != "*")]
    return totals.assign(what=totals["fuel"])


def own_use(scores: pd.DataFrame, virtual: frozenset[str]) -> pd.DataFrame:
    """The mean over the virtual meters of their scores; of WAPE the median, too."""
    of_meters = scores[(scores["scope"] == "meter") & scores["meter_id"].isin(virtual)]
    mean = of_meters.groupby("model_name").agg({**dict.fromkeys(METRICS, "mean"), "cells": "sum"}).reset_index()
    median = of_meters.groupby("model_name")["wape"].median().to_numpy()
    return mean.assign(wape_median=median, what="own use (virtual)")


def table(rows: pd.DataFrame) -> str:
    lines = [f"| commodity | {' | '.join(HEAD)} |", "| --- " * (len(HEAD) + 1) + "|"]
    for what, part in rows.sort_values(["what", "wape"]).groupby("what"):
        naive = part.loc[part["model_name"].isin(SEASONAL_NAIVES), "wape"].min()
        for _, row in part.iterrows():
            values = " | ".join(f"{row[name]:.4f}" for name in METRICS)
            change = signed(100 * relative_change(row["wape"], naive), places=1, unit=" %")
            lines.append(f"| {what} | {row['model_name']} | {row['cells']:,} | {values} | {change} |")
    return "\n".join(lines)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--meters", type=int, default=60, help="of import; every tenth building has panels")
    arguments.add_argument("--days", type=int, default=150)
    arguments.add_argument(
        "--work", help="folder for landing and lake (default: a temporary one); a rerun goes on in it"
    )
    arguments.add_argument("--set", action="append", default=[])
    options = arguments.parse_args()
    night = Period.day(FIRST + timedelta(days=options.days))
    size = (f"simulate.meters={options.meters}", f"simulate.days={options.days}", f"simulate.first_date={FIRST}")
    held_back = ("training.validation_days=14", "training.backtest_days=21")
    with tempfile.TemporaryDirectory() as scratch:
        work = options.work or scratch
        places = (f"lake={work}/lake", f"landing={work}/landing")
        config, _ = load_config("conf/local.yaml", [*places, *size, *held_back, *options.set])
        spark = open_session(config.spark)
        print(machine())
        for step in (simulate, ingest, clean, build_features, write_shards, train):
            with measured(step.__name__):
                outcome = step.run(spark, config, night)
        print(outcome.lines[-1])
        lake = Lake(spark, config.lake)
        scores = lake.read(gold.SCORES).where("run_kind = 'backtest'").toPandas()
        print(table(commodities(scores)), table(own_use(scores, virtual_ids(lake))), sep="\n\n", flush=True)


if __name__ == "__main__":
    main()
