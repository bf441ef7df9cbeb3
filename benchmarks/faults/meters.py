"""Clean meters of a folder laid out like Cambridge's `bench`, in hours without a hole in the index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import holidays
import numpy as np
import pandas as pd
from numpy.typing import NDArray

ZONE = "Europe/London"
HOUR = pd.Timedelta(hours=1)
LEARN_YEARS = 2
# A meter is clean enough to inject into if, in its learning years and the test year together, so little of it is
# missing or zero: Cambridge writes 0 for what was not read. The hours of gas that is off in summer are zeros too.
MOST_ZERO = {"electricity": 0.02, "gas": 0.30}
LEAST_MEAN_KWH = 2.0


@dataclass(frozen=True)
class Meter:
    """Hours of one meter: energy in kWh, air temperature in °C, and the position at which the test year begins."""

    meter_id: str
    fuel: str
    index: pd.DatetimeIndex
    energy: NDArray[np.float64]
    temperature: NDArray[np.float64]
    test_from: int
    holidays: tuple[date, ...] = field(repr=False)

    @cached_property
    def local(self) -> pd.DatetimeIndex:
        return self.index.tz_convert(ZONE)

    @property
    def months(self) -> float:
        """Length of the test, in months of 730 hours."""
        return (len(self.energy) - self.test_from) / 730.0


def clean_meters(folder: Path, year: int, wanted: Sequence[str], count: int, seed: int) -> list[Meter]:
    """The wanted meters, or `count` drawn from those that are clean over the test year and the two years before it.

    Raises SystemExit where none is left.
    """
    first = pd.Timestamp(year - LEARN_YEARS, 1, 1, tz="UTC")
    end = pd.Timestamp(year + 1, 1, 1, tz="UTC")
    files = [folder / f"readings-{each}.parquet" for each in range(first.year, end.year)]
    readings = pd.concat([pd.read_parquet(file) for file in files if file.exists()])
    index = pd.date_range(first, end - HOUR, freq="h")
    weather = pd.read_csv(folder / "weather.csv.gz", parse_dates=["datetime"]).set_index("datetime")
    temperature = weather.iloc[:, 0].tz_localize("UTC").reindex(index).to_numpy(dtype=float)
    free = tuple(sorted(holidays.country_holidays("GB", subdiv="ENG", years=range(first.year, end.year + 1))))
    test_from = int(index.searchsorted(pd.Timestamp(year, 1, 1, tz="UTC")))
    meters = []
    for key, rows in readings.groupby(["meter_id", "fuel"], sort=True):
        meter_id, fuel = map(str, key)
        if wanted and meter_id not in wanted:
            continue
        series = pd.Series(rows["kwh"].to_numpy(dtype=float), pd.DatetimeIndex(rows["ts_utc"]).tz_localize("UTC"))
        energy = series.reindex(index).to_numpy()
        # 1 January 00:00 holds half its value there: see the README of the data.
        halves = (index.dayofyear == 1) & (index.hour == 0)
        energy[halves] = np.roll(energy, -1)[halves]
        if wanted or is_clean(energy, fuel):
            meters.append(Meter(meter_id, fuel, index, energy, temperature, test_from, free))
    if not meters:
        raise SystemExit(f"No clean meter in {folder} from {first.year} to {year}: choose another --year or --meters.")
    return meters if wanted else drawn(meters, count, seed)


def is_clean(energy: NDArray[np.float64], fuel: str) -> bool:
    """Whether hardly an hour is missing or zero, and no zeros last for a fortnight (a season, of gas)."""
    bad = ~(energy > 0)
    longest = 24 * (100 if fuel == "gas" else 4)
    return (
        bool(np.isfinite(energy).mean() > 0.99)
        and bad.mean() <= MOST_ZERO[fuel]
        and float(np.nanmean(energy)) >= LEAST_MEAN_KWH
        and longest_run(bad) <= longest
    )


def longest_run(marks: NDArray[np.bool_]) -> int:
    """Length of the longest stretch of marks."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marks.astype(int), [0]])))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def drawn(meters: list[Meter], count: int, seed: int) -> list[Meter]:
    """`count` of the meters, drawn alike: electricity and gas come as they are in the folder."""
    order = np.random.default_rng([seed, 1]).permutation(len(meters))[:count]
    return [meters[i] for i in sorted(order)]
