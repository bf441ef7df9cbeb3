"""The scale of MASE: the seasonal naive's mean absolute error in the eight weeks before the month of a day.

The scale depends on the meter and the month alone, so the same day has the same scale in every window.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np
import pandas as pd

from energy_lib.intervals import DAY
from energy_lib.metrics.arrays import NUMPY
from energy_lib.metrics.definitions import SEASON_HOURS
from energy_lib.metrics.terms import SCALED_ERROR

SCALE_DAYS = 56


def months_of(days: Iterable[date]) -> list[date]:
    """The first days of the months of `days`, each once, in order."""
    return sorted({day.replace(day=1) for day in days})


def scale_days(months: Iterable[date]) -> list[date]:
    """The days that the scales of `months` are computed from: eight weeks, and the season before them."""
    reach = SCALE_DAYS + SEASON_HOURS // 24
    return sorted({month - timedelta(days=i) for month in months for i in range(1, reach + 1)})


def scales(differences: pd.DataFrame, months: Iterable[date]) -> pd.DataFrame:
    """`meter_id, month, scale` [kWh] from the rows of `seasonal_differences`.

    A meter whose readings equal those of a week before in all hours has no scale, and no row.
    """
    by_month = []
    for month in months:
        before_month = differences[(differences["day"] >= month - DAY * SCALE_DAYS) & (differences["day"] < month)]
        total = before_month.groupby("meter_id")[["difference", "hours"]].sum()
        by_month.append((total["difference"] / total["hours"]).rename("scale").reset_index().assign(month=month))
    all_scales = pd.concat(by_month, ignore_index=True)
    return all_scales[all_scales["scale"] > 0]


def with_scaled_error(sums: pd.DataFrame, scale: pd.DataFrame) -> pd.DataFrame:
    """`sums` with `scaled_error`: the day's sum of absolute errors divided by its scale; NaN without a scale.

    `sums` has `meter_id`, `day` and `absolute_error`; `scale` is the result of `scales`.
    """
    month = pd.Series([day.replace(day=1) for day in sums["day"]], index=sums.index, dtype=object)
    joined = sums.assign(month=month).merge(scale, on=["meter_id", "month"], how="left", validate="many_to_one")
    joined = joined.astype({"scale": np.float64})
    return sums.assign(**{SCALED_ERROR.name: SCALED_ERROR.formula(joined.__getitem__, NUMPY).to_numpy()})
