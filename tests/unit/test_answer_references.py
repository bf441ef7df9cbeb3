"""Factors, tariffs, projects, assets, events and areas: what their cells mean, and which rule a bad row breaks."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from answer_references import COLUMNS, GOOD, LANDED, parsed, source_text

from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.reference_data import parse_reference
from energy_lib.landing.proposal.guess import Guesses
from energy_lib.landing.proposal.reference_kinds import reference_kind
from energy_lib.landing.sources.loading import SHIPPED, load_sources, source_of


@pytest.mark.parametrize("kind", GOOD)
def test_good_rows_break_no_rule(kind: str) -> None:
    rows = parsed(kind, *GOOD[kind])
    assert [(row["rule_id"], row["reason"], row["raw_row"]) for row in rows] == [(None, None, None)] * len(GOOD[kind])


def test_cells_become_days_instants_and_what_empty_ones_mean() -> None:
    rate = parsed("tariffs", GOOD["tariffs"][3])[0]
    assert (rate["valid_from"], rate["valid_to"]) == (date(2024, 1, 1), None)
    assert (rate["flow"], rate["days"], rate["from_hour"], rate["to_hour"]) == ("import", "weekend", 0, 24)
    assert parsed("tariffs", GOOD["tariffs"][0])[0]["days"] == "all"
    bank = parsed("assets", GOOD["assets"][1])[0]
    assert (bank["from_hour"], bank["to_hour"], bank["round_trip_efficiency"]) == (0, 24, 0.9)
    events = parsed("events", *GOOD["events"])
    assert [event["start_utc"] for event in events] == [datetime(2024, 3, 1, hour, tzinfo=UTC) for hour in (8, 0, 6, 8)]


def test_a_date_is_the_day_that_the_cell_shows_whatever_the_zone() -> None:
    in_auckland = source_text("projects") + "time: {format: '%d/%m/%Y', zone: Pacific/Auckland}\n"
    [row, wrong] = parsed("projects", "p,m,x,01/03/2024,08/03/2024,,,", "q,m,x,3/1/24,,,,", yaml_text=in_auckland)
    assert (row["baseline_end"], row["reporting_start"]) == (date(2024, 3, 1), date(2024, 3, 8))
    assert (wrong["rule_id"], wrong["reason"]) == (
        "unparseable_timestamp",
        "baseline_end: '3/1/24' is not a time in the years 1900 to 2200",
    )


FACTOR, UNIT_RATE = GOOD["emission_factors"][1], GOOD["tariffs"][3]
CAR, BANK, ROOF = GOOD["assets"][:3]


@pytest.mark.parametrize(
    ("kind", "line", "rule", "reason"),
    [
        ("emission_factors", FACTOR.removesuffix("2024"), "missing_value", "there is no edition"),
        ("emission_factors", FACTOR.replace("01,,0", "01,2024-01-01,0"), "empty_period",
         "valid_to 2024-01-01 is not after valid_from 2024-01-01"),
        ("emission_factors", FACTOR.replace("0.21", "207.05"), "implausible_value",
         "factor_kgco2e_per_kwh: 207.05 is not within 0 … 3 (kgCO2e per kWh)"),
        ("emission_factors", FACTOR.replace("electricity", "plutonium"), "unparseable_value",
         "fuel: 'plutonium' is none of electricity, gas, "),
        ("emission_factors", FACTOR.replace("2024-01-01", ""), "missing_value", "there is no valid_from"),
        ("emission_factors", "gas,GB,scope_1,location,,2024-01-01,,0.18,,DESNZ,2024", "missing_value",
         "there is no calorific_basis, which a factor of a fuel that is burnt needs"),
        ("emission_factors", FACTOR.replace("location,", "location,green"), "implausible_value",
         "supply_contract_id: green stands in a factor whose basis is location"),
        ("tariffs", UNIT_RATE.replace("unit_rate", "levy"), "unparseable_value", "charge: 'levy' is none of standing"),
        ("tariffs", UNIT_RATE.replace("GBP", "£"), "implausible_value", "currency: '£' is not an ISO 4217 code"),
        ("tariffs", UNIT_RATE.replace("0.05", "20"), "implausible_value", "vat_share: 20.0 is not within 0 … 1"),
        ("tariffs", UNIT_RATE.replace("0.05", ""), "missing_value", "there is no vat_share"),
        ("tariffs", UNIT_RATE.replace("0.2,", "28.62,"), "implausible_value",
         "rate: 28.62 is no price of a kWh in whole units of GBP"),
        ("tariffs", UNIT_RATE.replace("0.2,", ","), "missing_value", "there is no rate, which a charge needs"),
        ("tariffs", UNIT_RATE.replace("unit_rate", "price_series"), "missing_value", "there is no price_series_id,"),
        ("tariffs", UNIT_RATE.replace("weekend,,", "weekend,7.5,"), "implausible_value", "from_hour: 7.5 is no whole"),
        ("tariffs", UNIT_RATE.replace("weekend,,", "weekend,24,"), "implausible_value", "from_hour: 24 is not within"),
        ("projects", "p,m,x,2024-03-08,2024-03-01,,,", "reporting_in_baseline",
         "p reports from 2024-03-01, before baseline_end 2024-03-08"),
        ("projects", "p,m,x,,2024-03-01,,,", "missing_value", "there is no baseline_end"),
        ("projects", "p,m,x,2024-03-01,2024-03-01,,500,", "missing_value", "there is no currency, which a cost needs"),
        ("assets", CAR.replace(",40,", ",56.1,"), "impossible_deadline",
         "car: 7 kW for 8 h give less than its 56.1 kWh"),
        ("assets", CAR.replace(",40,2,", ",40,9,"), "impossible_deadline",
         "car: it runs 9 h at least, and its window has 8 h"),
        ("assets", CAR.replace(",40,", ",,"), "missing_value", "there is no energy_kwh, which a flexible load"),
        ("assets", CAR.replace(",1.4,", ",8,"), "implausible_value", "lowest_power_kw: 8 is more than power_kw 7"),
        ("assets", BANK.replace(",0.9,0.1,", ",,0.1,"), "missing_value", "there is no round_trip_eff"),
        ("assets", BANK.replace("0.1,0.9", "0.9,0.1"), "implausible_value",
         "lowest_charge_share: 0.9 is more than highest_charge_share 0.1"),
        ("assets", BANK.replace("GBP", ""), "missing_value", "there is no currency, which a cost of wear needs"),
        ("assets", ROOF.replace("m1_generation", ""), "missing_value", "there is no meter_id, which generation"),
        ("events", "e,closure,,,,,2024-03-01,,", "event_nowhere", "e names no meter, no building, no site and no area"),
        ("events", "e,closure,,b,,,2024-03-02,2024-03-01,", "empty_period",
         "e ends at 2024-03-01T00:00Z, no later than it starts"),
        ("events", "e,party,,b,,,2024-03-02,,", "unparseable_value", "kind: 'party' is none of outage, closure"),
        ("events", "e,closure,,b,,,,,", "missing_value", "there is no start_utc"),
        ("areas", "north,north,,,,,,,", "area_in_itself", "north lies in north, which lies in north"),
        ("areas", "north,,,,,21500,,,", "missing_value", "there is no currency, which an income needs"),
        ("areas", "north,,,1200.5,,,,,", "implausible_value", "households: 1200.5 is no whole"),
        ("areas", "north,,,,,,,12,", "implausible_value", "deprivation_rank: 12.0 is not within 0 … 1"),
        ("areas", ",town,,,,,,,", "missing_value", "there is no area_id"),
    ],
)  # fmt: skip
def test_a_bad_row_says_what_is_wrong_with_it_and_the_others_stay(kind: str, line: str, rule: str, reason: str) -> None:
    good = GOOD[kind][-1] if kind == "emission_factors" else GOOD[kind][0].replace("day_night", "x").replace("car", "x")
    rows = parsed(kind, good, line)
    assert rows[0]["rule_id"] is None
    assert (rows[1]["rule_id"], rows[1]["row_number"], rows[1]["raw_row"]) == (rule, 2, line)
    assert rows[1]["reason"].startswith(reason)


def rules(kind: str, *lines: str) -> list[Any]:
    return [row["rule_id"] for row in parsed(kind, *lines)]


def test_rates_of_the_same_hours_exclude_each_other_unless_one_is_more_special() -> None:
    night, early = (UNIT_RATE.replace("weekend,,", f"all,{window}") for window in ("23,7", "0,8"))
    assert rules("tariffs", night, early) == ["overlapping_validity"] * 2
    assert parsed("tariffs", night, early)[0]["reason"] == (
        "day_night electricity import unit_rate is said by row 2 too, for some of the same time"
    )
    always = UNIT_RATE.replace("weekend", "all")
    assert rules("tariffs", always, night, UNIT_RATE) == [None] * 3
    assert rules("tariffs", night, early.replace("electricity", "gas")) == [None, None]
    assert rules("tariffs", night, night.replace("2024-01-01,", "2023-01-01,2024-01-01")) == [None, None]
    assert rules("tariffs", always, GOOD["tariffs"][6].replace("market", "day_night")) == [None, None], "they add up"


def test_charges_for_demand_stand_beside_each_other_unless_their_windows_are_the_same() -> None:
    peak, always = GOOD["tariffs"][4], GOOD["tariffs"][5]
    assert rules("tariffs", peak, always) == [None, None]
    assert rules("tariffs", peak, peak.replace(",5,", ",6,")) == ["overlapping_validity"] * 2


def test_a_tariff_with_a_hole_is_no_rows_fault() -> None:
    assert rules("tariffs", UNIT_RATE) == [None]


def test_a_factor_may_be_said_once_for_a_time() -> None:
    later = FACTOR.replace("2024-01-01", "2024-06-01")
    assert rules("emission_factors", FACTOR, later) == ["overlapping_validity"] * 2
    # A contract's factor is another one than the region's.
    market = FACTOR.replace("location", "market")
    assert rules("emission_factors", FACTOR, market, market.replace("market,", "market,green")) == [None] * 3


def test_two_windows_of_an_asset_do_not_overlap() -> None:
    assert rules("assets", CAR, CAR.replace(",22,6,", ",6,22,")) == [None, None]
    assert rules("assets", CAR, CAR.replace(",22,6,", ",5,22,")) == ["overlapping_validity"] * 2


@pytest.mark.parametrize(("kind", "bad"), [("tariffs", "charge"), ("projects", "date"), ("assets", "kind")])
def test_a_broken_row_costs_its_declaration_and_no_other(kind: str, bad: str) -> None:
    """A tariff without one of its charges would be too cheap without a word."""
    columns = COLUMNS[kind].split(",")
    cells = GOOD[kind][0].split(",")
    broken = list(cells)
    broken[{"charge": 2, "date": 3, "kind": 2}[bad]] = "?"
    if kind == "assets":
        broken[columns.index("valid_from")] = "2020-01-01"
    others = [",".join(["other", *cells[1:]]), ",".join(cells), ",".join(broken)]
    rows = parsed(kind, *others)
    assert rows[0]["rule_id"] is None
    assert rows[1]["rule_id"] == "broken_declaration"
    assert rows[1]["reason"] == f"row 3 breaks a rule, and without it {cells[0]} may be another"
    assert rows[2]["rule_id"] in ("unparseable_value", "unparseable_timestamp")


def test_a_broken_factor_or_event_costs_its_row_only() -> None:
    lines = GOOD["emission_factors"]
    assert rules("emission_factors", *lines, FACTOR.replace("GB", "FR").removesuffix("2024")) == [
        *[None] * len(lines),
        "missing_value",
    ]
    assert rules("events", "e1,outage,,,,,2024-01-01,,", GOOD["events"][0]) == ["event_nowhere", None]


@pytest.mark.parametrize(("name", "rows"), [("uk_emission_factors", 24), ("cambridge_tariffs", 10)])
def test_what_ships_lies_as_in_a_landing_folder_and_breaks_no_rule(name: str, rows: int) -> None:
    [file] = (SHIPPED.parent / "references" / name).iterdir()
    content = Content.at(str(file), f"{name}/{file.name}")
    source = source_of(f"{name}/{file.name}", load_sources(None).values())
    assert source is not None
    found = [row for table in parse_reference(content, source, LANDED) for row in table.to_pylist()]
    assert [row["reason"] for row in found if row["rule_id"]] == []
    assert len(found) == rows


def test_nothing_ships_that_no_source_describes() -> None:
    folder = SHIPPED.parent / "references"
    files = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
    assert [file for file in files if source_of(file, load_sources(None).values()) is None] == []


@pytest.mark.parametrize("kind", GOOD)
def test_a_file_with_the_tables_columns_is_told_by_them(kind: str) -> None:
    guesses = Guesses()
    assert reference_kind(COLUMNS[kind].split(","), "", "f.csv", guesses)
    assert guesses.of_keys["kind"].value == kind
    assert {key for key in guesses.of_keys if key != "kind"} == {f"columns.{name}" for name in COLUMNS[kind].split(",")}


def test_a_circle_of_areas_costs_its_areas_and_no_other() -> None:
    circle = ("a,b,,,,,,,", "b,c,,,,,,,", "c,a,,,,,,,", "inside,a,,,,,,,", "else,gone,,,,,,,")
    assert rules("areas", *circle) == [*["area_in_itself"] * 3, None, None]
    assert rules("areas", "a,,,,,,,,", "a,b,,,,,,,", "b,,,,,,,,") == ["overlapping_validity"] * 2 + [None]
