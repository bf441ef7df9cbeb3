"""Compares ways to quantiles of groups, and bottom-up totals with direct and reconciled forecasts of them.

    python -m benchmarks.hierarchy --lake data/lake --model ensemble --from 2022-10-01 --to 2022-12-14

Reads a lake that has a backtest of the model over the period (24 h, every day), and changes nothing in it. Only meters
that were read in nearly every hour count; cleaning's estimates fill their other hours, so that totals exist. Prints
two tables by fuel. The first has the scores of the quantiles of groups: own, sums of the meters' quantiles, and those
of independent meters. The second has the WAPE of totals: the sum of the meters' medians, direct forecasts, and both
reconciled by MinT (Wickramasuriya et al. 2019).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from benchmarks.measure import machine, measured
from benchmarks.reconciliation import METHODS, direct_forecasts, reconciled
from energy_lib.features.spark.kernels import between
from energy_lib.forecasting.group_spread import NAMES, OWN_MEDIAN, PAST_ORIGINS
from energy_lib.forecasting.spark.group_forecasts import (
    group_forecasts,
    in_groups,
    known_sums,
    spreads,
    summed,
)
from energy_lib.intervals import DAY, Period, midnight_utc
from energy_lib.lake import Lake, open_session
from energy_lib.metrics.arrays import coverage, wape, wql
from energy_lib.models.config import load_config
from energy_lib.models.recent_history import Array
from energy_lib.tables import gold, silver
from energy_lib.vocabulary import MEDIAN

HISTORY_DAYS = 270
MEASURED_SHARE = 0.95
# Meters of a made-up site: no shipped source has sites of a few meters.
SITE_METERS = 5
DRAWS = 2_000
# Way to the quantiles of a group → its columns of p10, p50, p90.
WAYS = {
    "own": ("p10", "p50", "p90"),
    "own, the median too": ("p10", OWN_MEDIAN, "p90"),
    "sums of quantiles": ("sum_p10", "sum_p50", "sum_p90"),
    "independent": ("apart_p10", "apart_p50", "apart_p90"),
}


def hours_of(lake: Lake, period: Period) -> pd.DataFrame:
    """Hours of the meters that were read in MEASURED_SHARE of the hours, from HISTORY_DAYS before the period on."""
    first = midnight_utc(period.first) - timedelta(days=HISTORY_DAYS)
    last = midnight_utc(period.last) + DAY
    columns = ("meter_id", "fuel", "interval_start_utc", "energy_kwh", "imputed_share", "flags")
    hours = between(lake.read(silver.HOURLY), first, last).select(*columns).toPandas()
    fit = (hours["imputed_share"] == 0) & (hours["flags"].map(len) == 0) & hours["energy_kwh"].notna()
    counts = hours.assign(fit=fit, known=hours["energy_kwh"].notna()).groupby("meter_id")[["fit", "known"]].sum()
    count = hours["interval_start_utc"].nunique()
    complete = counts.index[(counts["fit"] >= MEASURED_SHARE * count) & (counts["known"] == count)]
    return hours[hours["meter_id"].isin(complete)]


def sites(meters: Iterable[str]) -> dict[str, str]:
    """Meter → its made-up site."""
    return {meter: f"{i // SITE_METERS:02}" for i, meter in enumerate(sorted(meters))}


def quantiles_of_groups(lake: Lake, forecasts: DataFrame, period: Period) -> pd.DataFrame:
    """gold.group_forecasts rows of the model, with the sums of quantiles beside (`sum_p05` …)."""
    site = sites(row[0] for row in forecasts.select("meter_id").distinct().collect())
    places = [(meter, meter, of) for meter, of in site.items()]
    where = lake.spark.createDataFrame(places, "meter_id string, building_id string, site_id string")
    sums = summed(forecasts, where).persist()
    first, last = midnight_utc(period.first), midnight_utc(period.last)
    hourly = between(lake.read(silver.HOURLY), first, last)
    several = in_groups(forecasts, where).where("group_kind <> 'building'")
    own = group_forecasts(sums, spreads(sums, known_sums(several, hourly, first, last, 0, 1)))
    key = ["group_kind", "group_id", "fuel", "origin_utc", "interval_start_utc"]
    quantile_sums = sums.select(*key, *(F.col(name).alias(f"sum_{name}") for name in NAMES)).toPandas()
    return own.toPandas().merge(quantile_sums, on=key)


def independent(meters: pd.DataFrame, cell: list[str]) -> pd.DataFrame:
    """Quantiles of sums of independent meters: the squared distances from the medians add up."""
    distances = meters[NAMES].sub(meters["p50"], axis=0) ** 2
    summed = pd.concat([meters[[*cell, "p50"]].rename(columns={"p50": "median"}), distances], axis=1).groupby(cell)
    total = summed.sum()
    sign = np.sign(np.arange(len(NAMES)) - MEDIAN)
    values = total["median"].to_numpy()[:, None] + sign * np.sqrt(total[NAMES].to_numpy())
    return pd.DataFrame(values, index=total.index, columns=[f"apart_{name}" for name in NAMES]).reset_index()


def spread_table(groups: pd.DataFrame, hours: pd.DataFrame, meters: pd.DataFrame) -> str:
    """A table with a line for each kind of group, fuel and way, over the origins that have own quantiles."""
    site = sites(meters["meter_id"].unique())
    lines = ["| groups | fuel | quantiles | WAPE | WQL | p10–p90 |", "| --- | --- | --- | --- | --- | --- |"]
    for kind, of in (("portfolio", lambda meter: "*"), ("site", site.__getitem__)):
        cell = ["group_id", "fuel", "interval_start_utc"]
        actual = hours.assign(group_id=hours["meter_id"].map(of)).groupby(cell)["energy_kwh"].sum().rename("actual")
        apart = independent(meters.assign(group_id=meters["meter_id"].map(of)), cell)
        rows = groups[(groups["group_kind"] == kind) & (groups["past_origins"] >= PAST_ORIGINS)]
        rows = rows.merge(actual.reset_index(), on=cell).merge(apart, on=cell)
        for fuel, part in rows.groupby("fuel"):
            y = part["actual"].to_numpy()
            for way, names in WAYS.items():
                p10, p50, p90 = (part[name].to_numpy() for name in names)
                values = f"{wape(y, p50):.4f} | {wql(y, {0.1: p10, 0.5: p50, 0.9: p90}):.4f} | "
                lines.append(f"| {kind} | {fuel} | {way} | {values}{coverage(y, p10, p90):.3f} |")
    return "\n".join(lines)


def cube(rows: pd.DataFrame, column: str) -> tuple[Array, pd.DatetimeIndex]:
    """[days, hours, meters] of whole days."""
    wide = rows.pivot(index="interval_start_utc", columns="meter_id", values=column).sort_index()
    return wide.to_numpy().reshape(-1, 24, wide.shape[1]), pd.DatetimeIndex(wide.index[::24])


def total_table(hours: pd.DataFrame, meters: pd.DataFrame) -> str:
    """A table with a line for each fuel and direct forecast: WAPE of the total by way, and the gain on bottom-up."""
    head = ["fuel", "direct forecast", "bottom-up", "alone", *METHODS, "best of them against bottom-up (95 %)"]
    lines = [f"| {' | '.join(head)} |", "| --- " * len(head) + "|"]
    for fuel, part in meters.groupby("fuel"):
        medians, days = cube(part, "p50")
        actual, all_days = cube(hours[hours["meter_id"].isin(part["meter_id"])], "energy_kwh")
        start = int(all_days.searchsorted(days[0]))
        for name, direct in direct_forecasts(actual.sum(axis=2), all_days, start).items():
            ways = reconciled(direct, medians, actual[start:])
            scored = actual[start:].sum(axis=2)[PAST_ORIGINS:]
            error = {way: np.abs(scored - totals[PAST_ORIGINS:]).sum(axis=1) for way, totals in ways.items()}
            best = min(METHODS, key=lambda way: error[way].sum())
            shown = (f"{each.sum() / scored.sum():.4f}" for each in error.values())
            lines.append(f"| {fuel} | {name} | {' | '.join(shown)} | {best} {gain(error[best], error['bottom-up'])} |")
    return "\n".join(lines)


def gain(ours: Array, theirs: Array) -> str:
    """Relative difference of the summed errors, with its 95 % interval (bootstrap over days)."""
    days = np.random.default_rng(7).integers(0, len(ours), (DRAWS, len(ours)))
    drawn = ours[days].sum(axis=1) / theirs[days].sum(axis=1) - 1
    low, high = np.quantile(drawn, [0.025, 0.975])
    return f"{ours.sum() / theirs.sum() - 1:+.1%} ({low:+.1%} … {high:+.1%})"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--lake", required=True)
    arguments.add_argument("--model", required=True, help="model_name in gold.forecasts")
    arguments.add_argument("--from", dest="first", type=date.fromisoformat, default=date(2022, 10, 1))
    arguments.add_argument("--to", dest="last", type=date.fromisoformat, default=date(2022, 12, 14))
    options = arguments.parse_args()
    config, _ = load_config("conf/local.yaml", [f"lake={options.lake}"])
    lake, period = Lake(open_session(config.spark), config.lake), Period(options.first, options.last)
    print(machine())
    hours = hours_of(lake, period)
    ends = (midnight_utc(period.first), midnight_utc(period.last))
    backtest = lake.read(gold.FORECASTS).where(
        (F.col("run_kind") == "backtest") & (F.col("model_name") == options.model)
    )
    backtest = backtest.where(F.col("origin_utc").between(*map(F.lit, ends)))
    forecasts = backtest.where(F.col("meter_id").isin(hours["meter_id"].unique().tolist()))
    meters = forecasts.select("meter_id", "fuel", "interval_start_utc", *NAMES).toPandas()
    print(meters.groupby("fuel")["meter_id"].nunique().to_dict(), "meters")
    with measured("groups of all origins"):
        groups = quantiles_of_groups(lake, forecasts, period)
    print(spread_table(groups, hours, meters), total_table(hours, meters), sep="\n\n", flush=True)


if __name__ == "__main__":
    main()
