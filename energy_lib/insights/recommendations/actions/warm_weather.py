"""Heating that runs in warm weather, and heating that could be switched off for the season now."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from energy_lib.insights.recommendations.change_point import HeatingModel
from energy_lib.insights.recommendations.finding import HEATING, Finding, Recommendation, Result, Suppressed
from energy_lib.insights.recommendations.meter_year import Bools, Floats, MeterYear

# A day is warm from so many kelvin above the balance point, where the building holds its temperature by itself.
ABOVE_BALANCE_K = 1.0
LEAST_WARM_DAYS = 10
# It heated on a warm day if it used as much above its least as so many kelvin of cold would take.
HEATED_AS_K = 2.0
# Daily energy of warm days: what is taken for hot water and losses, and the ends of its interval.
LEAST_QUANTILE, LOW_QUANTILE, HIGH_QUANTILE = 0.25, 0.5, 0.1
SEASON_DAYS = 7


def warm_days(year: MeterYear, model: HeatingModel) -> Bools:
    """(days,): known days on which nobody needs heat."""
    return (year.daily_c >= model.balance_c + ABOVE_BALANCE_K) & ~np.isnan(year.daily_kwh)


def above_least(year: MeterYear, model: HeatingModel, warm: Bools, quantile: float) -> Floats:
    """(days,) kWh of warm days above a quantile of theirs; 0 on all others and where it did not heat."""
    least = float(np.quantile(year.daily_kwh[warm], quantile))
    above = np.where(warm, year.daily_kwh - least, 0.0)
    return np.where(above > HEATED_AS_K * model.slope_kwh_per_k, above, 0.0)


def _of_days(year: MeterYear, model: HeatingModel, warm: Bools) -> Finding | None:
    expected = above_least(year, model, warm, LEAST_QUANTILE)
    heated = int((expected[-365:] > 0).sum())
    if heated == 0:
        return None
    low, high = (above_least(year, model, warm, quantile) for quantile in (LOW_QUANTILE, HIGH_QUANTILE))
    return Finding(
        what=f"It heated on {heated} of {int(warm[-365:].sum())} days above {model.balance_c + ABOVE_BALANCE_K:g} °C.",
        assumption="What is used on the least warm days is hot water and losses; what is used beyond it is heating.",
        evidence={
            "balance_c": model.balance_c,
            "warm_days": int(warm[-365:].sum()),
            "heated_days": heated,
            "least_kwh_per_day": float(np.quantile(year.daily_kwh[warm], LEAST_QUANTILE)),
        },
        strength=0.7,
        interval_is="the median and the lowest tenth of warm days in place of the lowest quarter",
        avoidable=year.spread(expected),
        low=year.spread(low),
        high=year.spread(high),
        seasonal=True,
    )


def _model(year: MeterYear) -> HeatingModel | Suppressed:
    if np.isnan(year.daily_c).all():
        return Suppressed("no temperature at the meter's weather location")
    if year.heating is None:
        return Suppressed("its energy does not follow the outdoor temperature")
    return year.heating


def warm_kernel(year: MeterYear) -> Result:
    model = _model(year)
    if isinstance(model, Suppressed):
        return model
    warm = warm_days(year, model)
    if int(warm.sum()) < LEAST_WARM_DAYS:
        return Suppressed(f"fewer than {LEAST_WARM_DAYS} warm days are known")
    return _of_days(year, model, warm)


def season_kernel(year: MeterYear) -> Result:
    """Due while the last week was warm, the coming days have no degree days, and it has heated in the last week."""
    model = _model(year)
    if isinstance(model, Suppressed):
        return model
    limit = model.balance_c + ABOVE_BALANCE_K
    last, coming = year.daily_c[-SEASON_DAYS:], year.forecast_c[~np.isnan(year.forecast_c)]
    if np.isnan(last).all() or float(np.nanmean(last)) < limit or (len(coming) and float(coming.mean()) < limit):
        return None
    week = np.convolve(np.nan_to_num(year.daily_c), np.full(SEASON_DAYS, 1 / SEASON_DAYS), mode="same")
    season = (week >= limit) & ~np.isnan(year.daily_kwh)
    if int(season.sum()) < LEAST_WARM_DAYS:
        return Suppressed(f"fewer than {LEAST_WARM_DAYS} days of the warm season are known")
    finding = _of_days(year, model, season)
    heated_now = above_least(year, model, season, LEAST_QUANTILE)[-SEASON_DAYS:] > 0
    if finding is None or not heated_now.any():
        return None
    degree_days = float(np.maximum(0.0, model.balance_c - coming).sum() / 24) if len(coming) else None
    return replace(
        finding,
        what=f"The last week had {float(np.nanmean(last)):.1f} °C, and it heated on {int(heated_now.sum())} days.",
        assumption="Nobody needs heat until the season ends; hot water stays on."
        + ("" if len(coming) else " No weather forecast is known: the last week's weather goes on."),
        evidence=finding.evidence | {"forecast_degree_days": degree_days, "forecast_hours": len(coming)},
        urgency=1.5,
    )


WARM_WEATHER = Recommendation(
    name="heating_in_warm_weather",
    title="Let the heating rest on warm days",
    looks_at="days above the balance point, against the least such days",
    kernel=warm_kernel,
    fuels=HEATING,
)
SEASON_OFF = Recommendation(
    name="season_switch_off",
    title="Switch the heating off for the season now",
    looks_at="the last week's and the forecast temperature against the balance point, and heating nevertheless",
    kernel=season_kernel,
    fuels=HEATING,
)
