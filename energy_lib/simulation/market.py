"""The grid's carbon intensity and the prices: residual demand drives both."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.simulation.climate import Climate
from energy_lib.simulation.noise import autocorrelated
from energy_lib.vocabulary import Fuel, Intensity

REGION = "GB"
TARIFFS = {Fuel.ELECTRICITY: "sim_half_hourly", Fuel.GAS: "sim_gas"}
CURRENCY = "GBP"


def residual(climate: Climate, seed: int) -> NDArray[Any]:
    """What wind and sun leave to be made, relative to its mean: about 1, small on windy noons."""
    hour, weekday = climate.hours.hour.to_numpy(), climate.hours.weekday.to_numpy()
    load = 1 + 0.22 * np.sin(2 * np.pi * (hour - 11) / 24) + 0.12 * np.cos(2 * np.pi * (hour - 18) / 12)
    load = load * np.where(weekday < 5, 1.0, 0.9) + 0.012 * np.clip(12 - climate.temperature_c, 0, None)
    made = 0.06 * np.minimum(climate.wind_speed_m_s, 14) + 0.0005 * climate.irradiance_w_m2
    noise = 0.06 * autocorrelated(np.random.default_rng([seed, 6]), len(hour), 0.9)
    return np.asarray(np.clip(load - made + 0.2 + noise, 0.02, None))


def carbon(climate: Climate, left: NDArray[Any]) -> pd.DataFrame:
    """Average and marginal intensity, gCO2/kWh, as rows of their own."""
    average = np.clip(210 * left, 15, 480)
    marginal = np.where(left < 0.35, 60.0, 330 + 110 * left)
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


def prices(climate: Climate, left: NDArray[Any]) -> pd.DataFrame:
    """GBP/kWh: electricity by the hour, below zero when nobody needs the wind; gas by the week."""
    electricity = 0.23 * left**1.6 + 0.04 - np.where(left < 0.2, 0.09, 0.0)
    week = np.arange(len(left)) // 168
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
