"""Months of meters and areas against numbers worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from energy_lib.insights.access.degree_days import MonthWeather, month_weather, normalised
from energy_lib.insights.access.distribution import decile_shares, gini
from energy_lib.insights.access.editions import first_edition, second_edition
from energy_lib.insights.access.meter_month import HourlySums, MonthHours, Register, month_hours_of
from energy_lib.insights.access.privacy import AreaTree, Limits
from energy_lib.insights.access.reliability import minutes_and_interruptions, outages_of
from energy_lib.insights.access.summaries import FamilyMonth, measures_of, summary_rows

LONDON, MARCH = "Europe/London", date(2024, 3, 1)
POWER = ("homes", "electricity", "import")
FIRST = int(datetime(2024, 3, 1, tzinfo=UTC).timestamp()) // 3600
HOURS_OF_MARCH = 743  # the clock goes forward on the 31st


def month_of(kwh: Any, family: tuple[str, str, str] = POWER, outages: Any = (), imputed: Any = 0.0) -> MonthHours:
    """A month of one meter in London: an hour a value."""
    rows = pd.DataFrame(
        {"meter_id": "m", "hour": FIRST + np.arange(len(kwh)), "energy_kwh": kwh, "imputed_share": imputed}
    )
    return month_hours_of(
        rows.sample(frac=1, random_state=1), {"m": Register(LONDON, "ward", family, outages)}, MARCH, 3
    )


def test_a_month_of_a_meter() -> None:
    kwh = np.full(HOURS_OF_MARCH, 0.1)
    # 19 and 20 o'clock on the 10th, when London is on UTC: two hours of use in one of 31 evenings.
    kwh[9 * 24 + 19 : 9 * 24 + 21] = 2.0
    found = month_of(kwh, imputed=0.25).meters["m"]
    assert found.energy_kwh == pytest.approx(74.1 + 4)
    assert found.imputed_kwh == pytest.approx(78.1 / 4)
    assert found.own_peak_kw == 2
    assert found.evening_hours == pytest.approx(2 / 31)
    assert found.daily_kwh[[0, 9, 30]] == pytest.approx([2.4, 6.2, 2.3]), "the last day has 23 hours"
    assert np.isnan(month_of(kwh, ("homes", "gas", "import")).meters["m"].evening_hours)


def test_evenings_follow_the_local_clock() -> None:
    kwh = np.full(HOURS_OF_MARCH, 0.1)
    # 17 o'clock UTC on the 31st is 18 in London; on the 30th it is 17.
    kwh[30 * 24 + 17] = kwh[29 * 24 + 17] = 1.0
    assert month_of(kwh).meters["m"].evening_hours == pytest.approx(1 / 31)


def test_a_meter_that_is_hardly_known_is_left_out() -> None:
    kwh = np.full(HOURS_OF_MARCH, 1.0)
    kwh[:74] = np.nan
    assert month_of(kwh).meters["m"].energy_kwh == HOURS_OF_MARCH - 74
    kwh[74] = np.nan
    assert month_of(kwh).meters == {}


@pytest.mark.parametrize(("hours", "count"), [(3, 0), (4, 1)])
def test_more_than_three_hours_without_supply_are_a_disconnection_unless_the_grid_failed(
    hours: int, count: int
) -> None:
    kwh = np.full(HOURS_OF_MARCH, 0.3)
    kwh[100 : 100 + hours] = 0
    assert month_of(kwh).meters["m"].disconnections == count
    assert month_of(kwh, outages=((FIRST + 100, FIRST + 101),)).meters["m"].disconnections == 0
    assert month_of(kwh, outages=((FIRST + 99, FIRST + 100),)).meters["m"].disconnections == count
    imputed = np.zeros(HOURS_OF_MARCH)
    imputed[102] = 1.0
    assert month_of(kwh, imputed=imputed).meters["m"].disconnections == 0, "an estimate is no reading of zero"


def test_sums_of_hours_keep_the_highest_meter() -> None:
    rows = pd.DataFrame(
        {"meter_id": ["a"] * 743 + ["b"] * 743, "hour": [*range(FIRST, FIRST + 743)] * 2, "imputed_share": 0.0}
    ).assign(energy_kwh=[1.0] * 743 + [3.0] * 743)
    registers = {name: Register(LONDON, "ward", POWER) for name in "ab"}
    both = month_hours_of(rows, registers, MARCH, 3)
    apart = MonthHours()
    for meter in "ab":
        apart.add(month_hours_of(rows[rows["meter_id"] == meter], registers, MARCH, 3))
    for found in (both, apart):
        sums = found.sums["ward", POWER]
        assert sums.total.sum() == 4 * 743
        assert sums.highest.max() == 3
    np.testing.assert_array_equal(both.sums["ward", POWER].total, apart.sums["ward", POWER].total)


def test_degree_days_are_of_local_days_and_normal_is_the_mean_of_the_years() -> None:
    index = pd.date_range("2023-03-01", "2024-04-01", freq="h", inclusive="left", tz="UTC")
    warm = (index.year == 2023) & (index.month == 3)
    hourly = pd.Series(np.where(warm, 15.5 - 4, 15.5 - 10), index=index)
    found = month_weather(hourly, LONDON, MARCH, 15.5)
    assert found.total == pytest.approx(310)
    assert found.normal == pytest.approx((31 * 4 + 31 * 10) / 2)
    assert month_weather(hourly + 20, LONDON, MARCH, 15.5).total == 0
    # Of a month of which five days are not known there is no normal.
    short = month_weather(hourly["2024-03-06":], LONDON, MARCH, 15.5)
    assert np.isnan(short.by_day[:4]).all()
    assert np.isnan(short.normal)


def test_energy_is_normalised_by_the_slope_of_its_own_days() -> None:
    by_day = np.tile([4.0, 8.0, 12.0], 10)
    weather = MonthWeather(by_day, normal=300.0)
    daily = 5 + 2 * by_day
    assert normalised(daily.sum(), daily, weather) == pytest.approx(150 + 2 * 300)
    # What falls with the cold is not heat.
    assert normalised(100.0, 50 - by_day, weather) == 100.0
    assert np.isnan(normalised(100.0, daily, MonthWeather(by_day, float("nan"))))


def test_gini_and_tenths() -> None:
    assert gini(np.ones(7)) == 0
    assert gini(np.array([0.0, 0.0, 0.0, 8.0])) == 0.75
    assert gini(np.array([1.0, 3.0])) == 0.25
    assert gini(np.zeros(3)) is None
    # Twenty meters: 1 … 20 kWh, two a tenth.
    assert decile_shares(np.arange(20.0, 0, -1)) == pytest.approx([(4 * i + 3) / 210 for i in range(10)])
    assert sum(decile_shares(np.array([1.0, 2.0, 7.0])) or []) == pytest.approx(1)


AREAS = AreaTree({"town": None, "ward": "town"})
START = datetime(2024, 3, 5, 8, tzinfo=UTC)


def outage(minutes: float, hour: int = 0, kind: str = "outage", **place: str) -> dict[str, Any]:
    nowhere = dict.fromkeys(("meter_id", "building_id", "site_id", "area_id"))
    start = START + timedelta(hours=hour)
    return {**nowhere, "kind": kind, "start_utc": start, "end_utc": start + timedelta(minutes=minutes), **place}


def test_interruptions_are_events_of_the_meter_its_places_and_the_areas_around_it() -> None:
    meter = {"meter_id": "m", "building_id": "b", "site_id": None, "area_id": "ward"}
    events = [
        outage(60, area_id="town"), outage(90, building_id="b"), outage(5, hour=5, meter_id="m"),
        outage(6, hour=8, meter_id="m"), outage(500, kind="closure", meter_id="m"), outage(500, area_id="else"),
        outage(600, hour=24 * 40, meter_id="m"),
    ]  # fmt: skip
    spans = outages_of(meter, events, AREAS, START - timedelta(days=4), START + timedelta(days=27))
    # The first two overlap: 90 minutes. Five minutes are momentary.
    assert minutes_and_interruptions(spans) == (96, 2)
    going_on = outage(0, meter_id="m") | {"end_utc": None}
    assert minutes_and_interruptions(outages_of(meter, [going_on], AREAS, START, START + timedelta(hours=2))) == (
        120,
        1,
    )


LIMITS = Limits(4, 0.5)


def rows_of_town(values: dict[str, dict[str, float]], peaks: dict[str, HourlySums]) -> dict[str, dict[str, Any]]:
    """Six homes in the ward, four in the town itself."""
    area_of = {f"m{i}": "ward" if i < 6 else "town" for i in range(10)}
    family = FamilyMonth(POWER, "GBP", {"m0": 5.0}, {f"m{i}": 50.0 for i in range(10)}, {}, {}, peaks)
    released = {name: first_edition(AREAS, area_of, values.get(name, {}), LIMITS) for name in measures_of(POWER)}
    return {row["area_id"]: row for row in summary_rows(AREAS, family, released, LIMITS, 4)}


def test_what_follows_from_the_sums() -> None:
    meters = [f"m{i}" for i in range(10)]
    energy = dict.fromkeys(meters, 10.0)
    rows = rows_of_town(
        {
            "energy_kwh": energy, "floor_energy_kwh": energy, "own_peak_kw": dict.fromkeys(meters, 2.0),
            "outage_minutes": dict.fromkeys(meters, 90.0), "interruptions": dict.fromkeys(meters, 0.5),
            "cost": dict.fromkeys(meters[:3], 3.0),
        },
        {"ward": HourlySums(np.array([6.0, 3.0]), np.array([2.0, 1.0])),
         "town": HourlySums(np.array([4.0, 1.0]), np.array([2.0, 1.0]))},
    )  # fmt: skip
    town, ward = rows["town"], rows["ward"]
    assert (town["meters"], town["energy_kwh"], town["energy_per_meter_kwh"]) == (10, 100, 10)
    assert (town["energy_per_m2_kwh"], town["imputed_share"], town["gini"]) == (0.2, 0.05, 0)
    assert (town["peak_kw"], town["coincidence"]) == (10, 0.5)
    assert (town["saidi_minutes"], town["saifi"], town["caidi_minutes"]) == (90, 0.5, 180)
    assert (ward["meters"], ward["peak_kw"], ward["coincidence"]) == (6, 6, 0.5)
    # Three bills are too few to be told, and nothing of them is: no sum, no number, no currency.
    assert {"cost", "currency"} & set(town) == set()
    assert "cost" in town["withheld"]
    assert "energy_kwh" not in town["withheld"]


def test_nothing_of_a_withheld_cell_is_told() -> None:
    values = {name: dict.fromkeys([f"m{i}" for i in range(3)], 1.0) for name in measures_of(POWER)}
    for row in rows_of_town(values, {"ward": HourlySums(np.ones(2), np.ones(2))}).values():
        assert set(row) == {"area_id", "parent_area_id", "category", "fuel", "flow", "withheld"}
        assert row["withheld"] == list(measures_of(POWER))


def test_no_peak_is_told_in_whose_hour_one_meter_is_most_of_a_piece() -> None:
    energy = dict.fromkeys([f"m{i}" for i in range(10)], 10.0)
    # In the town's highest hour the ward is fair, but of the town's own homes one uses most.
    sums = {
        "ward": HourlySums(np.array([6.0, 3.0]), np.array([2.0, 1.0])),
        "town": HourlySums(np.array([4.0, 1.0]), np.array([3.0, 0.4])),
    }
    rows = rows_of_town({"energy_kwh": energy}, sums)
    assert "peak_kw" not in rows["town"]
    assert rows["ward"]["peak_kw"] == 6


def test_a_second_edition_says_the_same_units_in_the_same_areas() -> None:
    area_of = {f"m{i}": "ward" if i < 6 else "town" for i in range(10)}
    first = first_edition(AREAS, area_of, dict.fromkeys(area_of, 1.0), LIMITS)
    corrected = {meter: 1.5 if area == "ward" else 1.0 for meter, area in area_of.items()} | {"late": 7.0, "m9": 2.0}
    second = second_edition(AREAS, first, corrected, LIMITS)
    assert second.areas == first.areas == {"town", "ward"}
    assert sum(second.told(AREAS)["ward"].values()) == 9
    # Of the town's own homes only one changed: they stay.
    assert sum(second.told(AREAS)["town"].values()) == 13
