"""Differences between models and a reference on the same cells, with paired bootstrap intervals. Pure pandas."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from energy_lib.evaluation.relative_change import relative_change
from energy_lib.metrics.definitions import WAPE, WQL

RESAMPLES = 2_000
INTERVAL = (0.025, 0.975)
# Metrics whose loss and denominator add up over origins.
COMPARED = (WAPE, WQL)

Array = npt.NDArray[np.float64]


def paired_differences(sums: pd.DataFrame, reference: str, seed: int) -> pd.DataFrame:
    """Pooled WAPE and WQL of each model minus the reference's, with 95 % intervals (paired bootstrap over origins).

    `sums` are sums over scored cells per `model`, `fuel`, `value` (of a slice) and `day` (of the origin); they may be
    per more than that. The result has a row for each `value, fuel, model, metric`, with `model_value`,
    `reference_value`, `difference` and its interval `low … high`, and the same as shares of the reference's value:
    `relative`, `relative_low … relative_high`; NaN where the reference makes no error to speak of.

    Each of RESAMPLES draws takes as many origin days as the value has, with replacement, the same days for all models
    (Efron & Tibshirani 1993, An Introduction to the Bootstrap, percentile interval).
    """
    rows: list[dict[str, object]] = []
    losses = {f"loss_{metric.name}": metric.loss(sums.__getitem__) for metric in COMPARED}
    for (value, fuel), part in sums.assign(**losses).groupby(["value", "fuel"]):
        origins = part["day"].nunique()
        draws = np.random.default_rng(seed).multinomial(origins, np.full(origins, 1 / origins), RESAMPLES)
        for metric in COMPARED:
            loss = _by_day(part, f"loss_{metric.name}")
            energy = _by_day(part[part["model"] == reference], metric.denominator.name)[reference]
            for model in loss.columns.drop(reference):
                difference = _difference(
                    loss[model].to_numpy(np.float64),
                    loss[reference].to_numpy(np.float64),
                    energy.to_numpy(np.float64),
                    draws.astype(np.float64),
                )
                rows.append({"value": value, "fuel": fuel, "model": model, "metric": metric.name, **difference})
    return pd.DataFrame(rows)


def _by_day(part: pd.DataFrame, column: str) -> pd.DataFrame:
    """Sums of a column: a row an origin day, a column a model."""
    return part.pivot_table(index="day", columns="model", values=column, aggfunc="sum")


def _difference(model_loss: Array, reference_loss: Array, energy: Array, draws: Array) -> dict[str, float]:
    """The metric's difference over all origins, and its interval over the draws.

    Losses and energy are per origin [n]; `draws` counts how often each origin is in a draw [draws, n].
    """
    excess = model_loss - reference_loss
    # Without any energy used the ratios are undefined: NaN.
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = np.quantile(draws @ excess / (draws @ energy), INTERVAL)
        value, of_reference = model_loss.sum() / energy.sum(), reference_loss.sum() / energy.sum()
        relative = relative_change(value, of_reference)
        relative_low, relative_high = np.nan, np.nan
        if np.isfinite(relative):
            relative_low, relative_high = np.quantile(draws @ excess / (draws @ reference_loss), INTERVAL)
        values = {
            "model_value": value,
            "reference_value": of_reference,
            "difference": excess.sum() / energy.sum(),
            "low": low,
            "high": high,
            "relative": relative,
            "relative_low": relative_low,
            "relative_high": relative_high,
        }
    return {name: float(value) for name, value in values.items()}
