"""A fitted baseline as plain numbers, kept as JSON, and what it would have used at a temperature.

The prediction is OpenDSM's daily model in NumPy (`full_model`, `get_full_model_x` and `get_smooth_coeffs` of OpenDSM
1.2.6, Apache 2.0): importing OpenDSM costs seconds and a prediction needs a dozen numbers. Tests hold both equal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from energy_lib.insights.savings.fitness import Fitness, Floats

# CalTRACK's seasons of the daily model (opendsm.common.const.default_season_def), by month.
SEASONS = {
    **dict.fromkeys((11, 12, 1, 2), "wi"),
    **dict.fromkeys((3, 4, 5, 10), "sh"),
    **dict.fromkeys((6, 7, 8, 9), "su"),
}
DAYS_OF = {"fw": (True, False), "wd": (False,), "we": (True,)}
SMALLEST_SMOOTHING = 0.01
# exp() of what lies beyond is not told apart from these (opendsm.common.utils).
LOWEST_LOG = float(np.log(np.sqrt(np.finfo(float).tiny * 1e20)))
HIGHEST_LOG = float(np.log(np.sqrt(np.finfo(float).max * 1e-20)))


@dataclass(frozen=True, slots=True)
class Submodel:
    """The model of some seasons and days; temperatures in degrees Fahrenheit, as CalTRACK has them, energy in kWh.

    `kind`: OpenDSM's model type. `coefficients`: hdd_bp, hdd_beta, hdd_k, cdd_bp, cdd_beta, cdd_k, intercept, those
    that the kind has. `bounds`: T_min, T_max, T_min_seg, T_max_seg of the fit.
    """

    kind: str
    coefficients: dict[str, float]
    bounds: dict[str, float]


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was fitted to a baseline, and how well.

    `submodels` by OpenDSM's component (`wd-su_sh`: weekdays of summer and shoulder). `shape`: share of a day's energy
    by season, weekend or not, and local hour (keys `wi-wd` …, 24 shares each). `disqualified`: why the model must not
    be used, each reason OpenDSM's name and sentence; `warnings` likewise. `opendsm`: its version, and its own numbers.
    """

    submodels: dict[str, Submodel]
    shape: dict[str, list[float]]
    fit: Fitness
    disqualified: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    opendsm: dict[str, float | str] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Baseline:
        kept: dict[str, Any] = json.loads(text)
        submodels = {name: Submodel(**each) for name, each in kept.pop("submodels").items()}
        return cls(submodels=submodels, fit=Fitness(**kept.pop("fit")), **kept)


def predicted_kwh(submodels: Mapping[str, Submodel], dates: pd.DatetimeIndex, temperature_c: Floats) -> Floats:
    """Energy that the baseline would have used on local days of a mean temperature, kWh; NaN where that is unknown."""
    fahrenheit = temperature_c * 9 / 5 + 32
    seasons, weekend = _seasons(dates), _weekend(dates)
    energy = np.full(len(dates), np.nan)
    for component, submodel in submodels.items():
        days, *of_seasons = component[:2], *component[3:].split("_")
        inside = np.isin(seasons, of_seasons) & np.isin(weekend, DAYS_OF[days])
        energy[inside] = _submodel_kwh(submodel, fahrenheit[inside])
    return np.where(np.isfinite(temperature_c), energy, np.nan)


def hourly_shape(hours: pd.DataFrame) -> dict[str, list[float]]:
    """Share of a day's energy by local hour, for each season and kind of day, of `LocalDays.hours` of a baseline.

    A kind without energy has even shares. Hours below zero count as zero: a share is of what was used.
    """
    dates = pd.DatetimeIndex(hours["date"])
    kinds = np.char.add(np.char.add(_seasons(dates), "-"), np.where(_weekend(dates), "we", "wd"))
    used = hours["energy_kwh"].clip(lower=0.0)
    by_hour = used.groupby([kinds, hours["hour_local"].to_numpy()]).mean().unstack()
    table = by_hour.reindex(columns=range(24), fill_value=0.0).fillna(0.0)
    shares = {}
    for kind in (f"{season}-{day}" for season in ("wi", "sh", "su") for day in ("wd", "we")):
        row = table.loc[kind].to_numpy() if kind in table.index else np.zeros(24)
        shares[kind] = (row / row.sum() if row.sum() > 0 else np.full(24, 1 / 24)).tolist()
    return shares


