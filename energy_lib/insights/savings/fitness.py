"""How well a baseline model fits its baseline, in the terms of ASHRAE Guideline 14 and IPMVP."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# ASHRAE Guideline 14-2014, 4.1.1 (whole building, daily or hourly data) and IPMVP: what a fit must keep to.
HIGHEST_CVRMSE, HIGHEST_NMBE = 0.30, 0.005
# OpenDSM's own limit (DailySettings.cvrmse_threshold): a model that errs more says nothing.
HIGHEST_USABLE_CVRMSE = 1.0
# Days whose residuals are averaged: what errors of a total come from is what days of a month have in common.
BLOCK_DAYS = 30


@dataclass(frozen=True, slots=True)
class Fitness:
    """`cvrmse` and `nmbe` as shares of the mean day (not percent); `block_cv`: how far means of 30 days stray."""

    days: int
    mean_kwh_per_day: float
    cvrmse: float
    nmbe: float
    block_cv: float

    @property
    def meets_guideline(self) -> bool:
        return self.cvrmse <= HIGHEST_CVRMSE and abs(self.nmbe) <= HIGHEST_NMBE


def fitness(observed: Floats, predicted: Floats, parameters: int) -> Fitness:
    """Of days in order of time, kWh; only days that are known on both sides.

    CV(RMSE) = sqrt(sum (y - f)^2 / (n - p)) / mean y and NMBE = sum (y - f) / ((n - p) mean y), ASHRAE Guideline
    14-2014, 5.2.11.3. NaN where there are no more days than parameters, or the mean is not above zero.
    """
    known = np.isfinite(observed) & np.isfinite(predicted)
    count, mean = int(known.sum()), float(observed[known].mean()) if known.any() else np.nan
    if count <= parameters or not mean > 0:
        return Fitness(count, mean, np.nan, np.nan, np.nan)
    error = np.where(known, observed - predicted, np.nan)
    free = count - parameters
    blocks = [np.nanmean(part) for part in np.array_split(error, max(1, len(error) // BLOCK_DAYS)) if _half(part)]
    return Fitness(
        count,
        mean,
        float(np.sqrt(np.nansum(error**2) / free) / mean),
        float(np.nansum(error) / free / mean),
        float(np.sqrt(np.mean(np.square(blocks))) / mean) if blocks else np.nan,
    )


def _half(part: Floats) -> bool:
    return bool(np.isfinite(part).mean() > 0.5)
