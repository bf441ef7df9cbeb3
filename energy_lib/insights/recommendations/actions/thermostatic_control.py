"""Poor control: what the outdoor temperature fails to explain of the heating of working days.

The scatter about the performance line says how well heating is controlled (Carbon Trust CTG075, Degree days for energy
management: points that lie close to the line are good control).
"""

from __future__ import annotations

import numpy as np

from energy_lib.insights.recommendations.finding import HEATING, Effort, Finding, Recommendation, Result, Suppressed
from energy_lib.insights.recommendations.meter_year import MeterYear

LEAST_HEATING_DAYS = 60
# Control is poor below this share explained, and from this scatter: CV(RMSE) of the heating days.
GOOD_EXPLAINED, POOR_SCATTER = 0.75, 0.2
# Scatter that good control leaves, as a share of what is expected of the day; and the ends of its interval.
GOOD, LOW, HIGH = 0.10, 0.20, 0.05


def kernel(year: MeterYear) -> Result:
    model = year.heating
    if model is None or model.heating_days < LEAST_HEATING_DAYS:
        return Suppressed(f"fewer than {LEAST_HEATING_DAYS} working days of heating that follows the temperature")
    if model.explained >= GOOD_EXPLAINED or model.scatter <= POOR_SCATTER:
        return None
    line = model.predicted(year.daily_c)
    heating = year.workday & (year.daily_c < model.balance_c) & ~np.isnan(year.daily_kwh)
    claims = []
    for share in (LOW, GOOD, HIGH):
        above = np.where(heating, year.daily_kwh - line * (1 + share), 0.0)
        claims.append(year.spread(np.maximum(0.0, np.nan_to_num(above))))
    low, expected, high = claims
    return Finding(
        what=f"The temperature explains {model.explained:.0%} of the heating; days scatter by {model.scatter:.0%}.",
        assumption="With working controls no day would use more than a tenth above what its temperature asks for.",
        evidence={"explained": model.explained, "scatter": model.scatter, "heating_days": model.heating_days},
        strength=0.5,
        interval_is="a fifth and a twentieth above in place of a tenth",
        avoidable=expected,
        low=low,
        high=high,
        seasonal=True,
    )


THERMOSTATIC_CONTROL = Recommendation(
    name="thermostatic_control",
    title="Have the heating controls looked at",
    looks_at="the scatter of working days about the line of energy on temperature",
    kernel=kernel,
    fuels=HEATING,
    effort=Effort.MEDIUM,
)
