"""Whatever a file's cells say: what parses of it passes the gate of its table, and every row is there."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.parsing.reference_data import parse_reference
from energy_lib.landing.parsing.reference_tables import TABLE_OF
from energy_lib.landing.sources.source import Kind, Source
from energy_lib.quality.suites import suite_path
from energy_lib.tables import Table, bronze

LANDED = datetime(2024, 6, 1, 20, 30, tzinfo=UTC)
INTERVALS = """
format: csv
meter: {column: id}
time: {column: ts, zone: Europe/Paris, interval_column: minutes}
value: {column: v, unit: MWh}
fuel: {column: word}
available: {column: ts2}
"""
REGISTERS = """
format: csv
meter: {column: id}
time: {column: ts, zone: Europe/Paris}
value: {column: v, unit: kW, register_reads: true}
fuel: gas
available: {after_interval_end_minutes: 5}
"""
WEATHER = """
kind: weather
format: csv
time: {column: ts, zone: UTC}
columns: {location_id: id, temperature_c: v, humidity_pct: w, irradiance_w_m2: v, wind_speed_m_s: w, issued_at_utc: ts2}
"""
PRICES = """
kind: prices
format: csv
time: {column: ts, zone: UTC}
columns: {tariff_id: id, fuel: word, price_per_kwh: v, currency: word, interval_minutes: minutes}
available: {after_interval_end_minutes: 0}
"""
CARBON = """
kind: carbon_intensity
format: csv
time: {column: ts, zone: UTC}
columns: {region: id, method: word, intensity_gco2_per_kwh: {column: v, scale: 1000}, interval_minutes: minutes}
"""
METERS = """
kind: meters
format: csv
columns: {meter_id: id, fuel: word, zone: {constant: Europe/Paris}, capacity_kw: v, latitude: w}
"""
VIRTUAL = """
kind: virtual_meters
format: csv
columns: {virtual_meter_id: id, meter_id: word, sign: v, valid_from_utc: ts, valid_to_utc: ts2}
"""
FACTORS = """
kind: emission_factors
format: csv
columns: {fuel: word, region: id, scope: {constant: scope_2}, basis: {constant: market}, supply_contract_id: minutes,
          valid_from: ts, valid_to: ts2, factor_kgco2e_per_kwh: v, publication: word, edition: id}
"""
TARIFFS = """
kind: tariffs
format: csv
columns: {tariff_id: id, fuel: {constant: gas}, charge: {constant: unit_rate}, rate: v, from_hour: minutes, to_hour: w,
          valid_from: ts, valid_to: ts2, currency: word, vat_share: w, publication: id, edition: {constant: e}}
"""
PROJECTS = """
kind: projects
format: csv
columns: {project_id: id, meter_id: word, measure: {constant: m}, baseline_end: ts, reporting_start: ts2,
          expected_saving_kwh_per_year: v, capital_cost: w, currency: word}
"""
ASSETS = """
kind: assets
format: csv
columns: {asset_id: id, site_id: {constant: s}, kind: {constant: flexible_load}, valid_from: ts, from_hour: minutes,
          power_kw: v, energy_kwh: w, minimum_run_hours: minutes}
"""
EVENTS = """
kind: events
format: csv
time: {zone: Europe/Paris}
columns: {event_id: id, kind: {constant: outage}, meter_id: word, start_utc: ts, end_utc: ts2}
"""
AREAS = """
kind: areas
format: csv
columns: {area_id: id, parent_area_id: word, households: minutes, income_per_year: v, deprivation_rank: w,
          currency: word}
"""
SOURCES = {"intervals": INTERVALS, "registers": REGISTERS, "weather": WEATHER, "prices": PRICES, "carbon": CARBON,
           "meters": METERS, "virtual": VIRTUAL, "factors": FACTORS, "tariffs": TARIFFS, "projects": PROJECTS,
           "assets": ASSETS, "events": EVENTS, "areas": AREAS}  # fmt: skip
HEADER = ("id", "ts", "ts2", "minutes", "v", "w", "word")


def moment(seconds: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).isoformat()[:19]


numbers = st.one_of(
    st.sampled_from(
        ["", "0", "1", "-1", "60", "1440", "1441", "576001", "2147483648", "1e308", "-1e308", "9e18", "inf"]
    ),
    st.floats().map(str),
    st.integers(-(10**20), 10**20).map(str),
)
stamps = st.one_of(
    st.sampled_from(
        ["2024-05-01T00:00", "2024-05-01T01:00", "1970-01-01T00:00", "2024-03-31T02:30", "2024-10-27T02:30", ""]
    ),
    st.integers(-2_000_000_000, 7_000_000_000).map(moment),
    st.sampled_from(["soon", "2024-02-30T00:00", "24"]),
)
words = st.sampled_from(["electricity", "gas", "average", "marginal", "EUR", "eur", "?", ""])
rows = st.lists(
    st.tuples(st.sampled_from(["m", "n", "", "ü"]), stamps, stamps, numbers, numbers, numbers, words),
    min_size=1,
    max_size=8,
)


def parsed(name: str, lines: list[tuple[str, ...]]) -> tuple[Table, list[dict[str, Any]]]:
    source = Source(name="s", **yaml.safe_load(SOURCES[name]))
    content = Content.of("\n".join(",".join(cells) for cells in [HEADER, *lines]).encode() + b"\n", "s/f.csv")
    is_reading = source.kind is Kind.READINGS
    tables = parse_readings(content, source, LANDED) if is_reading else parse_reference(content, source, LANDED)
    table = bronze.READINGS if is_reading else TABLE_OF[source.kind]
    return table, [row for part in tables for row in part.to_pylist()]


def refused(expectation: dict[str, Any], row: dict[str, Any]) -> bool:
    """Whether the row breaks one expectation of a suite, read in plain Python."""
    asked, kind = expectation["kwargs"], expectation["type"]
    if kind == "expect_column_pair_values_a_to_be_greater_than_b":
        return row[asked["column_A"]] < row[asked["column_B"]]
    value = row.get(asked["column"])
    if kind == "expect_column_values_to_not_be_null":
        return value is None
    if value is None or kind == "expect_column_values_to_be_null":
        return False
    if kind == "expect_column_values_to_match_regex":
        return re.search(asked["regex"], value) is None
    assert kind == "expect_column_values_to_be_between", f"say here what {kind} asks"
    return not asked.get("min_value", value) <= value <= asked.get("max_value", value)


@pytest.mark.filterwarnings("ignore:invalid value encountered in cast")
@pytest.mark.parametrize("name", SOURCES)
@settings(max_examples=20, deadline=None)
@given(rows)
def test_what_parses_passes_the_gate(name: str, lines: list[tuple[str, ...]]) -> None:
    table, found = parsed(name, lines)
    assert [row["row_number"] for row in found] == list(range(1, len(lines) + 1))
    path = suite_path(table)
    suite = json.loads(path.read_text())["expectations"] if path.is_file() else []
    whole = [row for row in found if row["rule_id"] is None]
    for row in whole:
        # What the file's own columns add: its id and landing.
        row |= {"file_id": "0" * 64}
        broken = [e for e in suite if e["severity"] == "critical" and refused(e, row)]
        assert not broken, (row, broken)
    own = {"source", "file_id", "path", "landed_at_utc", "landed_month"}
    for column in table.columns:
        values = [row[column.name] for row in whole if column.name not in own]
        assert column.nullable or None not in values, column.name
        assert not column.allowed or {value for value in values if value is not None} <= {*map(str, column.allowed)}
