"""What cleaning flags on real meters, clean and dirtied, and how far its estimates lie from the truth.

    python -m benchmarks.cleaning_flags --data ../shared/data/cambridge

Cleans each meter twice: as it is, and with faults put in at random. The table says, for each fuel and rule, which share
of the hours and of the energy is flagged in the clean meters, and which share of the faults is found in the dirtied
ones. The second table holds the estimates of the dirtied meters against what was measured there: the mean absolute
error over the meter's mean, by method, for gaps beside a fault and for all others. No Spark.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measure import machine, measured
from energy_lib.cleaning.gap_filling import METHODS
from energy_lib.cleaning.hourly import FLAG_BITS, Hours, hours_of
from energy_lib.cleaning.hourly_grid import Bools, Floats, Readings, Small
from energy_lib.config import CleaningConfig

SEED = 7
MINUTE_NS, HOUR_US = 60_000_000_000, 3_600_000_000
# Each kind of fault in so many of a meter's hours, one hour at a time.
FAULT_SHARE = 0.001
# A spike reads so many times the meter's highest tenth, a tenfold slip for instance; a drop so much of the hour itself.
SPIKES, DROPS = (10.0, 20.0, 50.0), (0.0, 0.1)
# Hours that are lost in a row, so many times in a thousand hours; every fourth fault has a lost hour beside it.
LOST_HOURS, LOST_PER_THOUSAND, LOST_BESIDE = (1, 2, 3, 8, 24, 72), 2.0, 4
# A zero may be a lost reading: it is no truth, and nothing to judge a drop by.
CLEAN, SPIKE, DROP = 0, 1, 2
SUSPECT = ("spike", "drop", "flatline", "zero_run")


@dataclass(frozen=True)
class Case:
    """One meter: true kWh by hour, with faults the kWh as read (NaN where lost), and which fault each hour has."""

    start_hour: int
    true: Floats
    read: Floats
    fault: Small
    beside: Bools

    def cleaned(self, kwh: Floats, fuel: str) -> Hours:
        at = np.flatnonzero(~np.isnan(kwh))
        hour, zeros = self.start_hour + at, np.zeros(len(at), dtype=np.int64)
        return hours_of(
            Readings(hour * 60, zeros + 60, kwh[at], zeros.astype(np.int8), zeros, (hour + 1) * HOUR_US),
            fuel,
            CleaningConfig(),
        )


def dirtied(start_hour: int, true: Floats, rng: np.random.Generator) -> Case:
    read, fault = true.copy(), np.zeros(len(true), dtype=np.int8)
    positive = np.flatnonzero(true > 0)
    hit = rng.permutation(positive)[: round(2 * FAULT_SHARE * len(true))]
    up, down = np.split(hit, [len(hit) // 2])
    read[up] = np.quantile(true[positive], 0.9) * rng.choice(SPIKES, len(up))
    read[down] *= rng.choice(DROPS, len(down))
    fault[up], fault[down] = SPIKE, DROP
    lost = np.zeros(len(true), dtype=bool)
    for _ in range(round(LOST_PER_THOUSAND * len(true) / 1000)):
        first = int(rng.integers(1, len(true)))
        lost[first : first + int(rng.choice(LOST_HOURS))] = True
    beside = np.zeros(len(true), dtype=bool)
    beside[np.clip(hit[::LOST_BESIDE] + 1, 0, len(true) - 1)] = True
    lost = (lost | beside) & (fault == CLEAN)
    lost[[0, -1]] = False
    read[lost] = np.nan
    return Case(start_hour, true, read, np.where(lost, CLEAN, fault), beside & lost)


def meters(data: Path, part: str) -> Iterator[tuple[str, int, Floats]]:
    """(fuel, hours since the epoch of its first hour, kWh by hour or NaN) of each meter."""
    if part == "small":
        rows = pd.read_csv(data / "small" / "readings.csv.gz", parse_dates=["ts_utc"])
    else:
        rows = pd.concat([pd.read_parquet(path) for path in sorted((data / "bench").glob("readings-*.parquet"))])
    rows["hour"] = rows["ts_utc"].dt.tz_localize(None).to_numpy("datetime64[h]").astype(np.int64)
    for _, meter in rows.groupby("meter_id"):
        hour = meter["hour"].to_numpy()
        kwh = np.full(int(hour.max() - hour.min()) + 1, np.nan)
        kwh[hour - hour.min()] = meter["kwh"].to_numpy(np.float64)
        yield str(meter["fuel"].iloc[0]), int(hour.min()), kwh


def flag_rows(fuel: str, case: Case, clean: Hours, dirty: Hours) -> Iterator[dict[str, object]]:
    """For each rule: hours and energy flagged in the clean meter, faults of each kind found in the dirtied one."""
    fault = case.fault[dirty.hour - case.start_hour]
    energy = np.abs(np.nan_to_num(clean.measured_kwh))
    for name in (*SUSPECT, "any"):
        bits = sum(FLAG_BITS.get(each, 0) for each in (SUSPECT if name == "any" else (name,)))
        in_clean, in_dirty = clean.flags & bits != 0, dirty.flags & bits != 0
        yield {
            "fuel": fuel,
            "rule": name,
            "hours": np.isfinite(clean.measured_kwh).sum(),
            "hours_flagged": in_clean.sum(),
            "energy_share": energy[in_clean].sum() / energy.sum() if energy.any() else np.nan,
            "spikes": (fault == SPIKE).sum(),
            "spikes_found": (in_dirty & (fault == SPIKE)).sum(),
            "drops": (fault == DROP).sum(),
            "drops_found": (in_dirty & (fault == DROP)).sum(),
        }


def estimate_rows(fuel: str, case: Case, dirty: Hours) -> pd.DataFrame:
    """Each estimate of an hour that was lost, with its error over the meter's mean."""
    true, beside = case.true[dirty.hour - case.start_hour], case.beside[dirty.hour - case.start_hour]
    lost = np.isnan(case.read[dirty.hour - case.start_hour]) & (true > 0)
    error = np.abs(dirty.energy_kwh - true) / np.nanmean(case.true)
    kept = lost & (dirty.method >= 0)
    columns = {"method": dirty.method[kept], "beside": beside[kept], "error": error[kept]}
    return pd.DataFrame({"fuel": fuel, **columns})


