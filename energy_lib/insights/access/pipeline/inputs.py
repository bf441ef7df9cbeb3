"""Read what a month of areas is made of: once, bounded to the month, without Spark but for the hours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
from energy_lib.insights.access.spark.months import read_month
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


def read_inputs(lake: Lake, settings: AccessConfig, month: date, origin: datetime) -> Inputs:
    small = lake.small_tables
    areas = {row["area_id"]: row for row in small.rows(references.AREAS)}
    tree = tree_of(areas.values())
    meters = {
        row["meter_id"]: row
        for row in small.rows(silver.METERS)
        if row["registered_by"] != silver.VIRTUAL and row["area_id"] in areas
    }
    outages = _outages(small.rows(references.EVENTS), meters, tree, month, origin)
    registers = {meter_id: _register(row, outages[meter_id], settings) for meter_id, row in meters.items()}
    hours = read_month(lake, registers, month, settings.disconnected_hours)
    places = {(row["weather_location_id"], row["zone"]) for row in meters.values() if row["weather_location_id"]}
    weather = weather_of(_temperatures(lake, {p for p, _ in places}, month), places, month, settings.base_temperature_c)
    standing = f"superseded_at_utc IS NULL AND group_kind = 'meter' AND month = DATE '{month}'"
    costs = {
        row["group_id"]: (None if row["total"] is None else float(row["total"]), row["currency"])
        for row in small.read(COSTS, ["group_id", "currency", "total"], standing).to_pylist()
    }
    emitted = small.read(EMISSIONS, ["group_id", "emissions_g"], f"{standing} AND emissions_g IS NOT NULL").to_pylist()
    buildings = {row["building_id"]: row for row in small.rows(silver.BUILDINGS)}
    known = KnownOfHomes(tree, areas, buildings, hours.meters, costs, weather)
    return Inputs(
        month, tree, areas, meters, registers, outages, hours, weather, costs,
        {row["group_id"]: float(row["emissions_g"]) / G_PER_KG for row in emitted},
        _savings(lake, origin),
        homes_of((row for m, row in meters.items() if registers[m].family[0] == HOMES), known),
    )  # fmt: skip


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


def _temperatures(lake: Lake, locations: set[str], month: date) -> dict[str, pd.Series]:
    """Hourly temperatures (C) by location, indexed by UTC: of this month of all years, with those beside it."""
    beside = ", ".join(str((month.month - 2 + i) % 12 + 1) for i in range(3))
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
