"""Signs of homes that are short of energy, from meters, weather, bills and what is known of their area.

Sources: EPAH, Energy poverty indicators (2022): M/2, low absolute energy expenditure below half the national median;
2M, a share of income above twice the national median. Here the median is that of the homes that are metered, the time
is a month, and the income is the median of the home's area, as nobody knows its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from energy_lib.insights.access.degree_days import MonthWeather
from energy_lib.insights.access.privacy import Floats

# A month tells of heating if it has so many degree days.
HEATING_MONTH_K = 120.0
# Like homes: of the same heating fuel and climate zone, or, if those are too few, of the same fuel.
FEWEST_PEERS = 20
# A cold spell: so many days in a row, each among the coldest of the month and cold at all.
SPELL_DAYS, COLDEST_QUANTILE, COLD_K = 3, 0.7, 6.0
FEWEST_OTHER_DAYS = 8
# What like homes use must rise so much in the spell for a home that does not follow to say anything.
LEAST_RISE = 0.1
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Home:
    """A home's month. `heat_kwh`, `daily_heat_kwh`: of the meter that heats it; None or NaN: not known.

    `income_per_year`: of its area, in the currency of `cost`. `disconnections`: None if it does not prepay.
    """

    home_id: str
    area_id: str
    climate_zone: str | None
    heated_by: str
    heat_kwh: float
    daily_heat_kwh: Floats | None
    floor_area_m2: float | None
    weather: MonthWeather | None
    disconnections: int | None
    cost: float | None
    income_per_year: float | None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Shares of what like homes do, as in the config's section access."""

    colder_fed_below: float
    rationing_below: float


Flags = dict[str, dict[str, float]]


def flags_of(homes: Iterable[Home], thresholds: Thresholds) -> Flags:
    """Indicator → home → 1 if it shows it, 0 if not; homes that cannot be judged are left out."""
    rows = list(homes)
    found: Flags = {
        "colder_fed": _colder_fed(rows, thresholds.colder_fed_below),
        "self_rationing": _self_rationing(rows, thresholds.rationing_below),
        "self_disconnected": {h.home_id: float(h.disconnections > 0) for h in rows if h.disconnections is not None},
        "low_expenditure": _low_expenditure(rows),
        "high_share": _high_share(rows),
    }
    short = ("colder_fed", "self_rationing", "self_disconnected")
    judged = sorted({home for name in short for home in found[name]})
    found["short_of_energy"] = {home: max(found[name].get(home, 0.0) for name in short) for home in judged}
    return found


def _peer_medians(homes: Mapping[str, Home], values: Mapping[str, float]) -> dict[str, float]:
    """Home → the median of `values` over like homes; homes with too few like them are left out."""
    near: dict[tuple[str, str | None], list[float]] = {}
    alike: dict[str, list[float]] = {}
    for home_id, value in values.items():
        home = homes[home_id]
        near.setdefault((home.heated_by, home.climate_zone), []).append(value)
        alike.setdefault(home.heated_by, []).append(value)
    found = {}
    for home_id in values:
        home = homes[home_id]
        for peers in (near[home.heated_by, home.climate_zone], alike[home.heated_by]):
            if len(peers) >= FEWEST_PEERS:
                found[home_id] = float(np.median(peers))
                break
    return found


def _colder_fed(homes: list[Home], below: float) -> dict[str, float]:
    """Heat per m2 and degree day far below that of like homes, in a month of heating."""
    rates = {
        home.home_id: home.heat_kwh / (home.floor_area_m2 * home.weather.total)
        for home in homes
        if home.floor_area_m2
        and home.weather is not None
        and home.weather.total >= HEATING_MONTH_K
        and np.isfinite(home.heat_kwh)
    }
    medians = _peer_medians({home.home_id: home for home in homes}, rates)
    return {home: float(rates[home] < below * median) for home, median in medians.items()}


def _self_rationing(homes: list[Home], below: float) -> dict[str, float]:
    """Heat that rises in a cold spell far less than that of like homes does."""
    rises = {}
    for home in homes:
        cold = None if home.weather is None else cold_spell(home.weather.by_day)
        if cold is None or home.daily_heat_kwh is None:
            continue
        known = np.isfinite(home.daily_heat_kwh)
        in_spell, else_ = home.daily_heat_kwh[known & cold], home.daily_heat_kwh[known & ~cold]
        if len(in_spell) >= SPELL_DAYS and len(else_) >= FEWEST_OTHER_DAYS and else_.mean() > 0:
            rises[home.home_id] = float(in_spell.mean() / else_.mean()) - 1
    medians = _peer_medians({home.home_id: home for home in homes}, rises)
    return {home: float(rises[home] < below * median) for home, median in medians.items() if median >= LEAST_RISE}


def cold_spell(degree_days: Floats) -> npt.NDArray[np.bool_] | None:
    """The days of the month that lie in a cold spell; None if there is none."""
    if not np.isfinite(degree_days).all():
        return None
    cold = (degree_days >= np.quantile(degree_days, COLDEST_QUANTILE)) & (degree_days >= COLD_K)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], cold.astype(int), [0]])))
    spell = np.zeros(len(cold), dtype=bool)
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        spell[first:end] = end - first >= SPELL_DAYS
    return spell if spell.any() else None


def _low_expenditure(homes: list[Home]) -> dict[str, float]:
    """M/2: a bill below half the median bill."""
    bills = {home.home_id: home.cost for home in homes if home.cost is not None}
    if len(bills) < FEWEST_PEERS:
        return {}
    half = float(np.median(list(bills.values()))) / 2
    return {home: float(bill < half) for home, bill in bills.items()}


def _high_share(homes: list[Home]) -> dict[str, float]:
    """2M: a share of income above twice the median share."""
    shares = {
        home.home_id: home.cost * MONTHS / home.income_per_year
        for home in homes
        if home.cost is not None and home.income_per_year
    }
    if len(shares) < FEWEST_PEERS:
        return {}
    twice = 2 * float(np.median(list(shares.values())))
    return {home: float(share > twice) for home, share in shares.items()}
