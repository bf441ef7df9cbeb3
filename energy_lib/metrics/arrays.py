"""The declared metrics as functions of NumPy arrays.

They take 1-d arrays of one length (kWh, without NaN) and return one number, NaN where the metric is undefined:

    >>> wape(np.array([2.0, 4.0]), np.array([3.0, 4.0]))
    0.16666666666666666
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from energy_lib.metrics.definitions import (
    COVERAGE,
    CVRMSE,
    MASE,
    NMBE,
    SEASON_HOURS,
    SMAPE,
    WAPE,
    weighted_quantile_loss,
)
from energy_lib.metrics.metric import Metric
from energy_lib.metrics.terms import ABSOLUTE_ERROR, Value
from energy_lib.metrics.terms import pinball as pinball_term

Array = npt.NDArray[np.float64]


class NumpyOperations:
    """`Operations` of arrays and of columns of a pandas frame."""

    def absolute(self, value: Value) -> Value:
        return np.abs(value)

    def larger(self, one: Value, other: Value) -> Value:
        return np.maximum(one, other)

    def quotient(self, top: Value, bottom: Value) -> Value:
        return np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), 0.0)

    def indicator(self, condition: Value) -> Value:
        return np.asarray(condition, dtype=np.float64)

    def known(self, value: Value) -> Value:
        return pd.notna(value)


NUMPY = NumpyOperations()


def wape(actual: Array, forecast: Array) -> float:
    """Weighted absolute percentage error: sum |y - f| / sum |y| (Kolassa & Schütz 2007, as MAD/mean)."""
    return value(WAPE, actual=actual, p50=forecast)


def mase(actual: Array, forecast: Array, scale: float) -> float:
    """Mean absolute scaled error: mean |y - f| / scale (Hyndman & Koehler 2006); `scale` [kWh] is `mase_scale`."""
    day = {ABSOLUTE_ERROR.name: ABSOLUTE_ERROR.formula({"actual": actual, "p50": forecast}.__getitem__, NUMPY).sum()}
    return value(MASE, actual=actual, **day, cells=actual.size, scale=scale if scale > 0 else np.nan)


def mase_scale(history: Array, season: int = SEASON_HOURS) -> float:
    """Mean |y[t] - y[t - season]| [kWh] over `history`, which has a value for every hour; NaN hours are left out."""
    differences = np.abs(history[season:] - history[:-season])
    known = differences[np.isfinite(differences)]
    return float(known.mean()) if known.size else float("nan")


def smape(actual: Array, forecast: Array) -> float:
    """Symmetric MAPE, 0 to 2: mean 2 |y - f| / (|y| + |f|) (Makridakis 1993); a cell of two zeros counts 0."""
    return value(SMAPE, actual=actual, p50=forecast)


def cvrmse(actual: Array, forecast: Array) -> float:
    """Root mean squared error over the mean of the actuals (ASHRAE Guideline 14, without its n - p correction)."""
    return value(CVRMSE, actual=actual, p50=forecast)


def nmbe(actual: Array, forecast: Array) -> float:
    """Normalised mean bias error: sum (y - f) / sum y; negative is over-forecast (ASHRAE Guideline 14's sign)."""
    return value(NMBE, actual=actual, p50=forecast)


def pinball(actual: Array, quantile: Array, level: float) -> float:
    """Mean pinball (quantile) loss, kWh (Koenker & Bassett 1978): level d if d >= 0, else (level - 1) d; d = y - q."""
    if not actual.size:
        return float("nan")
    loss = pinball_term("quantile", level).formula({"actual": actual, "quantile": quantile}.__getitem__, NUMPY)
    return float(loss.mean())


def wql(actual: Array, quantiles: dict[float, Array]) -> float:
    """Weighted quantile loss: mean over the levels of 2 sum pinball / sum |y| (as in GluonTS)."""
    columns = {str(level): forecast for level, forecast in quantiles.items()}
    losses = tuple(pinball_term(str(level), level) for level in quantiles)
    return value(weighted_quantile_loss("wql", "", losses), actual=actual, **columns)


def coverage(actual: Array, lower: Array, upper: Array) -> float:
    """Share of actuals within [lower, upper], bounds included."""
    return value(COVERAGE, actual=actual, p10=lower, p90=upper)


def crossings(*ascending: Array) -> int:
    """Number of cells in which a lower quantile is above a higher one; the arrays go from low to high quantiles."""
    return int((np.diff(np.stack(ascending), axis=0) < 0).any(axis=0).sum())


def value(metric: Metric, **columns: Value) -> float:
    """A metric over all cells; `columns` are arrays with the names that the formulas of the metric's terms use."""
    sums: dict[str, Value] = {}
    for term in metric.terms:
        values = {**columns, **sums}
        sums[term.name] = np.sum(term.formula(values.__getitem__, NUMPY))
    return float(metric.value(sums.__getitem__))
