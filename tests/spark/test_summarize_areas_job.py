"""The job summarize_areas on a lake made by hand: what is told, what is withheld, and what is told a second time."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from account_rows import Row, at, charge, factor, hours, meter, table_of

from energy_lib.config import AccessConfig, Config
from energy_lib.entry import run_with_lease
from energy_lib.insights.access.pipeline import summarize
from energy_lib.insights.access.pipeline.summarize import WRITTEN
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.tables import references, silver
from energy_lib.tables.answers.access import (
    ACCESS_INDICATORS,
    AREA_RELEASES,
    AREA_SUMMARIES,
    PRIVACY_BUDGET,
    PRIVATE_AREA_STATISTICS,
)
from energy_lib.tables.table import Table
from jobs import account, summarize_areas

SMALL = AccessConfig(min_meters=3, min_homes=4, largest_share=0.4, epsilon=1.0, epsilon_per_year=1.5)
NORTH, EAST = [f"n{i}" for i in range(8)], [f"e{i}" for i in range(6)]
SOUTH = ["s0", "s1"]


def run(lake: Lake, day: str) -> Outcome:
    """Account, and then tell."""
    config, period = Config(lake=lake.root, access=SMALL), Period.day(date.fromisoformat(day))
    run_with_lease("account", lake.spark, config, period, account.run)
    return run_with_lease("summarize_areas", lake.spark, config, period, summarize_areas.run)


def put(lake: Lake, table: Table, rows: list[Row]) -> None:
    lake.upsert(table, table_of(table, rows))


def told(lake: Lake, area: str, edition: int, table: Table = AREA_SUMMARIES, **key: str) -> Row:
    rows: list[Row] = lake.small_tables.rows(table)
    wanted = {"area_id": area, "edition": edition, "month": date(2024, 3, 1), **key}
    [row] = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return row


def energy(lake: Lake, edition: int) -> dict[str, float | None]:
    return {area: told(lake, area, edition)["energy_kwh"] for area in ("town", "north", "east", "south")}


def versions(lake: Lake) -> dict[str, int]:
    return {table.full_name: lake.version(table) for table in WRITTEN}


def month_of(meter_id: str, kwh: float, **values: Any) -> list[Row]:
    return hours(meter_id, "2024-03-01 00:00", [kwh] * 743, **values)


def test_nights_of_a_town(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """One story, as each night costs seconds; the chapters follow one another."""
    rows = []
    for area, homes in (("north", NORTH), ("east", EAST), ("south", SOUTH)):
        for home in homes:
            place = {"area_id": area, "use": "dwelling", "building_id": f"b-{home}", "floor_area_m2": 50.0}
            rows.append(meter(home, payment="prepay" if area == "north" else "credit", **place))
    put(lake, silver.METERS, rows)
    plain = dict.fromkeys(references.AREAS.column_names)
    areas = [plain | {"area_id": name, "parent_area_id": "town"} for name in ("north", "east", "south")]
    put(lake, references.AREAS, [*areas, plain | {"area_id": "town"}])
    outage = dict.fromkeys(references.EVENTS.column_names) | {"event_id": "o", "kind": "outage", "area_id": "town"}
    outage |= {"start_utc": at("2024-03-02 00:00"), "end_utc": at("2024-03-02 01:30")}
    of_one = outage | {"event_id": "p", "area_id": None, "meter_id": "n0", "start_utc": at("2024-03-03 00:00")}
    put(lake, references.EVENTS, [outage, of_one | {"end_utc": at("2024-03-03 12:30")}])
    put(lake, references.EMISSION_FACTORS, [factor(0.2)])
    put(lake, references.TARIFFS, [charge("unit_rate", 0.25)])
    put(lake, silver.HOURLY, [row for home in (*NORTH, *EAST, *SOUTH) for row in month_of(home, 1.0)])
    # Four of eight prepaid homes are off for five hours: neither answer is rare.
    for home in NORTH[:4]:
        put(lake, silver.HOURLY, hours(home, "2024-03-10 10:00", [0.0] * 5))
    nothing_is_told_before_the_month_is_closed(lake)
    a_killed_run_tells_what_it_was_about_to(lake, monkeypatch)
    the_smallest_ward_is_withheld_with_a_sister(lake)
    running_again_changes_nothing(lake)
    a_month_beyond_the_budget_is_not_told_privately(lake)
    a_settled_month_is_told_once_more_where_that_tells_of_no_home(lake)


def nothing_is_told_before_the_month_is_closed(lake: Lake) -> None:
    assert run(lake, "2024-04-10").rows_out == 0
    assert lake.version(AREA_SUMMARIES) == -1


def a_killed_run_tells_what_it_was_about_to(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(summarize, "_write", _killed)
        with pytest.raises(KeyboardInterrupt):
            run(lake, "2024-04-11")
    assert not lake.small_tables.empty(AREA_RELEASES)
    # Were the corrected hour told now, what the killed run may have told would give the home away.
    put(lake, silver.HOURLY, hours("e0", "2024-03-05 00:00", [9.0]))
    run(lake, "2024-04-11")
    assert energy(lake, 1)["town"] == 16 * 743 - 4 * 5
    # Of four areas the two counts and two fuels, with noise, whatever is withheld.
    assert len(lake.small_tables.rows(PRIVATE_AREA_STATISTICS)) == 16
    [spent] = lake.small_tables.rows(PRIVACY_BUDGET)
    assert (spent["month"], spent["draw"], spent["epsilon"]) == (date(2024, 3, 1), 1, 1)


def the_smallest_ward_is_withheld_with_a_sister(lake: Lake) -> None:
    # The two homes of the south are too few, and the town with north and east would give them away: east goes.
    assert energy(lake, 1) == {"town": 11868, "north": 5924, "east": None, "south": None}
    south, north = told(lake, "south", 1), told(lake, "north", 1)
    key = {*AREA_SUMMARIES.key, "parent_area_id", "is_final", "reported_at_utc", "withheld"}
    assert {name for name, value in south.items() if value is not None} == key
    assert (north["meters"], north["energy_per_meter_kwh"], north["peak_kw"], north["currency"]) == (8, 740.5, 8, "GBP")
    assert north["energy_per_m2_kwh"] == pytest.approx(5924 / 400)
    assert north["emissions_kg"] == pytest.approx(5924 * 0.2)
    assert north["cost"] == pytest.approx(5924 * 0.25 * 1.2)
    # One home had most of the minutes: (8 x 90 + 750) / 8, and 9 interruptions of 8 homes.
    assert (north["saidi_minutes"], north["saifi"]) == (183.75, 1.125)
    assert north["caidi_minutes"] == pytest.approx(1470 / 9)
    # No weather is known, and no recommendation made.
    assert {"normalised_kwh", "saving_kwh_per_year"} <= set(north["withheld"])
    off = told(lake, "north", 1, ACCESS_INDICATORS, indicator="self_disconnected")
    assert (off["homes"], off["share"], off["is_withheld"]) == (8, 0.5, False)
    assert told(lake, "east", 1, ACCESS_INDICATORS, indicator="self_disconnected")["is_withheld"]
    assert told(lake, "north", 1, ACCESS_INDICATORS, indicator="colder_fed")["homes"] is None


def running_again_changes_nothing(lake: Lake) -> None:
    before = versions(lake)
    assert run(lake, "2024-04-11").rows_out == 0
    run(lake, "2024-05-01")
    assert versions(lake) == before


def a_month_beyond_the_budget_is_not_told_privately(lake: Lake) -> None:
    put(lake, silver.HOURLY, [row for home in NORTH for row in hours(home, "2024-03-31 23:00", [1.0] * 720)])
    outcome = run(lake, "2024-05-11")
    [refused] = [line for line in outcome.lines if "privately" in line]
    assert refused.endswith("of access.epsilon_per_year 1.5 the months around it have spent 1")
    assert len(lake.small_tables.rows(PRIVACY_BUDGET)) == 1
    assert {row["month"].month for row in lake.small_tables.rows(AREA_SUMMARIES)} == {3, 4}


def a_settled_month_is_told_once_more_where_that_tells_of_no_home(lake: Lake) -> None:
    for home in NORTH:
        put(lake, silver.HOURLY, hours(home, "2024-03-20 00:00", [2.0]))
    run(lake, "2024-07-20")
    # All homes of the north changed by one kWh, one of the others by eight: that one is not told.
    assert energy(lake, 2) == {"town": 11876, "north": 5932, "east": None, "south": None}
    north = told(lake, "north", 2)
    assert (north["is_final"], north["peak_kw"], north["meters"]) == (True, 8, 8)
    before = versions(lake)
    put(lake, silver.HOURLY, hours("n0", "2024-03-20 00:00", [3.0]))
    run(lake, "2024-08-01")
    assert versions(lake) == before


def _killed(*_: object) -> None:
    raise KeyboardInterrupt
