"""Rows of gold.area_summaries: sums that may be told, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from energy_lib.insights.access.distribution import TENTHS, decile_shares, gini
from energy_lib.insights.access.editions import Released
from energy_lib.insights.access.meter_month import Family, HourlySums
from energy_lib.insights.access.privacy import AreaTree, Floats, Limits
from energy_lib.tables.answers.access import MEASURES

Row = dict[str, Any]
DIGITS = 6
POWER = ("electricity", "import")
OF_POWER = ("evening_hours", "outage_minutes", "interruptions")


@dataclass(frozen=True)
class FamilyMonth:
    """What is known of one family of registers beside what is summed; by meter, and hourly by area.

    `sums` is empty for a second edition: the peak is not said anew.
    """

    family: Family
    currency: str | None
    imputed_kwh: Mapping[str, float]
    floor_area_m2: Mapping[str, float]
    degree_days_k: Mapping[str, float]
    normal_degree_days_k: Mapping[str, float]
    sums: Mapping[str, HourlySums]


def measures_of(family: Family) -> tuple[str, ...]:
    """What is summed of a family: evenings and interruptions are of electricity alone."""
    return tuple(name for name in MEASURES if name not in OF_POWER or family[1:] == POWER)


def summary_rows(
    tree: AreaTree, month: FamilyMonth, released: Mapping[str, Released], limits: Limits, fewest_of_a_tenth: int
) -> list[Row]:
    """A row for every area, whether it has such registers or not, so that none can be told from its absence.

    `released`: by measure. The columns of edition and month are the caller's.
    """
    names = measures_of(month.family)
    told_by = {name: released[name].told(tree) for name in names}
    rows = []
    for area in sorted(tree.parents):
        told = {name: areas[area] for name, areas in told_by.items() if area in areas}
        row: Row = dict(zip(("category", "fuel", "flow"), month.family, strict=True))
        row |= {"area_id": area, "parent_area_id": tree.parents[area]}
        row |= {"withheld": [name for name in names if name not in told]}
        if "energy_kwh" in told:
            row |= _of_energy(told["energy_kwh"], month, fewest_of_a_tenth)
            row |= _peak(tree, area, month.sums, released["energy_kwh"], limits)
        rows.append(row | _of_sums(told, month, row.get("peak_kw")))
    return rows


def _of_energy(energy: Mapping[str, float], month: FamilyMonth, fewest_of_a_tenth: int) -> Row:
    values = np.array([energy[unit] for unit in sorted(energy)])
    total = float(values.sum())
    imputed = sum(month.imputed_kwh.get(unit, 0.0) for unit in energy)
    tenths = decile_shares(values) if len(values) >= TENTHS * fewest_of_a_tenth else None
    coefficient = gini(values)
    shares = {f"decile_{i}_share": round(share, 3) for i, share in enumerate(tenths or [], start=1)}
    return shares | {
        "meters": len(values),
        "energy_kwh": round(total, DIGITS),
        "energy_per_meter_kwh": round(total / len(values), DIGITS),
        "imputed_share": round(min(imputed / total, 1.0), 2) if total else None,
        "gini": None if coefficient is None else round(coefficient, 3),
        "degree_days_k": _mean(month.degree_days_k, energy),
        "normal_degree_days_k": _mean(month.normal_degree_days_k, energy),
    }


def _of_sums(told: Mapping[str, Mapping[str, float]], month: FamilyMonth, peak_kw: float | None) -> Row:
    sums = {name: float(sum(values.values())) for name, values in told.items()}
    found: Row = {
        name: round(sums[name], DIGITS)
        for name in ("normalised_kwh", "emissions_kg", "cost", "saving_kwh_per_year")
        if name in sums
    }
    if "cost" in sums:
        found["currency"] = month.currency
    if "floor_energy_kwh" in sums:
        area_m2 = sum(month.floor_area_m2.get(unit, 0.0) for unit in told["floor_energy_kwh"])
        found["energy_per_m2_kwh"] = round(sums["floor_energy_kwh"] / area_m2, DIGITS) if area_m2 else None
    if peak_kw is not None and sums.get("own_peak_kw"):
        found["coincidence"] = round(peak_kw / sums["own_peak_kw"], 3)
    if "evening_hours" in sums:
        found["evening_hours"] = round(sums["evening_hours"] / len(told["evening_hours"]), 2)
    if "outage_minutes" in sums:
        found["saidi_minutes"] = round(sums["outage_minutes"] / len(told["outage_minutes"]), DIGITS)
    if "interruptions" in sums:
        found["saifi"] = round(sums["interruptions"] / len(told["interruptions"]), DIGITS)
    if found.get("saifi") and "saidi_minutes" in found:
        found["caidi_minutes"] = round(found["saidi_minutes"] / found["saifi"], DIGITS)
    return found


def _peak(tree: AreaTree, area: str, sums: Mapping[str, HourlySums], energy: Released, limits: Limits) -> Row:
    """The area's highest hour, if in that hour no meter is too large a part of any piece of the area."""
    inside = [own for own in sums if area in tree.lineage(own)]
    if not inside:
        return {}
    total: Floats = np.sum([sums[own].total for own in inside], axis=0)
    hour = int(total.argmax())
    parts: dict[str, list[str]] = {}
    for own in inside:
        nearest = next(each for each in tree.lineage(own) if each in energy.areas)
        parts.setdefault(nearest, []).append(own)
    for owns in parts.values():
        highest = max(sums[own].highest[hour] for own in owns)
        if highest > limits.largest_share * sum(sums[own].total[hour] for own in owns):
            return {}
    return {"peak_kw": round(float(total[hour]), DIGITS)}


def _mean(values: Mapping[str, float], units: Mapping[str, float]) -> float | None:
    known = [values[unit] for unit in units if np.isfinite(values.get(unit, float("nan")))]
    return round(float(np.mean(known)), 3) if known else None
