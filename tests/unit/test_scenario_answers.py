"""Scenarios on a small lake made by hand, beside pandas."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from plain_rows import put
from scenario_lake import DAY, DAYS, HOMES, fill, series

from energy_lib.config import AccessConfig, CleaningConfig
from energy_lib.errors import BadConfig, InputMissing
from energy_lib.insights.scenarios.answers import WITHHELD
from energy_lib.insights.scenarios.baseline import months_before
from energy_lib.insights.scenarios.pipeline.what_if import Year, read_year, results_of
from energy_lib.insights.scenarios.scenario import load_scenario
from energy_lib.lake.small_tables import SmallTables
from energy_lib.tables import references, silver

SMALL = AccessConfig(min_homes=2, min_meters=2, largest_share=0.6)
INSULATION = """\
question: What if?
measures:
  - kind: insulation
    uses: [dwelling]
    heat_saving: {low: 0.1, central: 0.2, high: 0.4, source: By hand}
"""
CARS = """\
question: What if?
measures:
  - kind: electric_vehicle
    uses: [dwelling]
    charged: {from_hour: 18, to_hour: 20}
    km_per_day: {low: 10, central: 20, high: 40, source: By hand}
    kwh_per_km: {low: 0.2, central: 0.2, high: 0.2, source: By hand}
    charged_at_home_share: {low: 1, central: 1, high: 1, source: By hand}
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scenarios") / "lake"
    fill(folder)
    return folder


@pytest.fixture(scope="module")
def year(root: Path) -> Year:
    return read_year(SmallTables(str(root)), DAY, CleaningConfig(), SMALL)


def asked(year: Year, text: str, folder: Path, name: str = "mine") -> list[dict[str, Any]]:
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return results_of(load_scenario(str(folder / f"{name}.yaml")), year)


def cell(rows: list[dict[str, Any]], quantity: str, group: str = "*", fuel: str = "*", kind: str | None = None) -> Any:
    (row,) = [
        row
        for row in rows
        if (row["quantity"], row["group_id"], row["fuel"]) == (quantity, group, fuel)
        and kind in (None, row["group_kind"])
    ]
    return row


def test_the_year_is_the_whole_months_before_the_day() -> None:
    assert months_before(date(2024, 3, 1))[::11] == [date(2023, 3, 1), date(2024, 2, 1)]
    assert months_before(date(2024, 3, 31))[::11] == [date(2023, 3, 1), date(2024, 2, 1)]
    assert len(months_before(date(2024, 1, 15))) == 12


