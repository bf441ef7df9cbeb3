"""Fit a linear day by least absolute deviations: a ridge for all meters, then one for what it leaves of each meter."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from energy_lib.encoding.cadence import Cadence
from energy_lib.encoding.tensors import Encoding, Floats
from energy_lib.models.families.ensemble.linear_day import DAY, LinearDays, days_of, inputs
from energy_lib.models.families.ensemble.settings import LinearConfig

# Errors below this share of the median one weigh no more: least absolute deviations by reweighted least squares.
SMALL_ERROR = 0.3
DISTANCE_CLIP = 3.0


def fit_linear_days(
    features: Floats,
    distance: Floats,
    known: npt.NDArray[np.bool_],
    meters: npt.NDArray[np.str_],
    encoding: Encoding,
    settings: LinearConfig,
) -> LinearDays:
    """From groups [n, H, F], distances from the anchor and known hours [n, H]; days not read whole are left out, and
    those whose readings were late."""
    cadence = Cadence.of(features, encoding, meters)
    in_time = ~cadence.late(features, encoding, meters)
    names, counts = np.unique(meters[in_time], return_counts=True)
    chosen = names[np.argsort(-counts, kind="stable")][: settings.own_meters]
    chosen = np.sort(chosen[np.isin(chosen, names[counts >= settings.own_days])])
    common, own = [], []
    for day in range(days_of(encoding.horizon_hours)):
        hours = slice(day * DAY, (day + 1) * DAY)
        whole = known[:, hours].all(axis=1) & in_time
        rows = inputs(features[whole], encoding, day)
        target = np.clip(distance[whole, hours], -DISTANCE_CLIP, DISTANCE_CLIP)
        shared = _least_absolute(rows, target, settings.common_ridge, settings.rounds)
        left, mine = target - rows @ shared, meters[whole]
        common.append(shared)
        own.append([_own(rows, left, mine == meter, settings) for meter in chosen])
    together = np.array(own, dtype=np.float32).swapaxes(0, 1) if len(chosen) else np.zeros((0, *np.shape(common)))
    return LinearDays(np.array(common, dtype=np.float32), chosen, together.astype(np.float32), cadence)


def _own(rows: Floats, left: Floats, mine: npt.NDArray[np.bool_], settings: LinearConfig) -> Floats:
    if mine.sum() < settings.own_days:
        return np.zeros((rows.shape[1], left.shape[1]), dtype=np.float32)
    return _least_absolute(rows[mine], left[mine], settings.own_ridge, settings.rounds)


def _least_absolute(rows: Floats, target: Floats, ridge: float, rounds: int) -> Floats:
    """Coefficients [P, 24]; the last input, a constant, is not shrunk. One weight a day keeps one Gram matrix."""
    penalty = ridge * np.eye(rows.shape[1])
    penalty[-1, -1] = 1e-3
    floor = SMALL_ERROR * (float(np.median(np.abs(target))) + 1e-6)
    weight = np.ones(len(rows), dtype=np.float32)
    for _ in range(rounds):
        weight /= weight.mean()
        weighted = rows * weight[:, None]
        gram, moment = (weighted.T @ rows).astype(np.float64), (weighted.T @ target).astype(np.float64)
        coefficients = np.linalg.solve(gram + penalty, moment).astype(np.float32)
        weight = (1.0 / np.maximum(np.abs(target - rows @ coefficients).mean(axis=1), floor)).astype(np.float32)
    return coefficients
