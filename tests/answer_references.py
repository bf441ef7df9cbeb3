"""Files of what answers are made of, with the YAML that a user would write, parsed for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import yaml

from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.reference_data import parse_reference
from energy_lib.landing.sources.source import Source

LANDED = datetime(2024, 6, 1, 20, 30, tzinfo=UTC)
# Kind → the columns of its file: those of its table.
COLUMNS = {
    "emission_factors": "fuel,region,scope,basis,supply_contract_id,valid_from,valid_to,factor_kgco2e_per_kwh,"
    "calorific_basis,publication,edition",
    "tariffs": "tariff_id,fuel,charge,rate,price_series_id,days,from_hour,to_hour,valid_from,valid_to,currency,"
    "vat_share,publication,edition",
    "projects": "project_id,meter_id,measure,baseline_end,reporting_start,expected_saving_kwh_per_year,capital_cost,"
    "currency",
    "assets": "asset_id,site_id,kind,meter_id,from_hour,to_hour,valid_from,valid_to,power_kw,lowest_power_kw,"
    "energy_kwh,minimum_run_hours,discharge_kw,round_trip_efficiency,lowest_charge_share,highest_charge_share,"
    "wear_cost_per_kwh,currency",
    "events": "event_id,kind,meter_id,building_id,site_id,area_id,start_utc,end_utc,description",
    "areas": "area_id,parent_area_id,name,households,floor_area_m2,income_per_year,currency,deprivation_rank,"
    "climate_zone",
}
# Kind → one good line of each sort.
GOOD = {
    "emission_factors": (
        "electricity,GB,scope_2,location,,2023-01-01,2024-01-01,0.2,,Conversion factors,2023",
        "electricity,GB,scope_2,location,,2024-01-01,,0.21,,Conversion factors,2024",
        "electricity,GB,scope_2,market,green,2024-01-01,,0,,Contract,2024",
        "gas,GB,scope_1,location,,2024-01-01,,0.18,gross,Conversion factors,2024",
    ),
    "tariffs": (
        "day_night,electricity,standing_per_day,0.5,,,,,2024-01-01,,GBP,0.05,Contract,2024",
        "day_night,electricity,unit_rate,0.3,,weekdays,7,23,2024-01-01,,GBP,0.05,Contract,2024",
        "day_night,electricity,unit_rate,0.1,,weekdays,23,7,2024-01-01,,GBP,0.05,Contract,2024",
        "day_night,electricity,unit_rate,0.2,,weekend,,,2024-01-01,,GBP,0.05,Contract,2024",
        "day_night,electricity,demand_per_kw_month,5,,weekdays,16,20,2024-01-01,,GBP,0.05,Contract,2024",
        "day_night,electricity,demand_per_kw_month,2,,all,,,2024-01-01,,GBP,0.05,Contract,2024",
        "market,electricity,price_series,,agile,,,,2024-01-01,2025-01-01,GBP,0.05,Contract,2024",
        "market,electricity,unit_rate,0.2,,,,,2025-01-01,,GBP,0.05,Contract,2025",
        "day_night,electricity,unit_rate,0.05,,weekend,0,5,2024-01-01,,GBP,0.05,Contract,2024",
    ),
    "projects": (
        "lights,m1,LED lighting,2024-03-01,2024-03-08,9000,12000,GBP",
        "lights,m2,LED lighting,2024-03-01,2024-03-01,,,",
    ),
    "assets": (
        "car,s1,flexible_load,,22,6,2024-01-01,,7,1.4,40,2,,,,,,",
        "bank,s1,battery,,,,2024-01-01,,50,,100,,40,0.9,0.1,0.9,0.03,GBP",
        "roof,s1,generation,m1_generation,,,2024-01-01,,30,,,,,,,,,",
        "grid,s1,site_limit,,7,23,2024-01-01,,80,,,,,,,,,",
        "grid,s1,site_limit,,23,7,2024-01-01,,120,,,,,,,,,",
    ),
    "events": (
        "e1,outage,m1,,,,2024-03-01T08:00Z,2024-03-01T12:00Z,Cable",
        "e2,closure,,b1,,,2024-03-01,,",
        "e3,non_routine,,,s1,,2024-03-01T08:00+02:00,,New hall",
        "e4,outage,,,,ward,2024-03-01T08:00Z,2024-03-01T09:30Z,Storm",
    ),
    "areas": (
        "ward,town,The ward,1200,96000,21500,GBP,0.12,cold",
        "town,,,,,,,,",
    ),
}


def source_text(kind: str) -> str:
    """The YAML of a source whose file's columns are named as the table's are."""
    columns = ", ".join(f"{name}: {name}" for name in COLUMNS[kind].split(","))
    return f"kind: {kind}\nformat: csv\ncolumns: {{{columns}}}\n"


def parsed(kind: str, *lines: str, yaml_text: str | None = None) -> list[dict[str, Any]]:
    """The rows of a file with these lines below the header."""
    source = Source(name="s", **yaml.safe_load(yaml_text or source_text(kind)))
    content = Content.of("\n".join([COLUMNS[kind], *lines, ""]).encode(), "s/f.csv")
    return [row for table in parse_reference(content, source, LANDED) for row in table.to_pylist()]
