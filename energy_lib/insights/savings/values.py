"""What an hour's energy costs and emits, as a saving is valued: by the rate of each hour, missing ones as missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from energy_lib.insights.savings.fitness import Floats


@dataclass(frozen=True)
class HourlyRates:
    """Rate per kWh by UTC hour (currency or kgCO2e), None if there is none at all; `reason` says why an hour lacks it.

    `unit`: the currency, or kgCO2e.
    """

    per_kwh: pd.Series | None = None
    unit: str | None = None
    reason: str = ""


def valued_days(
    hours: pd.DataFrame, observed_kwh: Floats, counterfactual_kwh: Floats, rates: HourlyRates
) -> pd.DataFrame:
    """By date: `avoided` (sum of rate × avoided energy of the hours) and `per_kwh` (mean rate of the counterfactual).

    `hours`: `LocalDays.hours`, its rows those of both energies. A day with an hour without a rate is NaN: a missing
    price is not a price of zero. `per_kwh` values the half-width of the day, whose hours nobody knows.
    """
    dates = hours["date"].to_numpy()
    if rates.per_kwh is None:
        return pd.DataFrame(np.nan, index=pd.Index(np.unique(dates), name="date"), columns=["avoided", "per_kwh"])
    rate = rates.per_kwh.reindex(hours.index).to_numpy(float)
    weighed = np.where(np.isfinite(counterfactual_kwh), np.maximum(counterfactual_kwh, 0.0), 0.0)
    frame = pd.DataFrame(
        {"avoided": (counterfactual_kwh - observed_kwh) * rate, "paid": weighed * rate, "weight": weighed, "rate": rate}
    )
    grouped = frame.groupby(dates)
    # min_count: one unknown hour makes the sum unknown.
    length = grouped.size()
    avoided = grouped["avoided"].sum(min_count=1).where(grouped["avoided"].count() == length)
    mean = grouped["paid"].sum() / grouped["weight"].sum()
    per_kwh = mean.where(grouped["weight"].sum() > 0, grouped["rate"].mean()).where(grouped["rate"].count() == length)
    return pd.DataFrame({"avoided": avoided, "per_kwh": per_kwh}).rename_axis("date")
