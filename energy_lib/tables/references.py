"""Silver: what the answers must know beside readings: factors, tariffs, projects, assets, events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from energy_lib.tables.silver import FLOW, SAID_BY, SAID_BY_NAMES
from energy_lib.tables.table import Column, Table, optional, required
from energy_lib.vocabulary import Fuel

Row = dict[str, Any]
SCOPES = ("scope_1", "scope_2", "scope_3")
BASES = ("location", "market")
CALORIFIC_BASES = ("gross", "net")
CHARGES = ("standing_per_day", "unit_rate", "price_series", "demand_per_kw_month", "capacity_per_kw_month")
DAYS = ("all", "weekdays", "weekend")
ASSET_KINDS = ("flexible_load", "battery", "generation", "site_limit")
EVENT_KINDS = ("outage", "closure", "tenancy_change", "non_routine")
VALID = (
    required("valid_from", "date", "First day it holds, by the meter's local date"),
    optional("valid_to", "date", "First day it holds no longer, by the meter's local date; null: open"),
)
PUBLISHED_AS = (
    required("publication", "string", "Publication or contract it stands in"),
    required("edition", "string", "Edition, year or version of that publication"),
)
HOURS = (
    optional("from_hour", "int", "Local hour its window begins, 0 to 23; null: 0"),
    optional("to_hour", "int", "Local hour its window ends, 1 to 24; at or before from_hour: the next day; null: 24"),
)


def _reference(name: str, comment: str, columns: tuple[Column, ...], key: tuple[str, ...]) -> Table:
    return Table(
        layer="silver",
        name=name,
        comment=comment,
        columns=(*columns, *SAID_BY),
        key=key,
        version=SAID_BY_NAMES,
        provenance=SAID_BY_NAMES,
    )


EMISSION_FACTORS = _reference(
    "emission_factors",
    "What a kWh emits where no intensity of the hour is known: of fuels burnt, of grids by year, of supply contracts.",
    (
        required("fuel", "string", "Fuel", tuple(Fuel)),
        required("region", "string", "Country or grid region, as carbon_region of silver.meters"),
        required("scope", "string", "Scope of the GHG Protocol", SCOPES),
        required("basis", "string", "location, or market (of a supply contract)", BASES),
        optional("supply_contract_id", "string", "Contract of a market-based factor; null: every meter of the region"),
        *VALID,
        required("factor_kgco2e_per_kwh", "double", "kgCO2e per kWh"),
        optional("calorific_basis", "string", "Whether the kWh of a fuel is gross or net calorific", CALORIFIC_BASES),
        *PUBLISHED_AS,
    ),
    ("fuel", "region", "scope", "basis", "supply_contract_id", "valid_from"),
)

TARIFFS = _reference(
    "tariffs",
    "What energy costs, a row a charge: standing charges, unit rates by hour, price series, charges for peaks.",
    (
        required("tariff_id", "string", "Tariff, as tariff_id of silver.meters"),
        required("fuel", "string", "Fuel", tuple(Fuel)),
        FLOW,
        required("charge", "string", "What is charged for; of an export flow it is paid out", CHARGES),
        optional("rate", "double", "Currency per day, kWh or kW and month; of a price series what is added per kWh"),
        optional("price_series_id", "string", "tariff_id in silver.prices, of a price_series"),
        required("days", "string", "all, weekdays (no holiday) or weekend (with holidays)", DAYS),
        *HOURS,
        *VALID,
        required("currency", "string", "ISO 4217"),
        required("vat_share", "double", "VAT on top of the rate, 0 to 1"),
        *PUBLISHED_AS,
    ),
    ("tariff_id", "fuel", "flow", "charge", "days", "from_hour", "to_hour", "valid_from"),
)

PROJECTS = _reference(
    "projects",
    "Measures that are to save energy, a row a meter.",
    (
        required("project_id", "string", "Project"),
        required("meter_id", "string", "Meter it acts on"),
        required("measure", "string", "What was done"),
        required("baseline_end", "date", "First local day that is no longer baseline"),
        required("reporting_start", "date", "First local day of the reporting period; before it lies the blackout"),
        optional("expected_saving_kwh_per_year", "double", "Promised saving at this meter, kWh a year"),
        optional("capital_cost", "double", "Cost of the whole project, in `currency`"),
        optional("currency", "string", "ISO 4217"),
    ),
    ("project_id", "meter_id"),
)

ASSETS = _reference(
    "assets",
    "What a site can plan: flexible loads, batteries, generation, and the site's own limit.",
    (
        required("asset_id", "string", "Asset"),
        required("site_id", "string", "Site"),
        required("kind", "string", "Kind", ASSET_KINDS),
        optional("meter_id", "string", "Meter whose readings hold it; of generation the meter of its forecast"),
        *HOURS,
        *VALID,
        required("power_kw", "double", "Highest power (charging, of a battery; import, of a site_limit), kW"),
        optional("lowest_power_kw", "double", "Lowest power while it runs, kW; null: 0"),
        optional("energy_kwh", "double", "Energy to be used in each window; of a battery its capacity, kWh"),
        optional("minimum_run_hours", "int", "Hours it runs at least once started"),
        optional("discharge_kw", "double", "Highest discharge of a battery, kW; null: power_kw"),
        optional("round_trip_efficiency", "double", "Energy out over energy in, 0 to 1"),
        optional("lowest_charge_share", "double", "State of charge not gone below, 0 to 1"),
        optional("highest_charge_share", "double", "State of charge not gone above, 0 to 1"),
        optional("wear_cost_per_kwh", "double", "Wear of a battery per kWh discharged, in `currency`"),
        optional("currency", "string", "ISO 4217"),
    ),
    ("asset_id", "from_hour", "valid_from"),
)

EVENTS = _reference(
    "events",
    "What happened at a meter, a building, a site or in an area that its readings do not say.",
    (
        required("event_id", "string", "Event"),
        required("kind", "string", "Kind", EVENT_KINDS),
        optional("meter_id", "string", "Meter it concerns; of meter, building, site and area one is given"),
        optional("building_id", "string", "Building it concerns"),
        optional("site_id", "string", "Site it concerns"),
        optional("area_id", "string", "Area it concerns, with all areas inside it"),
        required("start_utc", "timestamp", "Start"),
        optional("end_utc", "timestamp", "End; null: it goes on"),
        optional("description", "string", "What happened"),
    ),
    ("event_id",),
)

AREAS = _reference(
    "areas",
    "Areas that meters lie in, and what the public knows of them: a ward lies in a town, a town in a region.",
    (
        required("area_id", "string", "Area, as area_id of silver.meters"),
        optional("parent_area_id", "string", "Area that it lies in; null: in none"),
        optional("name", "string", "Name for people"),
        optional("households", "int", "Households that live there, metered or not"),
        optional("floor_area_m2", "double", "Floor area of their homes, m2"),
        optional("income_per_year", "double", "Median disposable income of a household a year, in `currency`"),
        optional("currency", "string", "ISO 4217"),
        optional(
            "deprivation_rank", "double", "Rank in a public index of deprivation: 0 the most deprived, 1 the least"
        ),
        optional("climate_zone", "string", "Climate zone: homes are compared with those of their own"),
    ),
    ("area_id",),
)


def landed_by(rows: Iterable[Row], instant: datetime) -> list[Row]:
    """Rows that had landed by then; those of which nobody knows when are among them."""
    return [row for row in rows if row["landed_at_utc"] is None or row["landed_at_utc"] <= instant]


TABLES = (EMISSION_FACTORS, TARIFFS, PROJECTS, ASSETS, EVENTS, AREAS)
