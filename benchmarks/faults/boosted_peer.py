"""The best of the peers: rules of hygiene and the residual of LightGBM's quantiles."""

from __future__ import annotations

import lightgbm
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.faults.meters import Meter
from benchmarks.faults.peers import SEED, WEEK, Floats, HourlyScore

LEVELS = (0.05, 0.5, 0.95)
RULE_HOURS = 6
SETTINGS = {
    "num_leaves": 31,
    "learning_rate": 0.1,
    "verbose": -1,
    "seed": SEED,
    "deterministic": True,
    "num_threads": 1,
}


class BoostedQuantiles(HourlyScore):
    """Distance from the median in widths of the 90 % band; and zeros, equal values, holes, and 10 × the highest."""

    name = "hygiene + LightGBM"

    def __init__(self) -> None:
        super().__init__()
        self.models: dict[str, list[lightgbm.Booster]] = {}
        self.longest: dict[str, tuple[int, int, float]] = {}

    def fit(self, meter: Meter) -> None:
        past = meter.energy[: meter.test_from]
        rows = self._features(meter, meter.energy, 0, meter.test_from)
        known = np.isfinite(past) & np.isfinite(rows[:, 4])
        # The limit is learnt from what the trees have not seen, the second half.
        known[self.learns_limit_from(meter) :] = False
        self.models[meter.meter_id] = [
            lightgbm.train(
                {"objective": "quantile", "alpha": level, **SETTINGS},
                lightgbm.Dataset(rows[known], past[known]),
                num_boost_round=100,
            )
            for level in LEVELS
        ]
        equal = run_lengths(np.concatenate([[False], np.diff(past) == 0]) & (past > 0))
        self.longest[meter.meter_id] = (
            max(RULE_HOURS, int(equal.max())),
            max(RULE_HOURS, int(run_lengths(past == 0).max())),
            10 * float(np.nanmax(past)),
        )

    def learns_limit_from(self, meter: Meter) -> int:
        return meter.test_from // 2

    def scores(self, meter: Meter, readings: Floats, first: int, end: int) -> Floats:
        rows = self._features(meter, readings, first, end)
        low, middle, high = (np.asarray(model.predict(rows)) for model in self.models[meter.meter_id])
        width = np.maximum(high - low, 0.02 * np.nanmean(meter.energy[: meter.test_from]))
        return np.asarray(np.abs(readings[first:end] - middle) / width, dtype=float)

    def broken(self, meter: Meter, readings: Floats, first: int, end: int) -> NDArray[np.bool_]:
        equal, zero, highest = self.longest[meter.meter_id]
        start = max(0, first - 2 * WEEK)
        now = readings[start:end]
        same = np.concatenate([[False], np.diff(now) == 0]) & (now > 0)
        marked = (run_lengths(same) > equal) | (run_lengths(now == 0) > zero) | (run_lengths(np.isnan(now)) >= 2)
        result: NDArray[np.bool_] = (marked | (now > highest))[first - start :]
        return result

    def _features(self, meter: Meter, readings: Floats, first: int, end: int) -> Floats:
        hours = np.arange(first, end)
        local = meter.local[first:end]
        week = np.where(hours >= WEEK, readings[hours - WEEK], np.nan)
        start = max(0, first - 5 * WEEK)
        level = pd.Series(readings[start:end]).rolling(4 * WEEK, min_periods=WEEK).median().shift(24).to_numpy()
        free = np.isin(local.tz_localize(None).normalize().to_numpy(), np.array(meter.holidays, dtype="datetime64[ns]"))
        return np.column_stack(
            [
                local.hour,
                local.weekday,
                local.month,
                meter.temperature[first:end],
                week,
                level[first - start :],
                free,
            ]
        ).astype(float)


def run_lengths(marked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many marks in a row end at each place."""
    position = np.arange(len(marked))
    result: NDArray[np.int64] = position - np.maximum.accumulate(np.where(marked, -1, position))
    return result
