"""How good the forecasts were, always beside seasonal naive on the same cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from energy_lib.reporting.figure import Figure
from energy_lib.vocabulary import QUANTILES

MODEL = ["model_name", "model_version"]


@dataclass(frozen=True)
class Forecasts:
    """Frames as energy_lib.reporting.reading.forecasts queries them. Slices hold sums over cells, which add up."""

    totals: Figure
    days: Figure
    slices: Figure

    @property
    def run_kind(self) -> str:
        """Which runs the slices show: those of live forecasts once there are some, else backtests."""
        kinds = set(self.slices.rows["run_kind"])
        return "live" if "live" in kinds else "backtest"


def wape_by(slices: pd.DataFrame, column: str) -> pd.DataFrame:
    """`model_name`, `model_version`, the column, `cells` and `wape`: absolute errors over absolute actuals."""
    sums = slices.groupby([*MODEL, column])[["cells", "absolute_error_kwh", "absolute_kwh"]].sum().reset_index()
    sums["wape"] = (sums["absolute_error_kwh"] / sums["absolute_kwh"]).where(sums["absolute_kwh"] > 0)
    return sums.drop(columns=["absolute_error_kwh", "absolute_kwh"])


def calibration(slices: pd.DataFrame, quantiles: Mapping[str, float] = QUANTILES) -> pd.DataFrame:
    """`model_name`, `model_version`, `said` (the quantile's level), `came` (share of actuals at or below it)."""
    names = [f"below_{name}" for name in quantiles]
    sums = slices.groupby(MODEL)[["cells", *names]].sum().reset_index()
    shares = [
        sums[MODEL].assign(said=level, came=sums[f"below_{name}"] / sums["cells"]) for name, level in quantiles.items()
    ]
    return pd.concat(shares).sort_values([*MODEL, "said"]).reset_index(drop=True)
