"""The two weeks before each origin, rebuilt from the daily lags of gold.features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]

HOURS = 24
LAG_DAYS = 14
LAGS = tuple(f"energy_lag_{HOURS * day}h" for day in range(1, LAG_DAYS + 1))
NEIGHBOURS = 2


@dataclass(frozen=True, slots=True)
class History:
    """N rows in G whole (meter, origin) groups.

    `known` is kWh by group, days back (0 is the day before the origin) and hour after the origin's hour of day:
    [G, 14, 24], NaN where unknown at the origin. `group`, `day` and `hour` place each row: interval start =
    origin + day × 24 h + hour.
    """

    known: Array
    group: npt.NDArray[np.int64]
    day: npt.NDArray[np.int64]
    hour: npt.NDArray[np.int64]

    @classmethod
    def of(cls, features: pd.DataFrame) -> History:
        missing = [name for name in LAGS if name not in features.columns]
        if missing:
            raise ValueError(f"a baseline needs the features {missing}; the frame has {list(features.columns)}")
        group = np.asarray(features.groupby(["meter_id", "origin_utc"], sort=False).ngroup(), dtype=np.int64)
        step = features["horizon_hours"].to_numpy(np.int64) - 1
        day, hour = step // HOURS, step % HOURS
        known = np.full((int(group.max(initial=-1)) + 1, LAG_DAYS, HOURS), np.nan)
        first = day == 0
        known[group[first], :, hour[first]] = features.loc[first, list(LAGS)].to_numpy(np.float64)
        return cls(known, group, np.asarray(day), np.asarray(hour))

    def back(self, days: npt.NDArray[np.int64]) -> Array:
        """Of each row the value `days` whole days before its interval, kWh [N]; `days` > the row's day."""
        index = days - self.day - 1
        value = self.known[self.group, np.clip(index, 0, LAG_DAYS - 1), self.hour]
        return np.where((index >= 0) & (index < LAG_DAYS), value, np.nan)

    def known_hours(self) -> npt.NDArray[np.int64]:
        """Hours known in the two weeks before the origin, of each row's group [N]."""
        counts: npt.NDArray[np.int64] = np.isfinite(self.known).sum(axis=(1, 2))
        return np.asarray(counts[self.group])

    def peak(self) -> Array:
        """Highest known hour of each row's group, kWh [N], of whichever sign; NaN where nothing is known."""
        highest = np.where(np.isfinite(self.known), np.abs(self.known), -np.inf).max(axis=(1, 2))
        return np.where(np.isfinite(highest), highest, np.nan)[self.group]


def pooled(samples: Array) -> Array:
    """Samples [G, S, 24] → [G, 24, S × 5]: each hour with its two neighbours on either side, round the clock."""
    rolled = [np.roll(samples, shift, axis=2) for shift in range(-NEIGHBOURS, NEIGHBOURS + 1)]
    return np.concatenate(rolled, axis=1).transpose(0, 2, 1)


def quantiles_of(samples: Array, levels: tuple[float, ...], at_least: int) -> Array:
    """Linear quantiles over the last axis, NaN left out: [..., S] → [..., len(levels)]; NaN below `at_least` samples.

    As np.nanquantile, which takes a Python call for each row: this sorts once.
    """
    if samples.shape[-1] == 0:
        return np.full((*samples.shape[:-1], len(levels)), np.nan)
    ordered = np.sort(samples, axis=-1)
    count = np.isfinite(ordered).sum(axis=-1, keepdims=True)
    place = np.asarray(levels) * np.maximum(count - 1, 0)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(count - 1, 0))
    below, above = (np.take_along_axis(ordered, index, axis=-1) for index in (low, high))
    return np.where(count >= at_least, below + (above - below) * (place - low), np.nan)
