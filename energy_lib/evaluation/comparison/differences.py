"""How much models differ from a reference on the same cells, with paired bootstrap intervals. Pure pandas."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from energy_lib.metrics.declared import WAPE, WQL

RESAMPLES = 2_000
INTERVAL = (0.025, 0.975)
# Metrics whose loss and denominator add up over origins.
COMPARED = (WAPE, WQL)

Array = npt.NDArray[np.float64]


def paired_differences(sums: pd.DataFrame, reference: str, seed: int) -> pd.DataFrame:
    """Pooled WAPE and WQL of each model minus the reference's, with 95 % intervals (paired bootstrap over origins).

    `sums`: over scored cells per `model`, `fuel`, `value` (of a slice) and `day` (the origin's), however finer; the
    result has a row for each `value, fuel, model, metric`. Each of RESAMPLES draws takes as many origin days as the
    value has, with replacement, the same for all models (Efron & Tibshirani 1993, percentile interval). `relative` is
    the difference as a share of the reference's.
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


def _difference(mine: Array, base: Array, energy: Array, draws: Array) -> dict[str, float]:
    """One model's loss by origin [n] against the reference's, over all origins and over each draw [draws, n]."""
    # Days without any use have no ratio: NaN, and so has a draw of nothing but them.
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = np.quantile(draws @ (mine - base) / (draws @ energy), INTERVAL)
        relative_low, relative_high = np.quantile(draws @ (mine - base) / (draws @ base), INTERVAL)
        values = {
            "model_value": mine.sum() / energy.sum(),
            "reference_value": base.sum() / energy.sum(),
            "difference": (mine - base).sum() / energy.sum(),
            "low": low,
            "high": high,
            "relative": (mine - base).sum() / base.sum(),
            "relative_low": relative_low,
            "relative_high": relative_high,
        }
    return {name: float(value) for name, value in values.items()}
