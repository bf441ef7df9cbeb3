"""What an error is held against in MASE: the seasonal naive's error in the eight weeks before the month.

A day's scale depends on its month alone, so a score does not move when the window it stands in does.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np
import pandas as pd

from energy_lib.intervals import DAY
from energy_lib.metrics.arrays import NUMPY
from energy_lib.metrics.declared import SEASON_HOURS
from energy_lib.metrics.terms import SCALED_ERROR

SCALE_DAYS = 56


def months_of(days: Iterable[date]) -> list[date]:
    return sorted({day.replace(day=1) for day in days})


def scale_days(months: Iterable[date]) -> list[date]:
    """The days whose hours the scales of `months` are made of, with the season in front."""
    back = SCALE_DAYS + SEASON_HOURS // 24
    return sorted({month - timedelta(days=i) for month in months for i in range(1, back + 1)})


def scales(differences: pd.DataFrame, months: Iterable[date]) -> pd.DataFrame:
    """`meter_id, month, scale` [kWh] from `seasonal_differences`; a meter that never moves has none."""
    by_month = []
    for month in months:
        inside = differences[(differences["day"] >= month - DAY * SCALE_DAYS) & (differences["day"] < month)]
        total = inside.groupby("meter_id")[["difference", "hours"]].sum()
        by_month.append((total["difference"] / total["hours"]).rename("scale").reset_index().assign(month=month))
    every = pd.concat(by_month, ignore_index=True)
    return every[every["scale"] > 0]


def with_scaled_error(sums: pd.DataFrame, scale: pd.DataFrame) -> pd.DataFrame:
    """`sums` with `scaled_error`: the day's sum of absolute errors over its scale, NaN without one."""
    month = pd.Series([day.replace(day=1) for day in sums["day"]], index=sums.index, dtype=object)
    joined = sums.assign(month=month).merge(scale, on=["meter_id", "month"], how="left", validate="many_to_one")
    joined = joined.astype({"scale": np.float64})
    return sums.assign(**{SCALED_ERROR.name: SCALED_ERROR.formula(joined.__getitem__, NUMPY).to_numpy()})
