"""What a meter should have used, from its own earlier days: a weighted median of like days.

Like days are of the same kind, recent and of a similar temperature: the idea of the "similar day" method of load
forecasting (Hong and Fan, Probabilistic electric load forecasting, Int. J. Forecasting 32, 2016, section 3.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bottleneck as bn
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from energy_lib.insights.anomalies.meter_days import WORKDAY, Bools, Floats, MeterDays

LOOK_BACK_DAYS = 70
HALF_LIFE_DAYS = 14.0
TEMPERATURE_WIDTH_C = 4.0
# Days that are of another kind count little, but something: a meter's first Sunday is better expected from its
# Saturdays than from nothing.
OTHER_KIND_WEIGHT = np.array([[1.0, 0.0003, 0.0003], [0.001, 1.0, 0.1], [0.001, 0.1, 1.0]])
CHUNK_DAYS = 200
FEWEST_DAYS = 3


@dataclass(frozen=True, slots=True)
class LikeDays:
    """Which earlier days tell what a day should be: `look_back` days, without the last `gap` of them."""

    look_back: int = LOOK_BACK_DAYS
    gap: int = 0
    half_life: float = HALF_LIFE_DAYS

    def weights(self, kind: NDArray[np.int64], wanted_kind: NDArray[np.int64], temperature: Floats) -> Floats:
        """(days, look_back) weight of the days before each day, the oldest first."""
        age = np.arange(self.look_back, 0, -1)
        recency = np.where(age > self.gap, 0.5 ** (age / self.half_life), 0.0)
        before_kind = self._before(kind, WORKDAY)
        like = OTHER_KIND_WEIGHT[wanted_kind[:, None], before_kind]
        apart = (self._before(temperature, np.nan) - temperature[:, None]) / TEMPERATURE_WIDTH_C
        result: Floats = recency * like * (np.exp(-0.5 * np.nan_to_num(apart, nan=1.0) ** 2) + 1e-3)
        return result

    def median(self, values: Floats, days: MeterDays, wanted_kind: NDArray[np.int64], only: Bools) -> Floats:
        """Weighted median of the like days of each day that is in `only`: (days, columns) as `values`, NaN elsewhere
        and where fewer than three of the earlier days are known."""
        weight = self.weights(days.kind, wanted_kind, days.temperature)
        before = self._before(values, np.nan)
        result = np.full(values.shape, np.nan)
        rows = np.flatnonzero(only)
        for start in range(0, len(rows), CHUNK_DAYS):
            part = rows[start : start + CHUNK_DAYS]
            result[part] = _weighted_median(before[part], weight[part])
        return result

    def _before(self, values: NDArray[Any], fill: float) -> NDArray[Any]:
        front = np.full((self.look_back, *values.shape[1:]), fill, dtype=values.dtype)
        return sliding_window_view(np.concatenate([front, values]), self.look_back, axis=0)[:-1]


@dataclass(frozen=True, slots=True)
class Expected:
    """Per day and hour, in kWh, NaN where fewer than three earlier days are known: the median of like days, the same
    as if the day were a workday, and how far such a median was off lately (median absolute error, floored)."""

    energy: Floats
    as_workday: Floats
    scale: Floats


def expected(days: MeterDays) -> Expected:
    """Expect each day from the `LOOK_BACK_DAYS` before it."""
    like, everyday = LikeDays(), np.ones(len(days.days), dtype=bool)
    own = like.median(days.energy, days, days.kind, everyday)
    free = days.kind != WORKDAY
    as_workday = like.median(days.energy, days, np.full_like(days.kind, WORKDAY), free)
    return Expected(own, np.where(free[:, None], as_workday, own), scale_of(days.energy - own, own))


def expected_from(days: MeterDays, first: int, last: int) -> Floats:
    """(last - first, 24) what the days `first` … `last` - 1 should have used, from the days before `first` alone."""
    rows = slice(max(0, first - LOOK_BACK_DAYS), first)
    before = days.energy[rows]
    if len(before) == 0:
        return np.full((last - first, days.energy.shape[1]), np.nan)
    recency = 0.5 ** (np.arange(len(before), 0, -1) / HALF_LIFE_DAYS)
    like = OTHER_KIND_WEIGHT[days.kind[first:last, None], days.kind[None, rows]]
    apart = (days.temperature[None, rows] - days.temperature[first:last, None]) / TEMPERATURE_WIDTH_C
    weight = recency * like * (np.exp(-0.5 * np.nan_to_num(apart, nan=1.0) ** 2) + 1e-3)
    return _weighted_median(np.broadcast_to(before.T, (last - first, *before.T.shape)), weight)


def _weighted_median(values: Floats, weight: Floats) -> Floats:
    """Weighted median of (days, columns, candidates) with weights (days, candidates); NaN candidates do not count."""
    order = np.argsort(values, axis=2)
    ranked = np.take_along_axis(values, order, axis=2)
    ranked_weight = np.take_along_axis(np.broadcast_to(weight[:, None, :], values.shape), order, axis=2)
    ranked_weight = np.where(np.isfinite(ranked), ranked_weight, 0.0)
    total = np.cumsum(ranked_weight, axis=2)
    middle = (total < total[:, :, -1:] / 2).sum(axis=2)
    result = np.take_along_axis(ranked, np.minimum(middle, values.shape[2] - 1)[:, :, None], axis=2)[:, :, 0]
    return np.where(np.isfinite(values).sum(axis=2) >= FEWEST_DAYS, result, np.nan)


def scale_of(residual: Floats, level: Floats) -> Floats:
    """Median absolute residual of each hour of the day over the days before, the widest of three neighbours."""
    spread = np.full(residual.shape, np.nan)
    if len(residual) > 1:
        window = min(LOOK_BACK_DAYS, len(residual))
        spread[1:] = bn.move_median(np.abs(residual), window, min_count=min(FEWEST_DAYS, window), axis=0)[:-1]
    wide = np.stack([np.roll(spread, -1, axis=1), spread, np.roll(spread, 1, axis=1)]).max(axis=0)
    mean_level = np.broadcast_to(np.nan_to_num(level).mean(axis=1, keepdims=True), level.shape)
    return np.maximum(wide, 0.01 * mean_level + 0.05)
