"""What an event's energy costs and emits, by the prices and factors of its hours that the accounts use; null with the
accounts' reason where one of the hours has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from energy_lib.insights.accounts.amounts import Floats, Texts
from energy_lib.insights.accounts.book import Book
from energy_lib.insights.accounts.carbon import carbon_terms
from energy_lib.insights.accounts.hour_grid import grid_of
from energy_lib.insights.accounts.prices import cost_terms

HOUR_SECONDS = 3600
GRAMS = 1000.0
UNREAD = "nothing was read that could be priced or counted"
VIRTUAL = "a virtual meter has neither tariff nor factor of its own"


@dataclass(frozen=True, slots=True)
class Value:
    """An amount and its unit, or none and why."""

    amount: float | None
    unit: str | None
    reason: str | None


def valued(
    energy_kwh: float | None, start_utc: datetime, end_utc: datetime, meter_id: str, book: Book
) -> tuple[Value, Value]:
    """Cost (VAT included) and emissions (kgCO2e, location-based) of energy, at the mean of the event's hours.

    Charges for peaks and days are not part of it: energy that was not used would not have lowered them for sure.
    """
    meter = book.meters.get(meter_id)
    if energy_kwh is None or meter is None:
        none = Value(None, None, UNREAD if energy_kwh is None else VIRTUAL)
        return none, none
    profile = meter.profile
    first, end = int(start_utc.timestamp()) // HOUR_SECONDS, -(-int(end_utc.timestamp()) // HOUR_SECONDS)
    grid = grid_of(profile.zone, profile.country, profile.subdivision, first, max(end, first + 1))
    terms, carbon = cost_terms(profile, grid, book), carbon_terms(profile, grid, book)
    price = terms.inward.price + terms.inward.vat
    return (
        _at_mean(energy_kwh, price, terms.inward.reason, terms.currency),
        _at_mean(energy_kwh, carbon.factor / GRAMS, carbon.reason, "kgCO2e"),
    )


def _at_mean(energy_kwh: float, rate: Floats, reason: Texts, unit: str) -> Value:
    unknown = np.flatnonzero(np.isnan(rate))
    if len(unknown):
        return Value(None, None, str(reason[unknown[0]]))
    return Value(energy_kwh * float(rate.mean()), unit, None)


def counted(row: Mapping[str, Any]) -> dict[str, float | None]:
    """What of an event's cost and emissions counts in a total: as much of them as of its energy."""
    kwh, whole = row["counted_kwh"], row["energy_kwh"]
    share = None if kwh is None or whole is None else kwh / whole if whole else 0.0
    return {
        f"counted_{name}": None if share is None or row[name] is None else share * row[name]
        for name in ("cost", "emissions_kgco2e")
    }
