"""The interface of every model."""

from __future__ import annotations

from typing import Protocol

import pandas as pd


class QuantileModel(Protocol):
    """A model that forecasts whole (meter, origin) groups of gold.features rows."""

    @property
    def name(self) -> str:
        """Model family, as in gold.forecasts.model_name."""

    @property
    def version(self) -> str:
        """Version in the registry; of a baseline, its own name."""

    def predict(self, features: pd.DataFrame) -> pd.DataFrame:
        """`QUANTILES` in kWh on the index of `features`, NaN where it has no forecast.

        They are monotone, and below 0 only where the flow is net.
        """