def test_insulation_beside_pandas(year: Year, tmp_path: Path) -> None:
    """Energy, cost and carbon of all homes, worked out from the series by the day."""
    rows = asked(year, INSULATION, tmp_path)
    burnt, heat = 0.0, 0.0
    for number in range(HOMES):
        if number % 4 < 2:
            celsius, _, gas = series(number)
            daily = (
                pd.DataFrame({"c": celsius, "gas": gas})
                .groupby(np.arange(len(gas)) // 24)
                .agg({"c": "mean", "gas": "sum"})
            )
            # The model that made the series: 0.2 kWh an hour is no heat.
            base = 24 * 0.2 * (1 + number / HOMES)
            burnt += float(daily["gas"].sum())
            heat += float((daily["gas"] - base).clip(lower=0).sum())
    found = cell(rows, "energy_kwh", fuel="gas")
    assert found["baseline"] == pytest.approx(burnt)
    assert found["change"] == pytest.approx(-0.2 * heat, rel=1e-3)
    assert (found["change_low"], found["change_high"]) == pytest.approx((2 * found["change"], found["change"] / 2))
    assert cell(rows, "cost")["change"] == pytest.approx(found["change"] * 0.06 * 1.05, rel=1e-6)
    assert cell(rows, "emissions_kg")["change"] == pytest.approx(found["change"] * 0.18, rel=1e-6)
    assert cell(rows, "energy_kwh", fuel="electricity")["change"] == 0
    assert (found["units"], found["taking_part"], found["hangs_on"]) == (HOMES, HOMES // 2, "insulation.heat_saving")
    # Twelve homes have gas, and all of them notice it; the others neither gain nor lose.
    assert (cell(rows, "cost")["gain_share"], cell(rows, "cost")["lose_share"]) == (0.5, 0.0)
    assert {row["category"] for row in rows} == {"homes"}, "offices take no part"


def test_the_bill_beside_the_tariff(year: Year, tmp_path: Path) -> None:
    rows = asked(year, INSULATION, tmp_path)
    power = sum(series(number)[1].sum() for number in range(HOMES))
    gas = sum(series(number)[2].sum() for number in range(HOMES) if number % 4 < 2)
    standing = DAYS * (HOMES * 0.5 + HOMES // 2 * 0.25)
    assert cell(rows, "cost")["baseline"] == pytest.approx((power * 0.3 + gas * 0.06 + standing) * 1.05)
    assert cell(rows, "cost")["currency"] == "GBP"
    assert cell(rows, "emissions_kg")["baseline"] == pytest.approx(power * 0.2 + gas * 0.18)


def test_cars_raise_the_peak_of_the_hour_they_charge_in(year: Year, tmp_path: Path) -> None:
    rows = asked(year, CARS, tmp_path)
    peak = cell(rows, "peak_kw", fuel="electricity")
    assert peak["baseline"] == pytest.approx(sum(1 + number / HOMES for number in range(HOMES)))
    # 4 kWh a day in two hours, of which one is the peak: 2 kW a home.
    assert (peak["change_low"], peak["change"], peak["change_high"]) == pytest.approx((24.0, 48.0, 96.0))
    energy = cell(rows, "energy_kwh", fuel="electricity")
    assert energy["change"] == pytest.approx(HOMES * DAYS * 4)
    north = cell(rows, "energy_kwh", "north", "electricity")
    assert north["change"] == pytest.approx(energy["change"] / 2)
    assert cell(rows, "energy_kwh", "town", "electricity")["change"] == pytest.approx(energy["change"])


def test_tenths_are_of_the_bill_and_add_up(year: Year, tmp_path: Path) -> None:
    rows = asked(year, CARS, tmp_path)
    tenths = [cell(rows, "cost", str(number), kind="tenth_by_cost") for number in range(1, 11)]
    by_home = [row["baseline"] / row["units"] for row in tenths]
    assert by_home == sorted(by_home)
    for name in ("baseline", "change"):
        assert sum(row[name] for row in tenths) == pytest.approx(cell(rows, "cost")[name])
    assert all(row["lose_share"] == 1 for row in tenths)


def test_each_row_says_what_it_was_worked_out_with(year: Year, tmp_path: Path) -> None:
    rows = asked(year, CARS, tmp_path)
    assert {(row["first_day"], row["last_day"], row["days"]) for row in rows} == {
        (date(2024, 1, 1), date(2024, 2, 29), DAYS)
    }
    said = json.loads(rows[0]["assumptions"])
    assert said["measures"][0]["km_per_day"] == {"low": 10, "central": 20, "high": 40, "source": "By hand"}
    assert json.loads(rows[0]["lineage"])["silver.hourly_readings"] == 0
    changed = asked(year, CARS.replace("km_per_day: {low: 10", "km_per_day: {low: 11"), tmp_path)
    assert changed[0]["scenario_hash"] != rows[0]["scenario_hash"]


def test_what_is_too_small_says_nothing_but_why(root: Path, tmp_path: Path) -> None:
    strict = AccessConfig(min_homes=13, min_meters=2, largest_share=0.6)
    year = read_year(SmallTables(str(root)), DAY, CleaningConfig(), strict)
    rows = asked(year, CARS, tmp_path)
    withheld = [row for row in rows if row["group_id"] not in ("*", "town")]
    assert {row["reason"] for row in withheld} == {WITHHELD}
    assert not [row for row in withheld if row.get("baseline") is not None or row.get("units") is not None]
    assert cell(rows, "energy_kwh", fuel="electricity")["change"] > 0


def test_where_no_tariff_is_known_there_is_no_cost(root: Path, tmp_path: Path) -> None:
    year = read_year(SmallTables(str(root)), DAY, CleaningConfig(), SMALL)
    year.portfolio.worths.valuer.book = replace(year.portfolio.worths.valuer.book, tariffs={})
    rows = asked(year, CARS, tmp_path)
    cost = cell(rows, "cost")
    assert (cost.get("baseline"), cost["reason"]) == (None, "not known of most that take part: no_tariff: T")
    assert {row["group_kind"] for row in rows} == {"all", "area", "tenth_by_energy"}
    assert cell(rows, "energy_kwh", "1", "electricity", kind="tenth_by_energy")["change"] > 0


def test_the_order_of_rows_makes_no_difference(root: Path, year: Year, tmp_path: Path) -> None:
    other = tmp_path / "lake"
    for table in (
        silver.METERS,
        silver.HOURLY,
        silver.WEATHER,
        references.AREAS,
        references.TARIFFS,
        references.EMISSION_FACTORS,
    ):
        rows = pl.read_delta(str(root / table.layer / table.name)).to_dicts()
        random.Random(1).shuffle(rows)
        put(other, table, *rows)
    shuffled = read_year(SmallTables(str(other)), DAY, CleaningConfig(), SMALL)
    assert asked(shuffled, INSULATION, tmp_path) == asked(year, INSULATION, tmp_path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (CARS + "areas: [atlantis]\n", "there is no area 'atlantis'"),
        (CARS.replace("dwelling", "castle"), "electric_vehicle fits no home or building that was read"),
        (
            "question: What if?\nmeasures:\n  - kind: tariff_change\n    fuel: coal\n"
            "    rates: [{from_hour: 0, to_hour: 6, price_factor: 2}]\n"
            "    elasticity: {low: -1, central: -0.5, high: 0, source: By hand}\n",
            "it needs a register of the fuel",
        ),
        ("question: What if?\nunserved: {areas: [north]}\n", "area 'north' has meters, and is served"),
        ("question: What if?\nunserved: {areas: [moon]}\n", "there is no area 'moon'"),
    ],
)
def test_what_nobody_has_is_one_sentence(year: Year, tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(BadConfig, match=sentence) as error:
        asked(year, text, tmp_path)
    assert "\n" not in str(error.value)


def test_one_area_alone(year: Year, tmp_path: Path) -> None:
    rows = asked(year, CARS + "areas: [north]\n", tmp_path)
    assert cell(rows, "energy_kwh", fuel="electricity")["units"] == HOMES // 2
    assert cell(rows, "energy_kwh", "south", "electricity")["reason"] == WITHHELD


def test_an_area_without_meters_is_served_like_the_others(year: Year) -> None:
    rows = results_of(load_scenario("unserved_area"), year)
    (a_day,) = [row for row in rows if row["quantity"] == "kwh_per_household_day"]
    sizes = [np.mean([1 + n / HOMES for n in range(HOMES) if n % 2 == ward]) for ward in (0, 1)]
    expected = [size * (23 * 0.2 + 1.0) for size in sizes]
    assert a_day["group_id"] == "hill"
    assert a_day["change"] == pytest.approx(np.mean(expected), rel=1e-6)
    assert a_day["change_low"] == pytest.approx(expected[0] + 0.1 * (expected[1] - expected[0]))


def test_without_a_whole_month_there_is_nothing_to_ask(root: Path, tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match="no whole month before 2024-01-31"):
        read_year(SmallTables(str(root)), date(2024, 1, 31), CleaningConfig(), SMALL)
    with pytest.raises(InputMissing, match="run clean first"):
        read_year(SmallTables(str(tmp_path)), DAY, CleaningConfig(), SMALL)


def test_a_sum_without_those_that_take_part_is_no_answer(root: Path, tmp_path: Path) -> None:
    """Gas without a factor: the homes that it heats have no carbon, and the others' does not change."""
    year = read_year(SmallTables(str(root)), DAY, CleaningConfig(), SMALL)
    book = year.portfolio.worths.valuer.book
    no_gas = tuple(factor for factor in book.factors if factor.fuel != "gas")
    year.portfolio.worths.valuer.book = replace(book, factors=no_gas)
    found = cell(asked(year, INSULATION, tmp_path), "emissions_kg")
    assert (found.get("change"), found["reason"]) == (None, "not known of most that take part: no_factor: gas GB")
    assert cell(asked(year, CARS, tmp_path), "emissions_kg")["known_share"] == 0.5
