"""Models beside one another on the same cells: scores by slice, paired differences, calibration. Pure pandas.

Input are sums over the scored cells (`sums.sums_by`) per model (its label in `model`), fuel and meter:
`slices` by month of the origin (`day`), horizon, local hour and weekday, `daily` by origin day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from energy_lib.columns import QUANTILES
from energy_lib.evaluation.scores import PINBALL, scored

GROUPS = ("small", "middle", "large")
# Slice → column of `slices`.
SLICES = {"horizon": "horizon", "hour": "hour_local", "weekday": "weekday_local"}
RESAMPLES = 2_000
INTERVAL = (0.025, 0.975)
SHOWN = ["cells", "wape", "wape_median", "mase", "wql", "coverage_p10_p90", "fallback_share"]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Comparison:
    """Tables by fuel and model; `scores` has a row for each value of each slice.

    Slices: total, horizon, hour, weekday, group (meters by tercile of level) and meter.
    """

    reference: str
    models: tuple[str, ...]
    scores: pd.DataFrame
    differences: pd.DataFrame
    calibration: pd.DataFrame

    def of(self, name: str) -> pd.DataFrame:
        """The rows of one slice."""
        return self.scores[self.scores["slice"] == name]


def label(name: str, version: str) -> str:
    """How a model is called in tables and plots: a baseline by its name, another with its version."""
    return name if name == version else f"{name} {f'v{version}' if version.isdigit() else version}"


def compare(slices: pd.DataFrame, daily: pd.DataFrame, reference: str, seed: int) -> Comparison:
    """All tables; `reference` is the label of the model that the others are held against."""
    others = sorted(set(daily["model"]) - {reference})
    return Comparison(
        reference=reference,
        models=(reference, *others),
        scores=slice_scores(slices, daily),
        differences=paired_differences(daily, reference, seed),
        calibration=calibration(slices),
    )


def slice_scores(slices: pd.DataFrame, daily: pd.DataFrame) -> pd.DataFrame:
    """`slice, value, fuel, model` and the metrics of SHOWN; WAPE is pooled, `wape_median` of the median meter."""
    grouped = daily.merge(meter_groups(daily), on=["fuel", "meter_id"], validate="many_to_one")
    parts = [
        _sliced(daily.assign(value="all"), "total"),
        *(_sliced(slices.assign(value=slices[column]), name) for name, column in SLICES.items()),
        _sliced(grouped.assign(value=grouped["group"]), "group"),
        _sliced(daily.assign(value=daily["meter_id"]), "meter"),
    ]
    return pd.concat(parts, ignore_index=True)


def meter_groups(daily: pd.DataFrame) -> pd.DataFrame:
    """`fuel, meter_id, level_kwh, group`: the meters of a fuel in thirds by their mean use an hour in the cells."""
    total = daily.groupby(["fuel", "meter_id"])[["absolute_kwh", "cells"]].sum()
    level = (total["absolute_kwh"] / total["cells"]).rename("level_kwh").reset_index()
    within = level.groupby("fuel")["level_kwh"]
    third = np.ceil(len(GROUPS) * within.rank(method="first") / within.transform("size")).astype(int)
    return level.assign(group=[GROUPS[place - 1] for place in third])


def paired_differences(daily: pd.DataFrame, reference: str, seed: int) -> pd.DataFrame:
    """Pooled WAPE and WQL of each model minus the reference's, with 95 % intervals (paired bootstrap over origins).

    Each of RESAMPLES draws takes as many origin days as there are, with replacement, the same for all models (Efron &
    Tibshirani 1993, percentile interval). `relative` is the difference as a share of the reference's value.
    """
    losses = {"wape": daily["absolute_error"], "wql": 2 * daily[PINBALL].mean(axis=1)}
    rows: list[dict[str, object]] = []
    for fuel, part in daily.assign(**{f"loss_{name}": loss for name, loss in losses.items()}).groupby("fuel"):
        energy = _by_day(part[part["model"] == reference], "absolute_kwh")[reference].to_numpy(np.float64)
        days = len(energy)
        draws = np.random.default_rng(seed).multinomial(days, np.full(days, 1 / days), RESAMPLES).astype(np.float64)
        for metric in losses:
            loss = _by_day(part, f"loss_{metric}")
            base = loss[reference].to_numpy(np.float64)
            for model in loss.columns.drop(reference):
                mine = loss[model].to_numpy(np.float64)
                rows.append({"fuel": fuel, "model": model, "metric": metric, **_held(mine, base, energy, draws)})
    return pd.DataFrame(rows)


def calibration(slices: pd.DataFrame) -> pd.DataFrame:
    """`fuel, model, nominal, below`: share of the actuals below each quantile; one that equals it counts half."""
    total = slices.groupby(["fuel", "model"]).sum(numeric_only=True)
    parts = [
        (total[f"below_{name}"] / total["cells"]).rename("below").reset_index().assign(nominal=level)
        for name, level in QUANTILES.items()
    ]
    return pd.concat(parts, ignore_index=True)[["fuel", "model", "nominal", "below"]]


def best_and_worst(comparison: Comparison, fuel: str, count: int) -> list[str]:
    """Meters of a fuel by the reference's WAPE: the `count` best, then the `count` worst, best first."""
    meters = comparison.of("meter")
    mine = meters[(meters["fuel"] == fuel) & (meters["model"] == comparison.reference)].dropna(subset=["wape"])
    ordered = [str(meter) for meter in mine.sort_values("wape")["value"]]
    return ordered if len(ordered) <= 2 * count else [*ordered[:count], *ordered[-count:]]


def _sliced(sums: pd.DataFrame, name: str) -> pd.DataFrame:
    made = scored(["value", "fuel", "model"], sums)
    return made.assign(slice=name)[["slice", "value", "fuel", "model", *SHOWN]]


def _by_day(part: pd.DataFrame, column: str) -> pd.DataFrame:
    """Sums of a column: a row an origin day, a column a model."""
    return part.pivot_table(index="day", columns="model", values=column, aggfunc="sum")


def _held(mine: Array, base: Array, energy: Array, draws: Array) -> dict[str, float]:
    """One model's loss by origin [n] against the reference's, over all origins and over each draw [draws, n]."""
    # Days without any use have no ratio: NaN, and so has a draw of nothing but them.
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = np.quantile(draws @ (mine - base) / (draws @ energy), INTERVAL)
        relative_low, relative_high = np.quantile(draws @ (mine - base) / (draws @ base), INTERVAL)
        made = {
            "value": mine.sum() / energy.sum(),
            "reference_value": base.sum() / energy.sum(),
            "difference": (mine - base).sum() / energy.sum(),
            "low": low,
            "high": high,
            "relative": (mine - base).sum() / base.sum(),
            "relative_low": relative_low,
            "relative_high": relative_high,
        }
    return {name: float(value) for name, value in made.items()}
