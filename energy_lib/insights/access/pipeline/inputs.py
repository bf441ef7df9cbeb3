"""Read what a month of areas is made of: once, bounded to the month, without Spark but for the hours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd

from energy_lib.config import AccessConfig
from energy_lib.insights.access.degree_days import MonthWeather, weather_of
from energy_lib.insights.access.homes import KnownOfHomes, homes_of
from energy_lib.insights.access.meter_month import MonthHours, Register
from energy_lib.insights.access.need import Home
from energy_lib.insights.access.privacy import AreaTree
from energy_lib.insights.access.reliability import Span, minutes_and_interruptions, outages_of
from energy_lib.insights.access.spark.months import read_months
from energy_lib.insights.accounts.hour_grid import month_hours
from energy_lib.lake import Lake
from energy_lib.tables import references, silver
from energy_lib.tables.answers.accounts import COSTS, EMISSIONS
from energy_lib.tables.answers.recommendations import RECOMMENDATIONS
from energy_lib.vocabulary import Flow, WeatherKind

Row = dict[str, Any]
HOMES, OTHER = "homes", "other"
G_PER_KG = 1000
# So old may a recommendation be to count as potential.
RECOMMENDED_DAYS = 45


@dataclass(frozen=True)
class Inputs:
    """What is known of a month. `meters`: rows of silver.meters by id, those that lie in an area."""

    month: date
    tree: AreaTree
    areas: Mapping[str, Row]
    meters: Mapping[str, Row]
    registers: Mapping[str, Register]
    outages: Mapping[str, list[Span]]
    hours: MonthHours
    weather: Mapping[tuple[str, str], MonthWeather]
    costs: Mapping[str, tuple[float | None, str]]
    emissions_kg: Mapping[str, float]
    savings: Mapping[str, float] | None
    homes: list[Home]

    def interruptions(self, meter_id: str) -> tuple[float, int]:
        return minutes_and_interruptions(self.outages[meter_id])

    def weather_at(self, meter_id: str) -> MonthWeather | None:
        row = self.meters[meter_id]
        return self.weather.get((row["weather_location_id"], row["zone"]))


def tree_of(areas: Iterable[Row]) -> AreaTree:
    rows = list(areas)
    known = {row["area_id"] for row in rows}
    return AreaTree({r["area_id"]: r["parent_area_id"] if r["parent_area_id"] in known else None for r in rows})


def read_inputs(lake: Lake, settings: AccessConfig, months: Sequence[date], origin: datetime) -> dict[date, Inputs]:
    """Of each of some months, read together: hours in one Spark job, the rest without Spark."""
    small = lake.small_tables
    areas = {row["area_id"]: row for row in small.rows(references.AREAS)}
    tree = tree_of(areas.values())
    meters = {
        row["meter_id"]: row
        for row in small.rows(silver.METERS)
        if row["registered_by"] != silver.VIRTUAL and row["area_id"] in areas
    }
    events = small.rows(references.EVENTS)
    outages = {month: _outages(events, meters, tree, month, origin) for month in months}
    all_outages = {meter: [span for of_month in outages.values() for span in of_month[meter]] for meter in meters}
    registers = {meter: _register(row, all_outages[meter], settings) for meter, row in meters.items()}
    hours = read_months(lake, registers, months, settings.disconnected_hours)
    places = {(row["weather_location_id"], row["zone"]) for row in meters.values() if row["weather_location_id"]}
    temperatures = _temperatures(lake, {place for place, _ in places}, months)
    costs, emissions_kg = _costs(lake, months), _emissions_kg(lake, months)
    buildings = {row["building_id"]: row for row in small.rows(silver.BUILDINGS)}
    homes = [row for m, row in meters.items() if registers[m].family[0] == HOMES]
    savings, found = _savings(lake, origin), {}
    for month in months:
        weather = weather_of(temperatures, places, month, settings.base_temperature_c)
        known = KnownOfHomes(tree, areas, buildings, hours[month].meters, costs[month], weather)
        found[month] = Inputs(
            month, tree, areas, meters, registers, outages[month], hours[month], weather, costs[month],
            emissions_kg[month], savings, homes_of(homes, known),
        )  # fmt: skip
    return found


def _standing(months: Sequence[date]) -> str:
    dates = ", ".join(f"DATE '{month}'" for month in months)
    return f"superseded_at_utc IS NULL AND group_kind = 'meter' AND month IN ({dates})"


def _costs(lake: Lake, months: Sequence[date]) -> dict[date, dict[str, tuple[float | None, str]]]:
    """Month → meter → bill with VAT, and its currency."""
    found: dict[date, dict[str, tuple[float | None, str]]] = {month: {} for month in months}
    rows = lake.small_tables.read(COSTS, ["month", "group_id", "currency", "total"], _standing(months))
    for row in rows.to_pylist():
        total = None if row["total"] is None else float(row["total"])
        found[row["month"]][row["group_id"]] = (total, row["currency"])
    return found


def _emissions_kg(lake: Lake, months: Sequence[date]) -> dict[date, dict[str, float]]:
    """Month → meter → kgCO2e, of those of which it is known."""
    found: dict[date, dict[str, float]] = {month: {} for month in months}
    where = f"{_standing(months)} AND emissions_g IS NOT NULL"
    for row in lake.small_tables.read(EMISSIONS, ["month", "group_id", "emissions_g"], where).to_pylist():
        found[row["month"]][row["group_id"]] = float(row["emissions_g"]) / G_PER_KG
    return found


def _register(row: Row, outages: list[Span], settings: AccessConfig) -> Register:
    category = HOMES if row["use"] in settings.home_uses else OTHER
    spans = tuple((int(a.timestamp() // 3600), int(-(-b.timestamp() // 3600))) for a, b in outages)
    return Register(row["zone"], row["area_id"], (category, row["fuel"], row["flow"] or Flow.IMPORT.value), spans)


def _outages(
    events: list[Row], meters: Mapping[str, Row], tree: AreaTree, month: date, origin: datetime
) -> dict[str, list[Span]]:
    found = {}
    outages = [row for row in events if row["kind"] == "outage"]
    for meter_id, row in meters.items():
        first, end = (datetime.fromtimestamp(hour * 3600, UTC) for hour in month_hours(row["zone"], month))
        found[meter_id] = outages_of(row, outages, tree, first, min(end, origin))
    return found


def _temperatures(lake: Lake, locations: set[str], months: Sequence[date]) -> dict[str, pd.Series]:
    """Hourly temperatures (C) by location, indexed by UTC: of these months of all years, with those beside them."""
    beside = ", ".join(sorted({str((month.month - 2 + i) % 12 + 1) for month in months for i in range(3)}))
    where = (
        f"kind = '{WeatherKind.OBSERVED}' AND temperature_c IS NOT NULL "
        f"AND date_part('month', interval_start_utc) IN ({beside})"
    )
    rows = lake.small_tables.read(silver.WEATHER, ["location_id", "interval_start_utc", "temperature_c"], where)
    frame = rows.to_pandas()
    return {
        str(location): part.set_index("interval_start_utc")["temperature_c"].sort_index()
        for location, part in frame.groupby("location_id")
        if location in locations
    }


def _savings(lake: Lake, origin: datetime) -> dict[str, float] | None:
    """Meter → what its newest recommendations would save, kWh a year; None if there are none at all."""
    since = origin.date() - timedelta(days=RECOMMENDED_DAYS)
    where = (
        f"as_of_month >= DATE '{since.replace(day=1)}' AND as_of_date >= DATE '{since}' "
        f"AND as_of_date <= DATE '{origin.date()}' AND status = 'offered'"
    )
    columns = ["as_of_date", "meters", "counted_energy_kwh_per_year"]
    rows = lake.small_tables.read(RECOMMENDATIONS, columns, where).to_pylist()
    newest = max((row["as_of_date"] for row in rows), default=None)
    found: dict[str, float] = {}
    for row in rows:
        if row["as_of_date"] == newest:
            for meter_id in row["meters"]:
                share = (row["counted_energy_kwh_per_year"] or 0.0) / len(row["meters"])
                found[meter_id] = found.get(meter_id, 0.0) + share
    return found if rows else None
