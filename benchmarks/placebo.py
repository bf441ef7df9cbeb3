"""Measures that never were, measured like projects: does the 90 % interval of their saving hold zero?

    python -m benchmarks.placebo --data ../shared/data/cambridge/bench --cache /tmp/placebos

Each meter's year is tested with a correction that was learnt on other buildings, and on placebos that touch no day of
that year. The quick model makes placebos of every meter, which the correction is learnt from and tested on. OpenDSM's
own fits (seconds each, kept in --cache) are tested with the same corrections, beside OpenDSM's own interval. Placebos
that touch a non-routine event (--non-routine, by default the lockdowns in the UK) are never learnt from, and tested
apart: a project in such a time is flagged and its days are left out. `--learn` prints the correction of all meters and
years.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measure import machine, measured
from benchmarks.placebo_data import Meters, baseline_of, half_of, read_meters
from benchmarks.placebo_tables import coverage_table, opendsm_half_width, provable_table
from energy_lib.insights.savings.baseline import Baseline, predicted_kwh
from energy_lib.insights.savings.correction import Correction, half_widths, learn_correction
from energy_lib.insights.savings.opendsm_fit import BASELINE_DAYS
from energy_lib.insights.savings.placebos import COLUMNS, placebo_rows, quick_placebos

LENGTHS = (1, 30, 90, 182, 365)
MONTHS = (1, 7)
LOCKDOWNS = "2020-03-18:2021-07-19"


def with_marks(placebos: pd.DataFrame, meters: Meters, events: Sequence[tuple[date, date]]) -> pd.DataFrame:
    """Beside each placebo: fuel, half of the buildings, first and last day of its data, whether an event is in it."""
    first = pd.to_datetime(placebos["first_date"])
    days = placebos["days"].round()
    marked = placebos.assign(
        fuel=placebos["meter_id"].map(meters.fuel),
        tested=[half_of(meters.building, meter_id) for meter_id in placebos["meter_id"]],
        begins=first - pd.Timedelta(days=BASELINE_DAYS),
        ends=first + pd.to_timedelta(days, unit="D"),
        year=first.dt.year,
        length=[min(LENGTHS, key=lambda length: abs(length - day)) for day in days],
        error=placebos["observed_kwh"] - placebos["counterfactual_kwh"],
    )
    touched = np.zeros(len(marked), bool)
    for start, end in events:
        touched |= ((marked["begins"] <= pd.Timestamp(end)) & (marked["ends"] > pd.Timestamp(start))).to_numpy()
    return marked.assign(event=np.where(touched, "lockdown", "none"))


def held_out(placebos: pd.DataFrame, years: Sequence[int]) -> dict[tuple[int, int], Correction]:
    """By year and half: learnt on the other half, on placebos whose baseline and reporting touch no day of the year."""
    found = {}
    for year in years:
        apart = (placebos["ends"] <= pd.Timestamp(year, 1, 1)) | (placebos["begins"] > pd.Timestamp(year, 12, 31))
        for half in (0, 1):
            learnt = placebos[apart & (placebos["tested"] != half) & (placebos["event"] == "none")]
            found[year, half] = learn_correction(learnt, f"all but {year}")
    return found


def with_half_widths(placebos: pd.DataFrame, corrections: dict[tuple[int, int], Correction]) -> pd.DataFrame:
    parts = []
    for (year, half), correction in corrections.items():
        part = placebos[(placebos["year"] == year) & (placebos["tested"] == half)]
        parts.append(part.assign(half=half_widths(part, correction)))
    return pd.concat(parts)


def opendsm_placebos(meters: Meters, ids: Sequence[str], years: Sequence[int], zone: str, cache: Path) -> pd.DataFrame:
    """Placebos from 1 January by OpenDSM, beside its own half-width; disqualified baselines are left out."""
    rows, own = [], []
    for meter_id in ids:
        for start in (date(year, 1, 1) for year in years):
            days = meters.local[meter_id].days.loc[str(start) : str(start + timedelta(days=max(LENGTHS) - 1))]
            if days["energy_kwh"].notna().mean() < 0.9:
                continue
            model = baseline_of(meters, meter_id, start, zone, cache)
            if not isinstance(model, Baseline) or model.disqualified:
                continue
            observed, temperature = (days[name].to_numpy(float) for name in ("energy_kwh", "temperature_c"))
            predicted = predicted_kwh(model.submodels, pd.DatetimeIndex(days.index), temperature)
            for row in placebo_rows(observed, predicted, model.fit, LENGTHS):
                rows.append((meter_id, start, *row))
                own.append(opendsm_half_width(model, row[2], row[0], max(1, round(row[0] / 30.4))))
    return pd.DataFrame(rows, columns=list(COLUMNS)).assign(opendsm_half=own)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--zone", default="Europe/London")
    parser.add_argument(
        "--years", help="years that are tested, with commas (default: the last four calm ones, the last)"
    )
    parser.add_argument("--meters", type=int, help="so many meters only (default: all)")
    parser.add_argument("--opendsm-meters", type=int, default=8, help="meters that OpenDSM is fitted to, a fit a year")
    parser.add_argument("--cache", type=Path, help="folder for OpenDSM's fits (default: a temporary one)")
    parser.add_argument("--non-routine", default=LOCKDOWNS, help="FROM:TO,… or empty")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--learn", action="store_true", help="print the correction of all meters and years, and stop")
    return parser.parse_args()


def test_years(placebos: pd.DataFrame, asked: str | None) -> list[int]:
    """The years asked for; else the last four whose placebos no event touches, and the last of all."""
    if asked:
        return [int(year) for year in asked.split(",")]
    whole = placebos[(placebos["length"] == max(LENGTHS)) & (placebos["ends"].dt.month == 1)]
    calm = sorted(whole.loc[whole["event"] == "none", "year"].unique())[-4:]
    return sorted({*map(int, calm), int(whole["year"].max())})


def main() -> None:
    options = arguments()
    print(machine())
    rng = np.random.default_rng(options.seed)
    with measured("reading"):
        meters = read_meters(options.data, options.zone)
    ids = sorted(meters.local)
    ids = sorted(rng.choice(ids, options.meters, replace=False)) if options.meters else ids
    events = [tuple(map(date.fromisoformat, each.split(":"))) for each in options.non_routine.split(",") if each]
    first, last = (meters.local[ids[0]].days.index[at] for at in (0, -1))
    starts = [date(year, month, 1) for year in range(first.year + 1, last.year + 1) for month in MONTHS]
    with measured("placebos by the quick model"):
        quick = quick_placebos({meter_id: meters.local[meter_id].days for meter_id in ids}, starts, LENGTHS)
    quick = with_marks(quick, meters, [(start, end) for start, end in events])
    if options.learn:
        print(learn_correction(quick[quick["event"] == "none"], str(options.data)))
        return
    years = test_years(quick, options.years)
    with measured("corrections"):
        corrections = held_out(quick, years)
    tested = with_half_widths(quick[quick["year"].isin(years)], corrections)
    print(f"\nQuick model, {tested['meter_id'].nunique()} meters, years {years}, by length in days\n")
    print(coverage_table(tested, ("event", "fuel", "length")))
    print("\nYears from 1 January, by year\n")
    whole = tested[(tested["length"] == max(LENGTHS)) & (pd.to_datetime(tested["first_date"]).dt.month == 1)]
    print(coverage_table(whole, ("event", "year")))
    print("\nWhat a year can prove\n")
    print(provable_table(whole[whole["event"] == "none"], corrections, options.seed))
    if options.opendsm_meters == 0:
        return
    with tempfile.TemporaryDirectory() as scratch, measured("OpenDSM"):
        cache = options.cache or Path(scratch)
        cache.mkdir(parents=True, exist_ok=True)
        order = list(ids)
        random.Random(options.seed).shuffle(order)
        sample = order[: options.opendsm_meters]
        theirs = opendsm_placebos(meters, sample, years, options.zone, cache)
    marked = with_marks(theirs, meters, [(start, end) for start, end in events])
    print(f"\nOpenDSM's fits, {marked['meter_id'].nunique()} meters, beside its own interval\n")
    print(coverage_table(with_half_widths(marked, corrections), ("event", "fuel", "length")))


if __name__ == "__main__":
    main()
