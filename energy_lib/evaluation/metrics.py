"""Forecast metrics as plain NumPy functions; residual = observed - predicted throughout.

All take equally long 1-d arrays (kWh) without NaN; a metric that is undefined there is NaN.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

SEASON_HOURS = 168


def wape(actual: Array, forecast: Array) -> float:
    """Weighted absolute percentage error: sum |y - f| / sum |y| (Kolassa & Schütz 2007, as MAD/mean)."""
    return _ratio(np.abs(actual - forecast).sum(), np.abs(actual).sum())


def mase(actual: Array, forecast: Array, scale: float) -> float:
    """Mean absolute scaled error: mean |y - f| / scale (Hyndman & Koehler 2006); `scale` is `mase_scale`."""
    return _ratio(np.abs(actual - forecast).mean() if actual.size else np.nan, scale)


def mase_scale(history: Array, season: int = SEASON_HOURS) -> float:
    """Mean |y[t] - y[t - season]| over a regular hourly `history`; hours that are NaN there are left out."""
    differences = np.abs(history[season:] - history[:-season])
    known = differences[np.isfinite(differences)]
    return float(known.mean()) if known.size else float("nan")


def smape(actual: Array, forecast: Array) -> float:
    """Symmetric MAPE, 0 to 2: mean 2 |y - f| / (|y| + |f|) (Makridakis 1993); a cell of two zeros counts 0."""
    if not actual.size:
        return float("nan")
    size = np.abs(actual) + np.abs(forecast)
    share = np.divide(2 * np.abs(actual - forecast), size, out=np.zeros_like(size), where=size > 0)
    return float(share.mean())


def cvrmse(actual: Array, forecast: Array) -> float:
    """Root mean squared error over the mean of the actuals (ASHRAE Guideline 14, without its n - p correction)."""
    if not actual.size:
        return float("nan")
    return _ratio(float(np.sqrt(np.mean((actual - forecast) ** 2))), float(actual.mean()))


def nmbe(actual: Array, forecast: Array) -> float:
    """Normalised mean bias error: sum (y - f) / sum y; negative is over-forecast (ASHRAE Guideline 14's sign)."""
    return _ratio(float((actual - forecast).sum()), float(actual.sum()))


def pinball(actual: Array, quantile: Array, level: float) -> float:
    """Mean pinball (quantile) loss, kWh (Koenker & Bassett 1978): level d if d >= 0, else (level - 1) d; d = y - q."""
    if not actual.size:
        return float("nan")
    difference = actual - quantile
    return float(np.maximum(level * difference, (level - 1) * difference).mean())


def wql(actual: Array, quantiles: dict[float, Array]) -> float:
    """Weighted quantile loss: mean over the levels of 2 sum pinball / sum |y| (as in GluonTS)."""
    losses = [2 * pinball(actual, forecast, level) * actual.size for level, forecast in quantiles.items()]
    return _ratio(float(np.mean(losses)), float(np.abs(actual).sum()))


def coverage(actual: Array, lower: Array, upper: Array) -> float:
    """Share of actuals within [lower, upper], bounds included."""
    return float(((actual >= lower) & (actual <= upper)).mean()) if actual.size else float("nan")


def crossings(*ascending: Array) -> int:
    """Number of cells where a lower quantile stands above a higher one; quantiles given from low to high."""
    return int((np.diff(np.stack(ascending), axis=0) < 0).any(axis=0).sum())


def _ratio(top: float, bottom: float) -> float:
    return float(top / bottom) if bottom > 0 else float("nan")
