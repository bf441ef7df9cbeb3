"""The tables of a comparison of models on the same cells: scores by slice, differences, calibration. Pure pandas.

The inputs are sums over the scored cells per model (its label in `model`) and fuel: `by_slice`, `by_meter_day` and
`by_day_slice`, as described at `ComparisonSums` (`energy_lib.evaluation.spark.comparison_cells`).
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
# Slice → column of `by_slice` and `by_day_slice`.
SLICES = {"horizon": "horizon", "hour": "hour_local", "weekday": "weekday_local"}
SHOWN = [METRICS[name] for name in ("wape", "wape_median", "mase", "wql", "coverage_p10_p90", "fallback_share")]


@dataclass(frozen=True)
class Comparison:
    """The tables of a comparison, by fuel and model (its label); `models` begins with the reference.

    `scores` (`slice_scores`) and `differences` (`slice_differences`) have a row for each value of each slice: total,
    horizon, hour, weekday, group (thirds of the meters by level); `scores` also of the slice meter.
    `calibration` is described at the function of that name.
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
    """A model's name in tables and plots: `lightgbm v3`, `ensemble refit_7d`; a baseline has no version."""
    return name if name == version else f"{name} {f'v{version}' if version.isdigit() else version}"


def compare(
    by_slice: pd.DataFrame, by_meter_day: pd.DataFrame, by_day_slice: pd.DataFrame, reference: str, seed: int
) -> Comparison:
    """All tables of the comparison.

    `by_slice`, `by_meter_day`, `by_day_slice`: sums of the metrics' terms as `comparison_sums` gives them, by slice, by
    meter and origin day, and by origin day and slice; all of the same cells. `reference`: the label (see `label`) of
    the model that the others are compared with. `seed`: of the bootstrap.
    """
    others = sorted(set(by_meter_day["model"]) - {reference})
    return Comparison(
        reference=reference,
        models=(reference, *others),
        scores=slice_scores(by_slice, by_meter_day),
        differences=slice_differences(by_day_slice, by_meter_day, reference, seed),
        calibration=calibration(by_slice),
    )


def slice_scores(by_slice: pd.DataFrame, by_meter_day: pd.DataFrame) -> pd.DataFrame:
    """`slice, value, fuel, model, cells` and the metrics of SHOWN for each value of each slice."""
    parts = [
        _sliced(by_meter_day.assign(value="all"), "total"),
        *(_sliced(by_slice.assign(value=by_slice[column]), name) for name, column in SLICES.items()),
        _sliced(_with_group(by_meter_day), "group"),
        _sliced(by_meter_day.assign(value=by_meter_day["meter_id"]), "meter"),
    ]
    return pd.concat(parts, ignore_index=True)


def meter_groups(by_meter_day: pd.DataFrame) -> pd.DataFrame:
    """`fuel, meter_id, level_kwh, group`: the meters of each fuel in thirds by their mean kWh an hour in the cells."""
    total = by_meter_day.groupby(["fuel", "meter_id"])[["absolute_kwh", "cells"]].sum()
    level = (total["absolute_kwh"] / total["cells"]).rename("level_kwh").reset_index()
    within = level.groupby("fuel")["level_kwh"]
    third = np.ceil(len(GROUPS) * within.rank(method="first") / within.transform("size")).astype(int)
    return level.assign(group=[GROUPS[place - 1] for place in third])


def slice_differences(
    by_day_slice: pd.DataFrame, by_meter_day: pd.DataFrame, reference: str, seed: int
) -> pd.DataFrame:
    """`slice` and the columns of `paired_differences`, for each value of each slice but `meter`."""
    parts = {
        "total": by_meter_day.assign(value="all"),
        **{name: by_day_slice.assign(value=by_day_slice[column]) for name, column in SLICES.items()},
        "group": _with_group(by_meter_day),
    }
    differences = {name: paired_differences(part, reference, seed) for name, part in parts.items()}
    return pd.concat(differences, names=["slice", "row"]).reset_index("slice").reset_index(drop=True)


def calibration(by_slice: pd.DataFrame) -> pd.DataFrame:
    """`fuel, model, nominal, below`: the share of actuals below each quantile, beside its level.

    An actual that equals the quantile counts half.
    """
    total = by_slice.groupby(["fuel", "model"]).sum(numeric_only=True)
    parts = [
        (total[BELOW[name].name] / total["cells"]).rename("below").reset_index().assign(nominal=level)
        for name, level in QUANTILES.items()
    ]
    return pd.concat(parts, ignore_index=True)[["fuel", "model", "nominal", "below"]]


def best_and_worst(comparison: Comparison, fuel: str, count: int) -> list[str]:
    """Meters of a fuel by the reference's WAPE: the `count` best, then the `count` worst, best first."""
    meters = comparison.of("meter")
    scores = meters[(meters["fuel"] == fuel) & (meters["model"] == comparison.reference)].dropna(subset=["wape"])
    ordered = [str(meter) for meter in scores.sort_values("wape")["value"]]
    return ordered if len(ordered) <= 2 * count else [*ordered[:count], *ordered[-count:]]


def _sliced(sums: pd.DataFrame, name: str) -> pd.DataFrame:
    scores = scored(["value", "fuel", "model"], sums, SHOWN)
    return scores.assign(slice=name)[["slice", *scores.columns]]


def _with_group(by_meter_day: pd.DataFrame) -> pd.DataFrame:
    """`by_meter_day` with each meter's group as `value`."""
    groups = meter_groups(by_meter_day)[["fuel", "meter_id", "group"]].rename(columns={"group": "value"})
    return by_meter_day.merge(groups, on=["fuel", "meter_id"], validate="many_to_one")
