"""Per-interval features of a regular series: what was there `lag` hours before each hour, rolled over windows.

For panels in which every hour is its own row (no origin): a value is known `lag_hours` ahead of its interval.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import bottleneck as bn
import numpy as np
import pandas as pd

from energy_lib.errors import BadConfig
from energy_lib.features.calendar import LocalCalendar, Place
from energy_lib.features.known import Floats, hours_of

MOVING: dict[str, Callable[..., Floats]] = {
    "mean": bn.move_mean,
    "std": bn.move_std,
    "min": bn.move_min,
    "max": bn.move_max,
}


@dataclass(frozen=True)
class Rolling:
    """`statistic` over the `window_hours` that end `lag_hours` before the interval's end; window 1 is a plain lag."""

    column: str
    lag_hours: int
    window_hours: int = 1
    statistic: str = "mean"

    def __post_init__(self) -> None:
        if self.statistic not in MOVING:
            raise BadConfig(f"{self.statistic} is no rolling statistic: take one of {', '.join(MOVING)}.")

    @property
    def name(self) -> str:
        base = self.column.removesuffix("_kwh")
        if self.window_hours == 1:
            return f"{base}_lag_{self.lag_hours}h"
        return f"{base}_{self.statistic}_{self.window_hours}h_lag_{self.lag_hours}h"

    @property
    def reach_hours(self) -> int:
        return self.lag_hours + self.window_hours - 1

    def compute(self, series: Floats) -> Floats:
        """`series`: regular hourly values, NaN where missing; same length out."""
        rolled = series
        if self.window_hours > 1:
            # bottleneck counts a window's known values; one is enough, as for the windows of gold.features.
            padded = series if len(series) >= self.window_hours else np.r_[series, np.full(self.window_hours, np.nan)]
            rolled = MOVING[self.statistic](padded, self.window_hours, min_count=1)[: len(series)]
        if not self.lag_hours:
            return rolled
        return np.concatenate([np.full(min(self.lag_hours, len(series)), np.nan), rolled[: -self.lag_hours]])


def check_horizon(rolling: Sequence[Rolling], horizon_hours: int) -> None:
    """Raises BadConfig for a declaration that would look at hours not yet known."""
    for feature in rolling:
        if feature.lag_hours < horizon_hours:
            raise BadConfig(
                f"Feature {feature.name} looks {feature.lag_hours} h before the interval, which is not known for a "
                f"horizon of {horizon_hours} h: give it a lag of at least {horizon_hours} h or a shorter horizon."
            )


def rolling_rows(
    rows: pd.DataFrame, rolling: Sequence[Rolling], calendar: Sequence[str], place: Place, first_hour: int
) -> pd.DataFrame:
    """Features of one meter's hours from `first_hour` (hours since 1970) on; the hours before are its reach.

    `rows`: interval_start_utc (naive UTC) and the declared columns, one row an hour, in any order, gaps allowed.
    Returns interval_start_utc and one float32 column a feature, a row for each row of `rows`, in time order.
    """
    hours = hours_of(rows["interval_start_utc"])
    order = np.argsort(hours, kind="stable")
    hours = hours[order]
    at = hours - hours[0]
    wanted = hours >= first_hour
    out: dict[str, object] = {"interval_start_utc": rows["interval_start_utc"].to_numpy()[order][wanted]}
    dense = {}
    for column in {feature.column for feature in rolling}:
        dense[column] = np.full(int(at[-1]) + 1, np.nan)
        dense[column][at] = rows[column].to_numpy(np.float64)[order]
    for feature in rolling:
        out[feature.name] = feature.compute(dense[feature.column])[at[wanted]].astype(np.float32)
    if calendar:
        local = LocalCalendar(place, int(hours[0]), int(hours[-1]))
        out |= {name: local.field(name, hours[wanted]) for name in calendar}
    return pd.DataFrame(out)
