"""Carbon intensity of the grid, and prices; both follow residual demand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.simulation.climate import Climate
from energy_lib.simulation.noise import autocorrelated
from energy_lib.simulation.portfolio import REGION
from energy_lib.vocabulary import Fuel, Intensity

TARIFFS = {Fuel.ELECTRICITY: "sim_half_hourly", Fuel.GAS: "sim_gas"}
CURRENCY = "GBP"


def residual_demand(climate: Climate, seed: int) -> NDArray[Any]:
    """Demand less wind and solar generation, relative to its mean: about 1, small on windy noons."""
    hour, weekday = climate.hours.hour.to_numpy(), climate.hours.weekday.to_numpy()
    load = 1 + 0.22 * np.sin(2 * np.pi * (hour - 11) / 24) + 0.12 * np.cos(2 * np.pi * (hour - 18) / 12)
    load = load * np.where(weekday < 5, 1.0, 0.9) + 0.012 * np.clip(12 - climate.temperature_c, 0, None)
    renewable = 0.06 * np.minimum(climate.wind_speed_m_s, 14) + 0.0005 * climate.irradiance_w_m2
    noise = 0.06 * autocorrelated(np.random.default_rng([seed, 6]), len(hour), 0.9)
    return np.asarray(np.clip(load - renewable + 0.2 + noise, 0.02, None))


def carbon(climate: Climate, residual: NDArray[Any]) -> pd.DataFrame:
    """Average and marginal intensity, gCO2/kWh: two rows for each hour. `residual` comes from residual_demand."""
    average = np.clip(210 * residual, 15, 480)
    marginal = np.where(residual < 0.35, 60.0, 330 + 110 * residual)
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "region": REGION,
                    "interval_start": climate.hours,
                    "method": method.value,
                    "intensity_gco2_per_kwh": values.round(1),
                }
            )
            for method, values in ((Intensity.AVERAGE, average), (Intensity.MARGINAL, marginal))
        ],
        ignore_index=True,
    )


def prices(climate: Climate, residual: NDArray[Any]) -> pd.DataFrame:
    """GBP/kWh by the hour. Electricity goes below zero when residual demand is small; gas changes by the week."""
    electricity = 0.23 * residual**1.6 + 0.04 - np.where(residual < 0.2, 0.09, 0.0)
    week = np.arange(len(residual)) // 168
    gas = 0.06 + 0.008 * np.sin(week / 5)
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "tariff_id": TARIFFS[fuel],
                    "fuel": fuel.value,
                    "interval_start": climate.hours,
                    "price_per_kwh": values.round(5),
                    "currency": CURRENCY,
                }
            )
            for fuel, values in ((Fuel.ELECTRICITY, electricity), (Fuel.GAS, gas))
        ],
        ignore_index=True,
    )
