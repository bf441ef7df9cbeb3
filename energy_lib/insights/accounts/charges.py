"""What a tariff charges by the day and by the month: standing charges, demand, agreed capacity."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext

import numpy as np

from energy_lib.insights.accounts.amounts import MONEY, Bools, Floats, rounded
from energy_lib.insights.accounts.book import Row
from energy_lib.insights.accounts.hour_grid import HourGrid
from energy_lib.insights.accounts.prices import NO_RATE, CostTerms, charge_of_hour, holds

STANDING, DEMAND, CAPACITY = "standing_per_day", "demand_per_kw_month", "capacity_per_kw_month"
NO_CAPACITY = "no_agreed_capacity"


@dataclass(frozen=True)
class Charge:
    """An amount without VAT and its VAT, in whole numbers of 10**-MONEY; None with a reason where it is not known."""

    amount: int | None = 0
    vat: int | None = 0
    reason: str | None = None

    def plus(self, other: Charge) -> Charge:
        known = self.amount is not None and other.amount is not None
        reasons = sorted({each for each in (self.reason, other.reason) if each})
        if not known:
            return Charge(None, None, "; ".join(reasons))
        return Charge((self.amount or 0) + (other.amount or 0), (self.vat or 0) + (other.vat or 0))


def _charge(row: Row, times: Decimal, sign: int) -> Charge:
    """The rate, times so many days or kW."""
    if row["rate"] is None:
        return Charge(None, None, f"{NO_RATE}: {row['tariff_id']} {row['charge']}")
    with localcontext(prec=60):
        amount = Decimal(repr(float(row["rate"]))) * times * sign
        return Charge(rounded(amount, MONEY), rounded(amount * Decimal(repr(float(row["vat_share"]))), MONEY))


def standing_charge(terms: CostTerms, grid: HourGrid, present: Bools) -> Charge:
    """For each local day that has an hour (`present`, per hour of the grid) the standing charge in force on it."""
    place = charge_of_hour(terms.rows, STANDING, grid)
    total = Charge()
    for i, row in enumerate(terms.rows):
        days = len(np.unique(grid.day[present & (place == i)])) if row["charge"] == STANDING else 0
        if days:
            total = total.plus(_charge(row, Decimal(days), terms.sign))
    return total


def demand_charge(terms: CostTerms, grid: HourGrid, kw: Floats) -> Charge:
    """Each demand charge on the highest hour of its own days and window, `kw` per hour of the grid (NaN: not known).

    Charges of several windows add up. One that holds for a part of the month is charged for that part of its days.
    """
    total = Charge()
    for row in terms.rows:
        if row["charge"] != DEMAND:
            continue
        in_window = kw[holds(row, grid) & np.isfinite(kw)]
        if len(in_window):
            peak = Decimal(repr(max(float(in_window.max()), 0.0)))
            with localcontext(prec=60):
                total = total.plus(_charge(row, peak * _share_of_days(row, grid), terms.sign))
    return total


def capacity_charge(terms: CostTerms, grid: HourGrid, agreed_kw: float | None) -> Charge:
    """The agreed capacity, of the whole month from its first day on; of a part where the charge begins or ends."""
    total = Charge()
    for row in terms.rows:
        share = _share_of_days(row, grid) if row["charge"] == CAPACITY else Decimal(0)
        if not share:
            continue
        if agreed_kw is None:
            return Charge(None, None, NO_CAPACITY)
        with localcontext(prec=60):
            total = total.plus(_charge(row, Decimal(repr(float(agreed_kw))) * share, terms.sign))
    return total


def _share_of_days(row: Row, grid: HourGrid) -> Decimal:
    days = np.unique(grid.day)
    held = days >= np.datetime64(row["valid_from"], "D")
    if row["valid_to"] is not None:
        held &= days < np.datetime64(row["valid_to"], "D")
    with localcontext(prec=60):
        return Decimal(int(held.sum())) / Decimal(len(days))
