"""The solar installation on the building's roof that pays back soonest."""

from __future__ import annotations

import numpy as np

from energy_lib.insights.recommendations.finding import (
    ELECTRICITY,
    Effort,
    Finding,
    Range,
    Recommendation,
    Result,
    Suppressed,
)
from energy_lib.insights.recommendations.meter_year import YEAR_HOURS, MeterYear

# kWp a m2 of roof: half of it is usable, and a kWp takes 5 m2.
KWP_PER_ROOF_M2 = 0.1
# Losses from irradiance to the meter: inverter, wiring, heat, soiling (IEC 61724: performance ratio); its interval.
PERFORMANCE, LOW_PERFORMANCE, HIGH_PERFORMANCE = 0.80, 0.70, 0.87
SIZES = 12
LEAST_KWP = 1.0
LEAST_DAYS = 300
LEAST_SUN = 0.9
WORTH_IT_YEARS = 20.0
# Of sizes that pay back within two hundredths of the shortest time the largest is taken.
AS_SOON = 1.02
# Installed cost per kWp up to a size in kWp. Source: UK Department for Energy Security and Net Zero, Solar PV cost
# data, medians of 2024/25; of sizes above 50 kWp it gives none, and that of 10 to 50 is taken.
COST_PER_KWP = {"GBP": ((4.0, 1876.0), (10.0, 1780.0), (float("inf"), 1256.0))}


def capital_cost(kwp: float, currency: str) -> float:
    return kwp * next(cost for limit, cost in COST_PER_KWP[currency] if kwp <= limit)


def kernel(year: MeterYear) -> Result:
    last = slice(-YEAR_HOURS, None)
    roof, currency = year.meter.roof_area_m2, year.prices.currency
    sun, price, kwh = year.irradiance_w_m2[last], year.prices.today[last], year.kwh[last]
    known = ~(np.isnan(sun) | np.isnan(price) | np.isnan(kwh))
    if roof is None:
        return Suppressed("no roof area of its building is known")
    if np.isnan(sun).mean() > 1 - LEAST_SUN or year.known_days < LEAST_DAYS or known.sum() < LEAST_DAYS * 24:
        return Suppressed("irradiance, price and readings are not known together for 300 days of the last year")
    if currency not in COST_PER_KWP:
        return Suppressed(f"no installed cost is known in {currency}")
    largest = roof * KWP_PER_ROOF_M2
    if largest < LEAST_KWP:
        return Suppressed(f"its share of the roof holds {largest:.1f} kWp, less than {LEAST_KWP:g}")
    export = year.prices.export_today
    paid = np.zeros(YEAR_HOURS) if export is None else np.nan_to_num(export[last])
    per_kwp, scale = np.where(known, sun, 0.0) / 1000, YEAR_HOURS / float(known.sum())
    sizes = np.linspace(LEAST_KWP, largest, SIZES)

    def earned(kwp: float, performance: float) -> tuple[float, float]:
        """Money a year: from energy not bought, and from energy fed in."""
        made = per_kwp * performance * kwp
        used = np.minimum(made, np.nan_to_num(kwh))
        return float(np.nansum(used * price)) * scale, float(((made - used) * paid).sum()) * scale

    payback = [capital_cost(kwp, currency) / max(sum(earned(kwp, PERFORMANCE)), 1e-9) for kwp in sizes]
    best = float(sizes[np.array(payback) <= min(payback) * AS_SOON][-1])
    if min(payback) > WORTH_IT_YEARS:
        return None
    claims = [
        # NaN where the hour's energy is unknown.
        np.minimum(np.nan_to_num(year.irradiance_w_m2) / 1000 * performance * best, year.kwh)
        for performance in (LOW_PERFORMANCE, PERFORMANCE, HIGH_PERFORMANCE)
    ]
    fed_in = [earned(best, p)[1] for p in (LOW_PERFORMANCE, PERFORMANCE, HIGH_PERFORMANCE)]
    made = float((per_kwp * PERFORMANCE * best).sum()) * scale
    used = float(np.nansum(claims[1][last])) * scale
    return Finding(
        what=f"{best:.0f} kWp would make {made:.0f} kWh a year, {used / made:.0%} of it used here, and pay back in "
        f"{min(payback):.1f} years.",
        assumption="Half of the roof is usable, flat and not shaded; installed cost is the UK's median of 2024/25"
        + ("; what is fed in earns nothing, as no export tariff is known." if export is None else "."),
        evidence={
            "kwp": best,
            "largest_kwp": largest,
            "made_kwh_per_year": made,
            "used_here_kwh_per_year": used,
            "export_known": export is not None,
            "paybacks_years": dict(zip((f"{kwp:.1f} kWp" for kwp in sizes), payback, strict=True)),
        },
        strength=0.7,
        interval_is="performance ratios of 0.70 and 0.87 in place of 0.80",
        avoidable=claims[1],
        low=claims[0],
        high=claims[2],
        money=Range(*fed_in) if export is not None else None,
        pot="fed_in",
        capital_cost=capital_cost(best, currency),
    )


SOLAR_SIZE = Recommendation(
    name="solar_size",
    title="Put solar panels on the roof",
    looks_at="irradiance and use hour by hour, by size: use on site, export, installed cost",
    kernel=kernel,
    fuels=ELECTRICITY,
    effort=Effort.HIGH,
)
