"""How a meter's daily energy rises with the cold: a change-point model.

Three parameters: base, slope and balance point, E = base + slope × max(0, balance − T). The balance point is the one of
a grid that leaves the least square error, as the inverse modelling toolkit does it (Kissock, Haberl, Claridge, ASHRAE
RP-1050, 2002). The slope's error is widened for residuals that depend on the day before (Ruch, Chen, Haberl,
Claridge, 1993): independent days would make it too narrow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BALANCES = np.arange(8.0, 21.01, 0.5)
LEAST_DAYS = 40
LEAST_HEATING_DAYS = 15
# Below it the cold explains too little to call the load heating.
LEAST_T = 4.0
EQUAL = 1e-6


@dataclass(frozen=True, slots=True)
class HeatingModel:
    """kWh a day, kWh per kelvin and day, degrees Celsius; `error`: the slope's standard error.

    `explained`: R2 of all days; `scatter`: CV(RMSE) of the heating days; `heating_days`: days below the balance point.
    """

    base_kwh: float
    slope_kwh_per_k: float
    error: float
    balance_c: float
    explained: float
    scatter: float
    heating_days: int

    def predicted(self, temperature_c: Floats) -> Floats:
        return self.base_kwh + self.slope_kwh_per_k * np.maximum(0.0, self.balance_c - temperature_c)


def fit_heating(temperature_c: Floats, kwh: Floats) -> HeatingModel | None:
    """Fit daily mean temperatures and energies (days,), NaN where unknown.

    None with too few days, a slope that could be chance, or none at all.
    """
    known = ~(np.isnan(temperature_c) | np.isnan(kwh))
    t, e = temperature_c[known], kwh[known]
    if len(e) < LEAST_DAYS or float(e.std()) == 0:
        return None
    x = np.maximum(0.0, BALANCES[:, None] - t)
    cold = (x > 0).sum(axis=1)
    dx, de = x - x.mean(axis=1, keepdims=True), e - e.mean()
    xx, xe = (dx**2).sum(axis=1), dx @ de
    usable = (cold >= LEAST_HEATING_DAYS) & (xx > 0) & (xe > 0)
    if not usable.any():
        return None
    gain = np.where(usable, np.divide(xe**2, xx, out=np.zeros_like(xx), where=xx > 0), -1.0)
    # Balance points above all temperatures fit alike: the lowest of equals, or the base would be below nothing.
    best = int(np.argmax(gain >= gain.max() * (1 - EQUAL)))
    slope = xe[best] / xx[best]
    residual = de - slope * dx[best]
    rest = float((residual**2).sum())
    variance = rest / max(len(e) - 3, 1)
    before, after = residual[:-1], residual[1:]
    rho = float(np.clip((before * after).sum() / max(rest, 1e-12), 0.0, 0.95))
    error = float(np.sqrt(variance / xx[best] * (1 + rho) / (1 - rho)))
    if error > 0 and slope / error < LEAST_T:
        return None
    heating = x[best] > 0
    level = float(e[heating].mean())
    return HeatingModel(
        base_kwh=float(e.mean() - slope * x[best].mean()),
        slope_kwh_per_k=float(slope),
        error=error,
        balance_c=float(BALANCES[best]),
        explained=1 - rest / float((de**2).sum()),
        scatter=float(np.sqrt((residual[heating] ** 2).mean()) / level) if level > 0 else 0.0,
        heating_days=int(heating.sum()),
    )
