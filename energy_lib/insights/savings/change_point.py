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
    """Balance points in °C and the coefficients of `_designs`, kWh a day."""

    heating_c: float
    cooling_c: float
    coefficients: Floats

    def predict(self, dates: pd.DatetimeIndex, temperature_c: Floats) -> Floats:
        """kWh a day, none below zero; NaN where the temperature is unknown."""
        heating, cooling = np.array([self.heating_c]), np.array([self.cooling_c])
        days = _designs(dates, temperature_c, heating, cooling)[0]
        return np.asarray(np.maximum(days @ self.coefficients, 0.0))


def fit_change_point(dates: pd.DatetimeIndex, energy_kwh: Floats, temperature_c: Floats) -> ChangePoint:
    """Fit to the days that are known on both sides; their number must exceed PARAMETERS."""
    known = np.isfinite(energy_kwh) & np.isfinite(temperature_c)
    energy = energy_kwh[known]
    heating, cooling = (grid.ravel() for grid in np.meshgrid(HEATING_POINTS_C, COOLING_POINTS_C))
    heating, cooling = heating[cooling >= heating], cooling[cooling >= heating]
    designs = _designs(dates[known], temperature_c[known], heating, cooling)
    squares = designs.transpose(0, 2, 1) @ designs
    # A column of nothing but zeros (no day so cold) has no coefficient: the ridge keeps the others' as they are.
    squares += RIDGE * np.eye(PARAMETERS)
    products = designs.transpose(0, 2, 1) @ energy
    coefficients = np.linalg.solve(squares, products[..., None])[..., 0]
    errors = np.square(energy - np.einsum("pnk,pk->pn", designs, coefficients)).sum(axis=1)
    best = int(errors.argmin())
    return ChangePoint(float(heating[best]), float(cooling[best]), coefficients[best])


def _designs(dates: pd.DatetimeIndex, temperature_c: Floats, heating_c: Floats, cooling_c: Floats) -> Floats:
    """A design of (days, PARAMETERS) for each pair of balance points."""
    weekend = dates.dayofweek.to_numpy() >= 5
    levels = np.column_stack([~weekend, weekend, np.isin(dates.month, SUMMER), np.isin(dates.month, SHOULDER)])
    designs = np.empty((len(heating_c), len(dates), PARAMETERS))
    designs[:, :, :4] = levels
    cold = np.maximum(heating_c[:, None] - temperature_c, 0.0)
    designs[:, :, 4], designs[:, :, 5] = cold * ~weekend, cold * weekend
    designs[:, :, 6] = np.maximum(temperature_c - cooling_c[:, None], 0.0)
    return designs