def table_of_flags(rows: pd.DataFrame) -> Iterator[str]:
    yield "| fuel | rule | hours | energy, mean meter | energy, worst meter | spikes found | drops found |"
    yield "| --- " * 7 + "|"
    for (fuel, rule), group in rows.groupby(["fuel", "rule"], sort=False):
        spikes, drops = (group[f"{kind}_found"].sum() / group[kind].sum() for kind in ("spikes", "drops"))
        yield (
            f"| {fuel} | {rule} | {group['hours_flagged'].sum() / group['hours'].sum():.3%} "
            f"| {group['energy_share'].mean():.3%} | {group['energy_share'].max():.2%} | {spikes:.1%} | {drops:.1%} |"
        )


def table_of_estimates(rows: pd.DataFrame) -> Iterator[str]:
    yield "| fuel | method | gap | hours | mean absolute error / mean | worst |"
    yield "| --- " * 6 + "|"
    named = rows.assign(method=np.array(METHODS)[rows["method"]])
    for (fuel, method, beside), group in named.groupby(["fuel", "method", "beside"]):
        where = "beside a fault" if beside else "elsewhere"
        yield (
            f"| {fuel} | {method} | {where} | {len(group):,} | {group['error'].mean():.3f} "
            f"| {group['error'].max():.1f} |"
        )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", required=True, type=Path, help="folder that holds small/ and bench/")
    arguments.add_argument("--part", choices=("small", "bench"), default="small", help="30 meters of 2 years, or all")
    options = arguments.parse_args()
    print(machine())
    series = list(meters(options.data, options.part))
    rng = np.random.default_rng(SEED)
    cases = [(fuel, dirtied(first, kwh, rng)) for fuel, first, kwh in series]
    with measured("clean", sum(len(case.true) for _, case in cases)):
        clean = [case.cleaned(case.true, fuel) for fuel, case in cases]
    dirty = [case.cleaned(case.read, fuel) for fuel, case in cases]
    judged = list(zip(cases, clean, dirty, strict=True))
    flags = [row for (fuel, case), c, d in judged for row in flag_rows(fuel, case, c, d)]
    estimates = pd.concat([estimate_rows(fuel, case, d) for (fuel, case), _, d in judged])
    print("\n".join(table_of_flags(pd.DataFrame(flags).sort_values("fuel", kind="stable"))))
    print("\n".join(table_of_estimates(estimates)), flush=True)


if __name__ == "__main__":
    main()
