"""One degree less: the slope of energy on the cold says what the last degree costs."""

from __future__ import annotations

import numpy as np

from energy_lib.insights.recommendations.finding import HEATING, Finding, Recommendation, Result, Suppressed
from energy_lib.insights.recommendations.meter_year import MeterYear

LEAST_EXPLAINED = 0.3
AT_90_PERCENT = 1.645


def kernel(year: MeterYear) -> Result:
    model = year.heating
    if np.isnan(year.daily_c).all():
        return Suppressed("no temperature at the meter's weather location")
    if model is None or model.explained < LEAST_EXPLAINED:
        heats = year.meter.fuel in HEATING
        return Suppressed("its energy does not follow the outdoor temperature") if heats else None
    # A degree less inside moves the balance point down by a degree.
    degrees = np.maximum(0.0, model.balance_c - year.daily_c)
    saved_k = degrees - np.maximum(0.0, degrees - 1.0)
    saved = np.where(np.isnan(saved_k) | np.isnan(year.daily_kwh), 0.0, saved_k * model.slope_kwh_per_k)
    hourly = year.spread(saved)
    half = AT_90_PERCENT * model.error / model.slope_kwh_per_k
    return Finding(
        what=f"Each degree of cold below {model.balance_c:g} °C costs {model.slope_kwh_per_k:.1f} kWh a day.",
        assumption="The set point is lowered by one degree whenever it heats, and gains stay as they are.",
        evidence={
            "slope_kwh_per_degree_day": model.slope_kwh_per_k,
            "slope_kwh_per_degree_hour": model.slope_kwh_per_k / 24,
            "slope_error": model.error,
            "balance_c": model.balance_c,
            "explained": model.explained,
            "heating_days": model.heating_days,
        },
        strength=min(0.9, 0.4 + 0.5 * model.explained),
        interval_is="90 % interval of the slope",
        avoidable=hourly,
        low=hourly * max(0.0, 1 - half),
        high=hourly * (1 + half),
        seasonal=True,
    )


ONE_DEGREE_LESS = Recommendation(
    name="one_degree_less",
    title="Lower the heating set point by one degree",
    looks_at="daily energy of working days on daily mean temperature: slope and balance point",
    kernel=kernel,
)
