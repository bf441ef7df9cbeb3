"""What a local month of meters comes to: a statement for each meter, of its emissions and of its cost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from energy_lib.insights.accounts.amounts import GRAMS, KWH, MONEY, Bools, Ints, as_decimal, segment_sums
from energy_lib.insights.accounts.book import Meter, Profile, Row, micros
from energy_lib.insights.accounts.carbon import CarbonTerms
from energy_lib.insights.accounts.charges import Charge, capacity_charge, demand_charge, standing_charge
from energy_lib.insights.accounts.hour_amounts import Amounts, HourAmounts
from energy_lib.insights.accounts.hour_grid import HourGrid
from energy_lib.insights.accounts.hour_means import NEVER
from energy_lib.insights.accounts.hours import Hours
from energy_lib.insights.accounts.prices import CostTerms, holds
from energy_lib.vocabulary import Flow

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOT_READ = "no_hour_yet"
# Between publications, whose own texts hold commas and semicolons.
BESIDE = " | "


@dataclass(frozen=True)
class Statements:
    """The rows of meters of one profile, sorted; `segment`: which of the `size` meters a row is of."""

    profile: Profile
    grid: HourGrid
    carbon: CarbonTerms
    cost: CostTerms
    rows: Hours
    amounts: HourAmounts
    segment: Ints
    size: int

    def emission_rows(self, meters: list[Meter], month: date) -> list[Row]:
        """Of what emits nothing here, the hours and shares are those of what is told apart."""
        amounts = self.amounts
        emits = self.profile.flow in (Flow.IMPORT, Flow.NET)
        counted = amounts.emissions.known if emits else amounts.apart.known
        columns = {
            **self._counts(counted),
            "reason": self._reasons(amounts.emissions.known, amounts.emissions_reason),
            "emissions_g": self._sums(amounts.emissions, GRAMS),
            "factors": self._named(counted, self.carbon.publication, self.carbon.edition),
            "imputed_share": self._share(self.rows.imputed_share, counted),
            "stale_share": self._share(self.carbon.stale[amounts.place], counted),
            "market_emissions_g": self._sums(amounts.market, GRAMS),
            "market_hours": self._count(amounts.market.known),
            "apart_g": self._sums(amounts.apart, GRAMS),
            "marginal_g": self._sums(amounts.marginal, GRAMS),
            "marginal_hours": self._count(amounts.marginal.known),
        }
        return self._rows(meters, month, columns | {"scope": [self.carbon.scope] * self.size})

    def cost_rows(self, meters: list[Meter], month: date) -> list[Row]:
        amounts, counted = self.amounts, self.amounts.cost.known
        columns = {
            **self._counts(counted),
            "reason": self._reasons(counted, amounts.cost_reason),
            "energy_cost": self._sums(amounts.cost, MONEY),
            "imputed_share": self._share(self.rows.imputed_share, counted),
            "currency": [self.cost.currency] * self.size,
            "tariffs": [_publications(self.cost.rows)] * self.size,
        }
        landed = [micros(row["landed_at_utc"]) for row in self.cost.rows if holds(row, self.grid).any()]
        rows = self._rows(meters, month, columns, max(landed, default=NEVER))
        vats = segment_sums(amounts.vat.values, self.segment, self.size)
        for i, (row, meter) in enumerate(zip(rows, meters, strict=True)):
            self._add_charges(row, i, meter, vats[i])
        return rows

    def _add_charges(self, row: Row, i: int, meter: Meter, vat: int) -> None:
        """Charges of the meter's month, its VAT and total, put into its row."""
        mine = self.segment == i
        present = np.zeros(len(self.grid.hours), bool)
        kw = np.full(len(self.grid.hours), np.nan)
        present[self.amounts.place[mine]] = True
        kw[self.amounts.place[mine]] = self.rows.energy_kwh[mine]
        charges = {
            "standing_charge": standing_charge(self.cost, self.grid, present),
            "demand_charge": demand_charge(self.cost, self.grid, kw),
            "capacity_charge": capacity_charge(self.cost, self.grid, meter.agreed_capacity_kw),
        }
        has_tariff = bool(self.cost.rows)
        row |= {name: as_decimal(each.amount, MONEY) if has_tariff else None for name, each in charges.items()}
        row["peak_kw"] = float(np.nanmax(kw)) if np.isfinite(kw).any() else None
        energy = row["energy_cost"]
        monthly = Charge()
        for each in charges.values():
            monthly = monthly.plus(each)
        known = has_tariff and energy is not None and monthly.amount is not None
        row["vat"] = as_decimal(vat + (monthly.vat or 0), MONEY) if known else None
        row["total"] = energy + as_decimal(monthly.amount, MONEY) + row["vat"] if known else None
        row["reason"] = "; ".join(filter(None, (monthly.reason, row["reason"]))) or None

    def _rows(
        self, meters: list[Meter], month: date, columns: dict[str, list[Any]], known_from: int = NEVER
    ) -> list[Row]:
        known = np.full(self.size, known_from)
        np.maximum.at(known, self.segment, self.amounts.available)
        shared = {
            "group_kind": "meter",
            "fuel": self.profile.fuel,
            "flow": self.profile.flow,
            "month": month,
            "meters": 1,
        }
        return [
            shared
            | {"group_id": meter.meter_id, "known_at_utc": EPOCH + timedelta(microseconds=int(known[i]))}
            | {name: values[i] for name, values in columns.items()}
            for i, meter in enumerate(meters)
        ]

    def _counts(self, counted: Bools) -> dict[str, list[Any]]:
        hours = self._count(counted)
        energy = segment_sums(np.where(counted, self.amounts.energy.values, 0), self.segment, self.size)
        known = [None if hours[i] == 0 else as_decimal(value, KWH) for i, value in enumerate(energy)]
        return {
            "meters_missing": [int(count == 0) for count in hours],
            "hours": [len(self.grid.hours)] * self.size,
            "hours_counted": hours,
            "energy_kwh": known,
        }

    def _reasons(self, counted: Bools, reasons: npt.NDArray[np.object_]) -> list[str | None]:
        found: list[Counter[str]] = [Counter() for _ in range(self.size)]
        for i, reason in zip(self.segment[~counted].tolist(), reasons[~counted].tolist(), strict=True):
            found[i][reason] += 1
        rows = np.bincount(self.segment, minlength=self.size)
        for i, count in enumerate(rows):
            if count < len(self.grid.hours):
                found[i][NOT_READ] = len(self.grid.hours) - int(count)
        return [reasons_text(each) for each in found]

    def _count(self, rows: Bools) -> list[int]:
        counts: list[int] = np.bincount(self.segment[rows], minlength=self.size).tolist()
        return counts

    def _sums(self, amounts: Amounts, scale: int) -> list[Any]:
        sums = segment_sums(amounts.values, self.segment, self.size)
        return [as_decimal(s, scale) if n else None for s, n in zip(sums, self._count(amounts.known), strict=True)]

    def _share(self, share: npt.NDArray[Any], counted: Bools) -> list[float | None]:
        """The mean over the counted hours, weighted by energy; of energy that is all zero, by hours."""
        energy = np.abs(self.rows.energy_kwh)[counted]
        segment, values = self.segment[counted], np.asarray(share, float)[counted]
        weights = np.bincount(segment, energy, minlength=self.size)[segment]
        weighted = np.where(weights > 0, energy, 1.0)
        total = np.bincount(segment, weighted, minlength=self.size)
        sums = np.bincount(segment, weighted * values, minlength=self.size)
        return [min(float(s / t), 1.0) if t > 0 else None for s, t in zip(sums, total, strict=True)]

    def _named(
        self, counted: Bools, publication: npt.NDArray[np.object_], edition: npt.NDArray[np.object_]
    ) -> list[str | None]:
        """Publications and editions that the counted hours of each meter have."""
        names = np.array(
            [None if p is None else f"{p}, {e}" for p, e in zip(publication, edition, strict=True)], object
        )
        distinct = {name: code for code, name in enumerate(sorted({n for n in names if n is not None}))}
        codes = np.array([distinct.get(name, -1) for name in names])[self.amounts.place[counted]]
        found: list[list[str]] = [[] for _ in range(self.size)]
        texts = [*distinct, None]
        for pair in np.unique(self.segment[counted] * len(texts) + codes % len(texts)).tolist():
            if (text := texts[pair % len(texts)]) is not None:
                found[pair // len(texts)].append(text)
        return [BESIDE.join(each) or None for each in found]


def reasons_text(found: Counter[str]) -> str | None:
    """`no_price: agile: 3 hours; no_reading: 2 hours`."""
    return "; ".join(f"{reason}: {count} hours" for reason, count in sorted(found.items())) or None


def _publications(rows: tuple[Row, ...]) -> str | None:
    return BESIDE.join(sorted({f"{row['publication']}, {row['edition']}" for row in rows})) or None
