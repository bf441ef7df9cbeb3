"""Rolling features of a regular hourly series: statistics over windows that end `lag_hours` before each hour.

For panels without origins, in which every hour is one row and its features are known `lag_hours` ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import bottleneck as bn
import numpy as np
from numpy.typing import NDArray

from energy_lib.errors import BadConfig
from energy_lib.features.arrays import Floats, Hours
from energy_lib.features.calendar import LocalCalendar, Place

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


def rolling_arrays(
    hours: Hours,
    values: Mapping[str, NDArray[Any]],
    rolling: Sequence[Rolling],
    calendar: Sequence[str],
    place: Place,
    first_hour: int,
) -> tuple[NDArray[np.int64], dict[str, NDArray[np.float32]]]:
    """Features of one meter's hours from `first_hour` on; earlier hours serve as their history.

    `hours` are distinct hours since 1970-01-01T00Z in any order, gaps allowed; `values` has the declared columns, each
    with a value for every hour. Returns the positions in `hours` of the rows that have features, in time order, and
    the values of each feature for them.
    """
    order = np.argsort(hours, kind="stable")
    wanted = order[np.searchsorted(hours[order], first_hour) :]
    start, end = int(hours[order[0]]), int(hours[order[-1]])
    at, place_in = hours - start, hours[wanted] - start
    dense: dict[str, Floats] = {}
    for column in {feature.column for feature in rolling}:
        dense[column] = np.full(end - start + 1, np.nan)
        dense[column][at] = values[column]
    features = {f.name: f.compute(dense[f.column])[place_in].astype(np.float32) for f in rolling}
    if calendar:
        local = LocalCalendar(place, start, end)
        features |= {name: local.field(name, hours[wanted]) for name in calendar}
    return wanted, features
