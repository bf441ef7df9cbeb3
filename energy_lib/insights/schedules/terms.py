"""A site's prices, demand charges and marginal intensity for the hours of a plan, as far as its origin knew them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from energy_lib.insights.accounts.book import Book, Profile
from energy_lib.insights.accounts.charges import DEMAND
from energy_lib.insights.accounts.hour_grid import HourGrid
from energy_lib.insights.accounts.prices import PRICE_SERIES, UNIT_RATE, CostTerms, Prices, cost_terms, holds
from energy_lib.insights.schedules.site import DemandCharge, Hours
from energy_lib.vocabulary import Flow, Intensity

Flags = NDArray[np.bool_]
NO_INTENSITY, NO_REGION = "no_marginal_intensity", "no_carbon_region"
GRAMS_PER_KG = 1000.0
# They hold the month so far, however long the month.
PEAK_DAYS = 31


@dataclass(frozen=True, slots=True)
class Terms:
    """Prices with VAT per kWh and intensity in kg per kWh, of each hour of the plan. `reason`: why there are none.

    `intensity_kg_per_kwh` is None where an hour has none, and `carbon_reason` says why.
    """

    import_price: Hours
    export_price: Hours
    intensity_kg_per_kwh: Hours | None
    estimated_price: Flags
    estimated_intensity: Flags
    demand: Sequence[DemandCharge]
    currency: str
    region: str | None
    reason: str | None
    carbon_reason: str | None


def site_terms(profile: Profile, grid: HourGrid, book: Book, past: HourGrid, past_kw: Hours) -> Terms:
    """The terms of a site whose electricity meters have this profile; `book` foretells the hours of `grid`.

    `past`, `past_kw`: the hours of the PEAK_DAYS days before the origin, and the site's import in them, NaN where it
    was not known. What is exported earns nothing where the tariff has no price for it.
    """
    inward = cost_terms(replace(profile, flow=str(Flow.IMPORT)), grid, book)
    outward = cost_terms(replace(profile, flow=str(Flow.EXPORT)), grid, book)
    earns = any(row["charge"] in (UNIT_RATE, PRICE_SERIES) for row in outward.rows)
    export_price = -_with_vat(outward.inward) if earns else np.zeros(len(grid.hours))
    reasons = [each for each in (*inward.inward.reason, *(outward.inward.reason if earns else ())) if each is not None]
    region, intensity = book.intensity(profile, Intensity.MARGINAL)
    of_hour = intensity.at(grid.hours)
    known = bool(np.isfinite(of_hour.value).all())
    why = f"{NO_INTENSITY}: {', '.join(profile.regions)}" if profile.regions else NO_REGION
    return Terms(
        import_price=_with_vat(inward.inward),
        export_price=export_price,
        intensity_kg_per_kwh=of_hour.value / GRAMS_PER_KG if known else None,
        estimated_price=inward.inward.estimated | (outward.inward.estimated if earns else False),
        estimated_intensity=of_hour.estimated,
        demand=_demand(inward, grid, past, past_kw),
        currency=inward.currency,
        region=region or None,
        reason=reasons[0] if reasons else None,
        carbon_reason=None if known else why,
    )


def _with_vat(prices: Prices) -> Hours:
    return np.asarray(prices.price + prices.vat)


def _demand(terms: CostTerms, grid: HourGrid, past: HourGrid, past_kw: Hours) -> list[DemandCharge]:
    """A charge for each of the tariff's and each local month of the plan, on the hours of its window.

    A month is taken to reach the highest import of the past hours: its first days would else be shaved for a peak that
    a later one has anyway (docs/benchmarks/answers.md has what that cost).
    """
    found = []
    for row in terms.rows:
        if row["charge"] != DEMAND or not row["rate"]:
            continue
        counts, counted, known = holds(row, grid), holds(row, past), np.isfinite(past_kw)
        reached = np.max(past_kw, initial=0.0, where=counted & known)
        for month in np.unique(_months(grid)):
            ahead = counts & (_months(grid) == month)
            if ahead.any():
                found.append(DemandCharge(row["rate"] * (1 + row["vat_share"]), float(reached), ahead))
    return found


def _months(grid: HourGrid) -> NDArray[np.datetime64]:
    return grid.day.astype("datetime64[M]")
