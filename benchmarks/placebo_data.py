"""Readings of a folder laid out like Cambridge Estates' bench as local days, and OpenDSM's fits, kept on disk."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from energy_lib.insights.savings.baseline import Baseline
from energy_lib.insights.savings.local_days import LocalDays, local_days
from energy_lib.insights.savings.opendsm_fit import BASELINE_DAYS, fit_baseline

# What upstream replaced by 0 (README of the data). Heating that uses nothing for days of cold is not read.
COLD_C, DEAD_HOURS = 10.0, 72


@dataclass(frozen=True, slots=True)
class Meters:
    """Days and hours of each meter from 1 January of the first year, and which fuel and building it is of."""

    local: dict[str, LocalDays]
    fuel: dict[str, str]
    building: dict[str, str]

    @property
    def days(self) -> dict[str, pd.DataFrame]:
        return {meter_id: each.days for meter_id, each in self.local.items()}


def read_meters(folder: Path, zone: str, only: Iterable[str] = ()) -> Meters:
    """All meters of the folder, or those named. Zeros that stand for missing readings are missing."""
    wanted = set(only)
    readings = pd.concat([pd.read_parquet(path) for path in sorted(folder.glob("readings-*.parquet"))])
    readings["ts_utc"] = pd.to_datetime(readings["ts_utc"], utc=True)
    weather = pd.read_csv(folder / "weather.csv.gz")
    temperature = pd.Series(
        weather["air_temperature [degC]"].to_numpy(float), pd.to_datetime(weather["datetime"], utc=True)
    )
    first, last = readings["ts_utc"].min().year, readings["ts_utc"].max().year
    found = Meters({}, {}, {})
    for meter_id, rows in readings.groupby("meter_id", sort=True):
        if wanted and meter_id not in wanted:
            continue
        fuel = str(rows["fuel"].iloc[0])
        hourly = rows[["ts_utc", "kwh"]].rename(columns={"ts_utc": "interval_start_utc", "kwh": "energy_kwh"})
        hourly = without_stand_ins(hourly.assign(energy_kwh=hourly["energy_kwh"].astype(float)), fuel, temperature)
        electric = fuel == "electricity"
        found.local[str(meter_id)] = local_days(
            hourly.assign(imputed_share=0.0), temperature, zone, date(first, 1, 1), date(last + 1, 1, 1),
            zero_day_is_missing=electric,
        )  # fmt: skip
        found.fuel[str(meter_id)], found.building[str(meter_id)] = fuel, str(rows["building_id"].iloc[0])
    return found


def without_stand_ins(hourly: pd.DataFrame, fuel: str, temperature: pd.Series) -> pd.DataFrame:
    """Zeros of electricity, and of gas in runs of DEAD_HOURS and more whose mean is below COLD_C, become NaN."""
    zero = hourly["energy_kwh"] == 0
    if fuel != "electricity":
        run = (zero != zero.shift()).cumsum()
        warm = pd.Series(temperature.reindex(hourly["interval_start_utc"]).to_numpy(float), hourly.index)
        zero &= (zero.groupby(run).transform("size") >= DEAD_HOURS) & (warm.groupby(run).transform("mean") < COLD_C)
    return hourly.assign(energy_kwh=hourly["energy_kwh"].mask(zero))


def baseline_of(meters: Meters, meter_id: str, start: date, zone: str, cache: Path) -> Baseline | list[str]:
    """OpenDSM's fit to the year before `start`, from the cache where it is there."""
    path = cache / f"{meter_id}-{start}.json"
    if path.exists():
        text = path.read_text(encoding="utf-8")
        return json.loads(text)["refused"] if text.startswith('{"refused"') else Baseline.from_json(text)
    whole, first = meters.local[meter_id], pd.Timestamp(start - timedelta(days=BASELINE_DAYS))
    inside = (whole.days.index >= first) & (whole.days.index < pd.Timestamp(start))
    of_hours = (whole.hours["date"] >= first) & (whole.hours["date"] < pd.Timestamp(start))
    part = LocalDays(whole.days[inside], whole.hours[of_hours])
    fitted = fit_baseline(part, zone, is_electricity=meters.fuel[meter_id] == "electricity")
    text = fitted.to_json() if isinstance(fitted, Baseline) else json.dumps({"refused": fitted})
    path.write_text(text, encoding="utf-8")
    return fitted


def half_of(buildings: Mapping[str, str], meter_id: str) -> int:
    """0 or 1: meters of a building are in the same half."""
    return sum(map(ord, buildings[meter_id])) % 2
