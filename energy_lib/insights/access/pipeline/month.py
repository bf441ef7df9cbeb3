"""One edition of one month: what is summed and counted, and the rows that tell it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from energy_lib.config import AccessConfig
from energy_lib.insights.access.editions import Released
from energy_lib.insights.access.measures import MeterKnown, by_measure, commonest_currency, meter_values
from energy_lib.insights.access.meter_month import Family
from energy_lib.insights.access.need import Thresholds, flags_of
from energy_lib.insights.access.pipeline.inputs import HOMES, Inputs
from energy_lib.insights.access.pipeline.ledger import Name
from energy_lib.insights.access.privacy import AreaTree, Limits
from energy_lib.insights.access.summaries import FamilyMonth, measures_of, summary_rows
from energy_lib.insights.accounts.hour_grid import next_month
from energy_lib.tables.answers.access import INDICATORS

Row = dict[str, Any]
FLAG = "flag"
OF_THE_GRID = ("outage_minutes", "interruptions")
NOTHING = Released({}, {}, frozenset())


def text_of(family: Family) -> str:
    return " ".join(family)


def limits_of(category: str, measure: str, settings: AccessConfig) -> Limits:
    """Of a cell of homes, or of other meters. Interruptions are the grid's: one meter may be most of them."""
    units = settings.min_homes if category == HOMES else settings.min_meters
    return Limits(units, 1.0 if measure in OF_THE_GRID else settings.largest_share)


def families_of(inputs: Inputs) -> list[Family]:
    return sorted({register.family for register in inputs.registers.values()})


def values_of(inputs: Inputs, settings: AccessConfig) -> dict[Name, tuple[dict[str, float], dict[str, str]]]:
    """(family or indicator, measure) → what each unit adds, and the unit's own area."""
    found: dict[Name, tuple[dict[str, float], dict[str, str]]] = {}
    for family in families_of(inputs):
        members = [m for m, register in inputs.registers.items() if register.family == family]
        area_of = {meter: inputs.registers[meter].area_id for meter in members}
        currency = commonest_currency({m: inputs.costs[m] for m in members if m in inputs.costs})
        told = {
            m: meter_values(inputs.hours.meters[m], _known(inputs, m, currency))
            for m in members
            if m in inputs.hours.meters
        }
        for measure, values in by_measure(told, measures_of(family)).items():
            found[text_of(family), measure] = (values, area_of)
    area_of = {home.home_id: home.area_id for home in inputs.homes}
    flags = flags_of(inputs.homes, Thresholds(settings.colder_fed_below, settings.rationing_below))
    return found | {(indicator, FLAG): (flags[indicator], area_of) for indicator in INDICATORS}


def _known(inputs: Inputs, meter_id: str, currency: str | None) -> MeterKnown:
    cost, own_currency = inputs.costs.get(meter_id, (None, ""))
    return MeterKnown(
        inputs.meters[meter_id]["floor_area_m2"],
        inputs.weather_at(meter_id),
        inputs.emissions_kg.get(meter_id),
        cost if own_currency == currency else None,
        None if inputs.savings is None else inputs.savings.get(meter_id, 0.0),
        inputs.interruptions(meter_id),
    )


def area_rows(
    inputs: Inputs, tree: AreaTree, released: Mapping[Name, Released], settings: AccessConfig, *, with_peak: bool
) -> list[Row]:
    """Rows of gold.area_summaries, without edition and month."""
    rows = []
    for family in families_of(inputs):
        month = family_month(inputs, family, with_peak=with_peak)
        of_family = {name: released.get((text_of(family), name), NOTHING) for name in measures_of(family)}
        rows += summary_rows(tree, month, of_family, limits_of(family[0], "energy_kwh", settings), settings.min_meters)
    return rows


def family_month(inputs: Inputs, family: Family, *, with_peak: bool) -> FamilyMonth:
    members = [m for m, register in inputs.registers.items() if register.family == family]
    weather = {m: found for m in members if (found := inputs.weather_at(m)) is not None}
    sums = {area: each for (area, of), each in inputs.hours.sums.items() if of == family}
    return FamilyMonth(
        family,
        commonest_currency({m: inputs.costs[m] for m in members if m in inputs.costs}),
        {m: inputs.hours.meters[m].imputed_kwh for m in members if m in inputs.hours.meters},
        {m: area for m in members if (area := inputs.meters[m]["floor_area_m2"])},
        {m: found.total for m, found in weather.items()},
        {m: found.normal for m, found in weather.items()},
        sums if with_peak else {},
    )


def indicator_rows(tree: AreaTree, released: Mapping[Name, Released]) -> list[Row]:
    """Rows of gold.access_indicators, without edition and month: one for every area and indicator."""
    rows = []
    for indicator in INDICATORS:
        counted = released.get((indicator, FLAG), NOTHING).told(tree)
        for area in sorted(tree.parents):
            row: Row = {"area_id": area, "parent_area_id": tree.parents[area], "indicator": indicator}
            row["is_withheld"] = area not in counted
            if area in counted:
                flags = counted[area]
                row |= {"homes": len(flags), "share": round(sum(flags.values()) / len(flags), 6)}
            rows.append(row)
    return rows


def told_areas(summaries: list[Row], indicators: list[Row]) -> Callable[[Name], frozenset[str]]:
    """From the rows of a first edition: the areas that say a measure."""
    said: dict[Name, set[str]] = {}
    for row in summaries:
        family = (row["category"], row["fuel"], row["flow"])
        for measure in set(measures_of(family)) - set(row["withheld"]):
            said.setdefault((text_of(family), measure), set()).add(row["area_id"])
    for row in indicators:
        if not row["is_withheld"]:
            said.setdefault((row["indicator"], FLAG), set()).add(row["area_id"])
    return lambda name: frozenset(said.get(name, ()))


def stamped(rows: list[Row], month: date, stamp: Row) -> list[Row]:
    return [row | stamp | {"month": month} for row in rows]


def is_over(month: date, today: date, days: int) -> bool:
    """Whether so many days have passed since the month ended."""
    return (today - next_month(month)).days >= days