def spread_over_hours(daily_kwh: pd.Series, hours: pd.DataFrame, shape: Mapping[str, list[float]]) -> Floats:
    """The counterfactual of days (indexed by date) over their hours: hours sum to their day, of 23 and 25 hours too."""
    dates = pd.DatetimeIndex(hours["date"])
    table = np.array([shape[f"{season}-{day}"] for season in ("wi", "sh", "su") for day in ("wd", "we")])
    row = np.array([2, 4, 0])[np.searchsorted(["sh", "su", "wi"], _seasons(dates))] + _weekend(dates)
    share = table[row, hours["hour_local"].to_numpy()]
    total = pd.Series(share).groupby(hours["date"].to_numpy()).transform("sum").to_numpy()
    return np.asarray(daily_kwh.reindex(dates).to_numpy(float) * share / total)


def _seasons(dates: pd.DatetimeIndex) -> Any:
    return np.array([SEASONS[month] for month in dates.month], dtype="U2")


def _weekend(dates: pd.DatetimeIndex) -> Any:
    return dates.dayofweek.to_numpy() >= 5


def _submodel_kwh(model: Submodel, fahrenheit: Floats) -> Floats:
    """OpenDSM's `_predict_submodel`: heating below one balance point, cooling above the other, each smoothed or not."""
    heat, heat_slope, heat_k, cool, cool_slope, cool_k, base = _full_coefficients(model)
    if model.kind == "hdd_tidd_cdd_smooth":
        heat, heat_k, cool, cool_k = _smooth(heat, heat_k, cool, cool_k)
    if heat_slope == 0 and cool_slope == 0:
        return np.full(len(fahrenheit), base)
    if cool < heat:
        heat, heat_slope, heat_k, cool, cool_slope, cool_k = cool, cool_slope, cool_k, heat, heat_slope, heat_k
    same = heat == cool
    heating = (fahrenheit < heat) | (same and cool >= model.bounds["T_max"])
    cooling = ~heating & ((fahrenheit > cool) | (same and heat <= model.bounds["T_min"]))
    energy = np.full(len(fahrenheit), base)
    energy[heating] += _limb(fahrenheit[heating] - heat, -heat_slope, heat_k)
    energy[cooling] += _limb(fahrenheit[cooling] - cool, cool_slope, -cool_k)
    return energy


def _limb(beyond: Floats, slope: float, smoothing: float) -> Floats:
    """What is used beyond a balance point, at `beyond` degrees from it."""
    if slope == 0 or smoothing == 0:
        return slope * beyond
    exponent = np.clip(beyond / smoothing, LOWEST_LOG, HIGHEST_LOG)
    return np.asarray(abs(slope * smoothing) * (np.exp(exponent) - 1) + slope * beyond)


def _full_coefficients(model: Submodel) -> list[float]:
    """hdd_bp, hdd_beta, hdd_k, cdd_bp, cdd_beta, cdd_k, intercept, as OpenDSM completes and mends them."""
    given, bounds = model.coefficients, model.bounds
    base = given["intercept"]
    if model.kind == "tidd":
        return [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, base]
    if model.kind.startswith("hdd_tidd_cdd"):
        heat, cool = given["hdd_bp"], given["cdd_bp"]
        x = [heat, given["hdd_beta"], given.get("hdd_k", 0.0), cool, given["cdd_beta"], given.get("cdd_k", 0.0)]
    else:
        side = "hdd" if model.kind.startswith("hdd") else "cdd"
        point, slope, smoothing = given[f"{side}_bp"], given[f"{side}_beta"], given.get(f"{side}_k", 0.0)
        if not model.kind.endswith("_smooth"):
            point = min(max(point, bounds["T_min_seg"]), bounds["T_max_seg"])
        x = [point, -slope, smoothing, point, 0.0, 0.0] if slope < 0 else [point, 0.0, 0.0, point, slope, smoothing]
    return [*_mended(x, bounds), base]


def _mended(x: list[float], bounds: Mapping[str, float]) -> list[float]:
    heat, heat_slope, heat_k, cool, cool_slope, cool_k = x
    if cool < heat:
        heat, heat_slope, heat_k, cool, cool_slope, cool_k = cool, cool_slope, cool_k, heat, heat_slope, heat_k
    if heat != cool:
        if cool >= bounds["T_max"]:
            cool_slope = 0.0
        elif heat <= bounds["T_min"]:
            heat_slope = 0.0
    return [heat, heat_slope, heat_k if heat_slope else 0.0, cool, cool_slope, cool_k if cool_slope else 0.0]


def _smooth(heat: float, heat_share: float, cool: float, cool_share: float) -> tuple[float, float, float, float]:
    """Balance points and smoothing from shares of the distance between the points."""
    if heat_share < SMALLEST_SMOOTHING and cool_share < SMALLEST_SMOOTHING:
        return heat, 0.0, cool, 0.0
    if heat_share + cool_share > 1:
        heat_share, cool_share = heat_share / (heat_share + cool_share), cool_share / (heat_share + cool_share)
    heat_k, cool_k = heat_share * (cool - heat), cool_share * (cool - heat)
    return heat + heat_k, heat_k, cool - cool_k, cool_k
