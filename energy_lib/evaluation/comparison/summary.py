"""Models beside one another on the same cells: scores by slice, paired differences, calibration. Pure pandas.

The input are sums over the scored cells (`daily_sums.sums_by`) per model (its label in `model`) and fuel. `slices` has
them by meter, month of the origin (`day`), horizon, local hour and weekday; `daily` has them by meter and origin day;
`across` by origin day, horizon, local hour and weekday, all meters together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from energy_lib.evaluation.comparison.differences import paired_differences
from energy_lib.evaluation.scores import scored
from energy_lib.metrics import METRICS
from energy_lib.metrics.terms import BELOW
from energy_lib.vocabulary import QUANTILES

GROUPS = ("small", "middle", "large")
# Slice → column of `slices`.
SLICES = {"horizon": "horizon", "hour": "hour_local", "weekday": "weekday_local"}
SHOWN = [METRICS[name] for name in ("wape", "wape_median", "mase", "wql", "coverage_p10_p90", "fallback_share")]


@dataclass(frozen=True)
class Comparison:
    """Tables by fuel and model; `scores` and `differences` have a row for each value of each slice.

    Slices: total, horizon, hour, weekday, group (meters by tercile of level), and meter in the scores alone.
    """

    reference: str
    models: tuple[str, ...]
    scores: pd.DataFrame
    differences: pd.DataFrame
    calibration: pd.DataFrame

    def of(self, name: str) -> pd.DataFrame:
        """The scores of one slice."""
        return self.scores[self.scores["slice"] == name]

    def differences_of(self, name: str) -> pd.DataFrame:
        """The differences of one slice."""
        return self.differences[self.differences["slice"] == name]


def label(name: str, version: str) -> str:
    """How a model is called in tables and plots: a baseline by its name, another with its version."""
    return name if name == version else f"{name} {f'v{version}' if version.isdigit() else version}"


def compare(slices: pd.DataFrame, daily: pd.DataFrame, across: pd.DataFrame, reference: str, seed: int) -> Comparison:
    """All tables; `reference` is the label of the model that the others are held against."""
    others = sorted(set(daily["model"]) - {reference})
    return Comparison(
        reference=reference,
        models=(reference, *others),
        scores=slice_scores(slices, daily),
        differences=slice_differences(across, daily, reference, seed),
        calibration=calibration(slices),
    )


def slice_scores(slices: pd.DataFrame, daily: pd.DataFrame) -> pd.DataFrame:
    """`slice, value, fuel, model, cells` and the metrics of SHOWN for each value of each slice."""
    parts = [
        _sliced(daily.assign(value="all"), "total"),
        *(_sliced(slices.assign(value=slices[column]), name) for name, column in SLICES.items()),
        _sliced(_grouped(daily), "group"),
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


def slice_differences(across: pd.DataFrame, daily: pd.DataFrame, reference: str, seed: int) -> pd.DataFrame:
    """`slice`, and `paired_differences` of each value of all slices but single meters."""
    parts = {
        "total": daily.assign(value="all"),
        **{name: across.assign(value=across[column]) for name, column in SLICES.items()},
        "group": _grouped(daily),
    }
    made = {name: paired_differences(part, reference, seed) for name, part in parts.items()}
    return pd.concat(made, names=["slice", "row"]).reset_index("slice").reset_index(drop=True)


def calibration(slices: pd.DataFrame) -> pd.DataFrame:
    """`fuel, model, nominal, below`: share of the actuals below each quantile; one that equals it counts half."""
    total = slices.groupby(["fuel", "model"]).sum(numeric_only=True)
    parts = [
        (total[BELOW[name].name] / total["cells"]).rename("below").reset_index().assign(nominal=level)
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
    scores = scored(["value", "fuel", "model"], sums, SHOWN)
    return scores.assign(slice=name)[["slice", *scores.columns]]


def _grouped(daily: pd.DataFrame) -> pd.DataFrame:
    """`daily` with each meter's group as `value`."""
    groups = meter_groups(daily)[["fuel", "meter_id", "group"]].rename(columns={"group": "value"})
    return daily.merge(groups, on=["fuel", "meter_id"], validate="many_to_one")
