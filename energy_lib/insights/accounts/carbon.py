"""What a kWh of each hour emits: by the grid's intensity of the hour, by factors of a year, by a supply contract.

Source: GHG Protocol, Scope 2 Guidance (2015), chapters 6 and 7: location-based and market-based side by side, energy
exported is reported apart and not netted; Corporate Standard, chapter 4: fuels burnt on site are scope 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from energy_lib.insights.accounts.amounts import Bools, Floats, Ints, Texts, either
from energy_lib.insights.accounts.book import Book, Factor, Profile
from energy_lib.insights.accounts.hour_grid import HourGrid
from energy_lib.insights.accounts.hour_means import DIGITS, NEVER, NOTHING, HourMeans
from energy_lib.vocabulary import Fuel, Intensity

SCOPE_1, SCOPE_2 = "scope_1", "scope_2"
BOUGHT = frozenset({Fuel.ELECTRICITY, Fuel.HEAT, Fuel.COOLING, Fuel.STEAM})
LOCATION, MARKET = "location", "market"
SERIES = "silver.carbon_intensity"
OF_THE_HOUR, MEAN_OF_DAYS = "of_the_hour", "mean_of_28_days"
NO_REGION, NO_FACTOR, NET_CALORIFIC, NO_EDITION = (
    "no_carbon_region",
    "no_factor",
    "factor_by_net_calorific_value",
    "factor_without_edition",
)


@dataclass(frozen=True)
class CarbonTerms:
    """Per hour of a grid: factors in g per kWh (NaN: none), the shares of them that are stale, and their sources.

    `reason`: why there is no factor. A market-based factor whose contract has ended is none.
    """

    scope: str
    factor: Floats
    stale: Floats
    publication: Texts
    edition: Texts
    reason: Texts
    market: Floats
    marginal: Floats
    available: Ints


def scope_of(fuel: str) -> str:
    """Energy that is bought is scope 2, a fuel that is burnt here scope 1."""
    return SCOPE_2 if fuel in BOUGHT else SCOPE_1


def carbon_terms(profile: Profile, grid: HourGrid, book: Book) -> CarbonTerms:
    """The factors of each hour of the grid for meters of this profile."""
    scope = scope_of(profile.fuel)
    yearly, refused = _usable(_of_region(book.factors, profile, scope, LOCATION))
    of_year = _in_force(yearly, grid)
    own = _intensity(profile, grid, book, Intensity.AVERAGE)
    factor = _mixed(own, of_year)
    # Of electricity the hour's own intensity is the factor; of fuels the year's is.
    stale = np.where(own.estimated, 1.0, 1.0 - own.covered) if profile.fuel == Fuel.ELECTRICITY else of_year.expired
    contract = [f for f in _of_region(book.factors, profile, SCOPE_2, MARKET) if f.contract == profile.contract]
    residual = [f for f in _of_region(book.factors, profile, SCOPE_2, MARKET) if f.contract is None]
    market = _in_force(_usable(contract or residual)[0] if scope == SCOPE_2 else (), grid)
    marginal = _intensity(profile, grid, book, Intensity.MARGINAL)
    publication, edition = _sources(own, of_year)
    why = NO_REGION if not profile.regions else refused or f"{NO_FACTOR}: {profile.fuel} {profile.regions[0]}"
    return CarbonTerms(
        scope,
        factor,
        np.where(np.isfinite(factor), stale, np.nan),
        publication,
        edition,
        either(np.isfinite(factor), None, why),
        np.where(market.expired, np.nan, market.factor),
        marginal.value,
        np.maximum.reduce([own.available, of_year.available, market.available, marginal.available]),
    )


@dataclass(frozen=True)
class _Yearly:
    """Of factors of a year, per hour: the one in force, or else the last one that was."""

    factor: Floats
    expired: Bools
    publication: Texts
    edition: Texts
    available: Ints


def _of_region(factors: Iterable[Factor], profile: Profile, scope: str, basis: str) -> list[Factor]:
    """Factors of the first of the meter's regions that has one."""
    fitting = [f for f in factors if (f.fuel, f.scope, f.basis) == (profile.fuel, scope, basis)]
    for region in profile.regions:
        if found := [f for f in fitting if f.region == region]:
            return found
    return []


def _usable(factors: list[Factor]) -> tuple[list[Factor], str | None]:
    """Factors that may be applied, and why another one may not: meters are billed by gross calorific value."""
    why = None
    for factor in factors:
        named = f"{factor.fuel} {factor.region} {factor.valid_from}"
        if factor.calorific_basis == "net":
            why = f"{NET_CALORIFIC}: {named}"
        elif not factor.publication.strip() or not factor.edition.strip():
            why = f"{NO_EDITION}: {named}"
    kept = [f for f in factors if f.calorific_basis != "net" and f.publication.strip() and f.edition.strip()]
    return kept, why


def _in_force(factors: Iterable[Factor], grid: HourGrid) -> _Yearly:
    """`factors`: by their first day. Of two that hold the one that began later counts."""
    size = len(grid.hours)
    rows = list(factors)
    index, expired = np.full(size, -1), np.zeros(size, bool)
    for place, factor in enumerate(rows):
        begun = grid.day >= np.datetime64(factor.valid_from, "D")
        holds = begun if factor.valid_to is None else begun & (grid.day < np.datetime64(factor.valid_to, "D"))
        lapsed = begun & ~holds & ((index < 0) | expired)
        index[holds | lapsed] = place
        expired = (expired & ~holds) | lapsed

    def taken(values: list[Any], none: Any, dtype: Any) -> Any:
        return np.array([*values, none], dtype=dtype)[index]

    return _Yearly(
        taken([f.g_per_kwh for f in rows], np.nan, float),
        expired,
        taken([f.publication for f in rows], None, object),
        taken([f.edition for f in rows], None, object),
        taken([f.landed for f in rows], NEVER, np.int64),
    )


def _intensity(profile: Profile, grid: HourGrid, book: Book, method: Intensity) -> HourMeans:
    """Of electricity the grid's intensity by the hour; of other fuels there is none."""
    if profile.fuel != Fuel.ELECTRICITY:
        return NOTHING.at(grid.hours)
    return book.intensity(profile, method)[1].at(grid.hours)


def _mixed(own: HourMeans, of_year: _Yearly) -> Floats:
    """What intervals do not cover of an hour has the year's factor, or else that of the rest of the hour."""
    missing = 1.0 - own.covered
    filled = np.where(np.isfinite(of_year.factor), of_year.factor, own.value)
    factor = np.where(own.covered == 0, filled, own.value)
    part = (own.covered > 0) & (missing > 0)
    return np.where(part, np.round(own.value * own.covered + filled * missing, DIGITS), factor)


def _sources(own: HourMeans, of_year: _Yearly) -> tuple[Texts, Texts]:
    from_year = (own.covered == 0) & np.isfinite(of_year.factor)
    from_series = own.covered > 0
    publication = either(from_year, of_year.publication, either(from_series, SERIES, None))
    of_time = either(own.estimated, MEAN_OF_DAYS, OF_THE_HOUR)
    edition = either(from_year, of_year.edition, either(from_series, of_time, None))
    both = (own.covered > 0) & (own.covered < 1) & np.isfinite(of_year.factor)
    if both.any():
        publication[both] = [f"{SERIES}; {text}" for text in of_year.publication[both]]
        edition[both] = [f"{OF_THE_HOUR}; {text}" for text in of_year.edition[both]]
    return publication, edition
