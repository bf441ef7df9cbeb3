"""Rows of reference data that no gate may refuse: what the suites ask is asked of each row first."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.reference_data import parse_reference
from energy_lib.landing.parsing.reference_ranges import PATTERNS, RANGES
from energy_lib.landing.sources.source import Source
from energy_lib.quality.suites import SUITES_DIR

LANDED = datetime(2024, 6, 1, 20, 30, tzinfo=UTC)
WEATHER = """
kind: weather
format: csv
time: {column: t, zone: UTC}
columns: {location_id: place, temperature_c: temp, humidity_pct: hum, wind_speed_m_s: wind}
"""
PRICES = """
kind: prices
format: csv
time: {column: t, zone: UTC}
columns: {tariff_id: tariff, fuel: {constant: electricity}, price_per_kwh: price, currency: cur, interval_minutes: m}
"""
METERS = """
kind: meters
format: csv
columns: {meter_id: id, fuel: fuel, zone: zone, capacity_kw: kw, latitude: lat}
"""


def parse(source: str, data: str) -> list[dict[str, Any]]:
    described = Source(name="s", **yaml.safe_load(source))
    tables = parse_reference(Content.of(data.encode(), "s/f.csv"), described, LANDED)
    return [row for table in tables for row in table.to_pylist()]


def rules(rows: list[dict[str, Any]]) -> list[str | None]:
    return [row["rule_id"] for row in rows]


@pytest.mark.parametrize("table", ["silver.weather", "silver.prices", "silver.carbon_intensity"])
def test_no_critical_range_or_pattern_of_a_suite_is_narrower_than_that_of_parsing(table: str) -> None:
    suite = json.loads((SUITES_DIR / f"{table}.json").read_text())
    critical = [e for e in suite["expectations"] if e["severity"] == "critical"]
    for expectation in critical:
        asked, kind = expectation["kwargs"], expectation["type"]
        if kind == "expect_column_values_to_be_between":
            row_rule = RANGES[table][asked["column"]]
            assert asked["min_value"] <= row_rule.low
            assert row_rule.high <= asked["max_value"]
        elif kind == "expect_column_values_to_match_regex":
            assert PATTERNS[table][asked["column"]][0] == asked["regex"]
        else:
            assert asked["column_B"] == "issued_at_utc", "known no sooner than issued: parsing sees to it"


def test_a_weather_row_beyond_what_there_is_costs_the_row() -> None:
    rows = parse(
        WEATHER,
        "place,t,temp,hum,wind\nx,2024-05-01T00:00Z,12,50,3\nx,2024-05-01T01:00Z,-999,50,3\n"
        "x,2024-05-01T02:00Z,60,105,115\nx,2024-05-01T03:00Z,12,105.1,3\nx,2024-05-01T04:00Z,1e308,50,3\n"
        "x,2024-05-01T05:00Z,,,\n",
    )
    assert rules(rows) == [None, "implausible_value", None, "implausible_value", "implausible_value", None]
    assert rows[1]["reason"] == "temperature_c: -999.0 is not within -70 … 60 (degrees Celsius)"


def test_an_observation_of_the_future_is_known_no_sooner_than_it_is_made() -> None:
    [row] = parse(WEATHER, "place,t,temp,hum,wind\nx,2030-05-01T00:00Z,12,50,3\n")
    assert row["available_at_utc"] == row["issued_at_utc"] == datetime(2030, 5, 1, tzinfo=UTC)


def test_a_price_in_no_currency_or_of_no_length_costs_the_row() -> None:
    rows = parse(
        PRICES,
        "tariff,t,price,cur,m\na,2024-05-01T00:00Z,0.3,EUR,60\na,2024-05-01T01:00Z,30.1,EUR,60\n"
        "a,2024-05-01T02:00Z,-19.9,euro,60\na,2024-05-01T03:00Z,0.3,EUR,99999999999\n"
        "a,2024-05-01T04:00Z,0.3,EUR,0\n",
    )
    assert rules(rows) == [None, *["implausible_value"] * 3, "unknown_interval"]


def test_a_meter_that_stands_nowhere_or_carries_everything_costs_the_row() -> None:
    rows = parse(
        METERS,
        "id,fuel,zone,kw,lat\na,gas,Europe/Paris,10,90\nb,gas,Europe/Paris,-1,1\nc,gas,Europe/Paris,1e12,1\n"
        "d,gas,Europe/Paris,10,91\ne,gas,Europe/Paris,,\n",
    )
    assert rules(rows) == [None, "implausible_value", "implausible_value", "implausible_value", None]
