"""A quick change-point model of daily energy, for placebos by the thousand: OpenDSM takes seconds a fit.

Five parameters of temperature (ASHRAE RP-1050: base, heating slope and balance point, cooling slope and balance point)
beside levels of weekends and seasons, by least squares over a grid of balance points. What a placebo errs by comes from
years that differ more than from how one year was fitted; docs/savings.md holds both models' errors side by side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from energy_lib.insights.savings.fitness import Floats

HEATING_POINTS_C = np.arange(8.0, 21.0, 1.5)
COOLING_POINTS_C = np.arange(12.0, 25.0, 2.0)
# Weekday and weekend level, summer's and shoulder's, heating slope of weekdays and weekends, cooling slope.
PARAMETERS = 7
RIDGE = 1e-6
SUMMER, SHOULDER = (6, 7, 8, 9), (3, 4, 5, 10)


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """Balance points in °C and the coefficients of `_design`, kWh a day."""

    heating_c: float
    cooling_c: float
    coefficients: Floats

    def predict(self, dates: pd.DatetimeIndex, temperature_c: Floats) -> Floats:
        """kWh a day, none below zero; NaN where the temperature is unknown."""
        days = _design(dates, temperature_c, self.heating_c, self.cooling_c)
        return np.asarray(np.maximum(days @ self.coefficients, 0.0))


def fit_change_point(dates: pd.DatetimeIndex, energy_kwh: Floats, temperature_c: Floats) -> ChangePoint:
    """Fit to the days that are known on both sides; their number must exceed PARAMETERS."""
    known = np.isfinite(energy_kwh) & np.isfinite(temperature_c)
    energy = energy_kwh[known]
    pairs = [(h, c) for h in HEATING_POINTS_C for c in COOLING_POINTS_C if c >= h]
    designs = np.stack([_design(dates[known], temperature_c[known], *pair) for pair in pairs])
    squares = designs.transpose(0, 2, 1) @ designs
    # A column of nothing but zeros (no day so cold) has no coefficient: the ridge keeps the others' as they are.
    squares += RIDGE * np.eye(PARAMETERS)
    products = designs.transpose(0, 2, 1) @ energy
    coefficients = np.linalg.solve(squares, products[..., None])[..., 0]
    errors = np.square(energy - np.einsum("pnk,pk->pn", designs, coefficients)).sum(axis=1)
    best = int(errors.argmin())
    return ChangePoint(float(pairs[best][0]), float(pairs[best][1]), coefficients[best])


def _design(dates: pd.DatetimeIndex, temperature_c: Floats, heating_c: float, cooling_c: float) -> Floats:
    weekend = dates.dayofweek.to_numpy() >= 5
    cold = np.maximum(heating_c - temperature_c, 0.0)
    columns = (
        ~weekend,
        weekend,
        np.isin(dates.month, SUMMER),
        np.isin(dates.month, SHOULDER),
        cold * ~weekend,
        cold * weekend,
        np.maximum(temperature_c - cooling_c, 0.0),
    )
    return np.column_stack(columns).astype(float)
