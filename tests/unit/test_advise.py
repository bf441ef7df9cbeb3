"""Advice from a hand-made lake: a peak and a price worked out by hand, how it ends, and the same in any batches."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from advised_lake import CHEAP, DEMAND, MARKET, ORIGIN, AdvisedSite, plan, prepared, prices, quarter, read
from planned_lake import SITE, publish

from energy_lib.errors import TryAgain
from energy_lib.intervals import DAY
from energy_lib.lake.table_lock import only_process
from energy_lib.models.config import load_config
from energy_lib.streaming.pipeline.advise import JOB, advise
from energy_lib.tables import references, silver
from energy_lib.tables.answers.alerts import ALERTS
from energy_lib.tables.answers.schedules import SCHEDULES

Said = list[tuple[str, str]]


def run(lake: AdvisedSite, *settings: str) -> None:
    config, _ = load_config(None, [f"lake={lake.root}", *settings])
    advise(config, once=True)


def said(lake: AdvisedSite) -> Said:
    return [(f"{row['told_at_utc']:%H:%M}", row["event"]) for row in lake.advice()]


@pytest.fixture
def peaked(tmp_path: Path) -> AdvisedSite:
    """A charger planned from 10 to 11, 31 kW as the highest import so far, and 20 kW ± 5 an hour as forecast."""
    lake = prepared(str(tmp_path / "lake"), [CHEAP, DEMAND])
    plan(lake)
    return begun(lake)


@pytest.fixture
def priced(tmp_path: Path) -> AdvisedSite:
    """The charger planned from 12 to 13, the hour that the market had cheapest."""
    lake = prepared(str(tmp_path / "lake"), [MARKET])
    rows = [row for row in lake.small_tables.rows(references.TARIFFS) if row["charge"] == "price_series"]
    lake.small_tables.replace(references.TARIFFS, rows, lake.small_tables.version(references.TARIFFS))
    prices(lake, {hour: 0.10 if hour % 24 == 12 else 0.20 for hour in range(96)}, ORIGIN - DAY)
    plan(lake)
    return lake


def begun(lake: AdvisedSite, hour: int = 7) -> AdvisedSite:
    """A first run tells of what comes from then on."""
    read(lake, [quarter(hour, part, 5.0) for part in range(3)])
    run(lake)
    return lake


def before(*hours: int) -> list[dict[str, Any]]:
    return [quarter(hour, part, 5.0) for hour in hours for part in range(4)]


def test_a_peak_is_told_in_its_hour_with_what_to_do_and_its_worth(peaked: AdvisedSite) -> None:
    """By 10:30 18 kWh were read, and 12.5 may come (p95), with the charger's 4: 34.5 kW.

    At 10:35 the charger has 4 kW for 25 minutes to give up: 1.667 kW at 10.00, less 0.10 a kWh that is dearer later.
    """
    read(peaked, [*before(8, 9), quarter(10, 0, 9.0)])
    run(peaked)
    assert said(peaked) == []  # 31.75 kW, and likely by 0.14 alone
    read(peaked, [quarter(10, 1, 9.0)])
    run(peaked)
    read(peaked, [quarter(10, 2, 9.0)])
    run(peaked)
    (row, *_) = peaked.advice()
    assert (row["event"], row["type"], row["site_id"]) == ("raised", "demand_peak", SITE)
    assert row["told_at_utc"] == ORIGIN + timedelta(hours=10, minutes=35)
    assert row["worth"] == pytest.approx(1.66667 * (10.0 - 0.10), abs=1e-3)
    assert (row["hour_value"], row["usual_value"]) == (pytest.approx(34.5), 31.0)
    # 18 + q / 2 + 4 > 31 where the hour's rate q is above 18: its quantile is 0.5 - 0.45 * 2 / 5.
    assert row["likelihood"] == pytest.approx(0.68)
    assert row["valid_until_utc"] == ORIGIN + timedelta(hours=11)
    step = json.loads(row["steps"])[0]
    assert (step["asset_id"], step["planned_kw"], step["power_kw"]) == ("charger", 4.0, 0.0)
    assert (step["from_utc"], step["to_utc"]) == ("2024-03-05T10:35:00Z", "2024-03-05T11:00:00Z")


def test_its_time_is_over_with_its_hour_and_it_is_not_told_again(peaked: AdvisedSite) -> None:
    parts = [quarter(10, part, 9.0) for part in range(4)]
    read(peaked, [*before(8, 9), *parts, *before(11, 12, 13)])
    run(peaked)
    assert [each for each in said(peaked) if each[1] != "updated"] == [("10:35", "raised"), ("11:00", "expired")]
    assert peaked.advice()[-1]["state"] == "over"


def test_a_load_as_forecast_and_a_peak_that_was_there_tell_nothing(peaked: AdvisedSite, tmp_path: Path) -> None:
    read(peaked, before(8, 9, 10, 11))
    run(peaked)
    higher = prepared(str(tmp_path / "higher"), [CHEAP, DEMAND], peak_kw=40.0)
    plan(higher)
    begun(higher)
    read(higher, [*before(8, 9), *(quarter(10, part, 9.0) for part in range(4)), *before(11)])
    run(higher)
    assert (said(peaked), said(higher)) == ([], [])


def test_a_meter_that_an_alert_doubts_is_not_taken_as_it_comes(peaked: AdvisedSite) -> None:
    at = ORIGIN + timedelta(hours=10, minutes=16)
    alert = dict.fromkeys(ALERTS.column_names) | {
        "alert_id": "a", "event": "raised", "told_at_utc": at, "meter_id": "m", "type": "spike", "state": "open",
        "severity": "high", "start_utc": at, "end_utc": at, "day_local": at.date(), "statistic": "spike",
        "score": 2.0, "statistic_limit": 4.0, "evidence": [], "rule_version": "1", "query": "q", "batch_id": 1,
    }  # fmt: skip
    peaked.small_tables.append(ALERTS, [alert])
    read(peaked, [*before(8, 9), *(quarter(10, part, 9.0) for part in range(4)), *before(11)])
    run(peaked)
    assert said(peaked) == []


def test_a_price_is_told_when_it_is_known_and_withdrawn_when_it_is_gone(priced: AdvisedSite) -> None:
    """4 kWh at 0.20 instead of 2.20."""
    begun(priced)
    read(priced, before(8))
    run(priced)
    prices(priced, {12: 2.20}, ORIGIN + timedelta(hours=9, minutes=2))
    read(priced, before(9))
    run(priced)
    (row,) = priced.advice()
    assert (row["event"], row["type"], row["currency"], row["likelihood"]) == ("raised", "price_spike", "GBP", 1.0)
    assert row["told_at_utc"] == ORIGIN + timedelta(hours=9, minutes=5)
    assert (row["worth"], row["expected_saving"]) == (pytest.approx(8.0), pytest.approx(8.0))
    assert (row["hour_utc"], row["hour_value"]) == (ORIGIN + timedelta(hours=12), 2.2)
    assert row["origin_utc"] == ORIGIN
    prices(priced, {12: 0.10}, ORIGIN + timedelta(hours=9, minutes=32))
    read(priced, [quarter(10, 0, 5.0)])
    run(priced)
    assert said(priced)[-1] == ("10:05", "withdrawn")
    # Less than twice what it was worth: it is not told again for the same hours.
    prices(priced, {12: 2.30}, ORIGIN + timedelta(hours=10, minutes=16))
    read(priced, before(11))
    run(priced)
    assert len(said(priced)) == 2


def test_what_the_next_plan_knows_is_planned_by_the_night(priced: AdvisedSite) -> None:
    begun(priced)
    prices(priced, {36: 2.20}, ORIGIN + timedelta(hours=9, minutes=2))
    read(priced, before(8, 9))
    run(priced)
    assert said(priced) == [("09:05", "raised")]
    plan(priced, ORIGIN + DAY)
    read(priced, before(24))
    run(priced)
    assert [event for _, event in said(priced)] == ["raised", "planned_by_night"]
    assert priced.advice()[-1]["reason"] == "the plan of 2024-03-06 00:00 UTC knows what it was raised for"


def cost_by_plan(lake: AdvisedSite) -> float:
    """What the charger costs by gold.schedules, at the prices known by now."""
    price = {row["interval_start_utc"]: row["price_per_kwh"] for row in lake.small_tables.rows(silver.PRICES)}
    rows = lake.small_tables.read(SCHEDULES, where="asset_id = 'charger'").to_pylist()
    return sum(row["power_kw"] * price[row["interval_start_utc"]] for row in rows)


def test_advice_for_the_same_inputs_is_what_the_night_would_plan(priced: AdvisedSite) -> None:
    """At the origin itself: its worth is by how much the night's plan is better, once it knows the price, too."""
    begun(priced, -1)
    prices(priced, {12: 2.20}, ORIGIN - timedelta(minutes=1))
    read(priced, [quarter(-1, 3, 5.0), quarter(0, 0, 5.0)])
    run(priced)
    (row,) = priced.advice()
    assert (row["told_at_utc"], row["event"]) == (ORIGIN, "raised")
    dear = cost_by_plan(priced)
    plan(priced)
    assert row["worth"] == pytest.approx(dear - cost_by_plan(priced), abs=1e-6)
    # The night's plan does so by itself, and nothing is left to be said.
    read(priced, [quarter(0, 1, 5.0)])
    run(priced)
    assert [event for _, event in said(priced)] == ["raised", "withdrawn"]


def test_works_that_were_declared_suppress_it(priced: AdvisedSite) -> None:
    event = {
        "event_id": "works", "kind": "shutdown", "site_id": SITE, "start_utc": ORIGIN, "end_utc": ORIGIN + DAY,
        "landed_at_utc": ORIGIN,
    }  # fmt: skip
    publish(priced.as_lake, references.EVENTS, [event])
    begun(priced)
    prices(priced, {12: 2.20}, ORIGIN + timedelta(hours=9, minutes=2))
    read(priced, before(8, 9))
    run(priced)
    assert [row["suppressed"] for row in priced.advice()] == ["declared"]


def test_more_than_the_budget_is_suppressed_unless_it_is_grave(priced: AdvisedSite) -> None:
    begun(priced)
    prices(priced, {12: 2.20}, ORIGIN + timedelta(hours=8, minutes=2))
    read(priced, before(8))
    run(priced, "advice.per_site_month=1")
    plan(priced, ORIGIN + DAY)
    prices(priced, {36: 2.20}, ORIGIN + timedelta(hours=25))
    read(priced, before(24, 25))
    run(priced, "advice.per_site_month=1")
    raised = [row for row in priced.advice() if row["event"] == "raised"]
    assert [(row["severity"], row["suppressed"]) for row in raised] == [("low", None), ("low", "budget")]
    plan(priced, ORIGIN + 2 * DAY)
    prices(priced, {60: 50.0}, ORIGIN + timedelta(hours=49))
    read(priced, before(48, 49))
    run(priced, "advice.per_site_month=1")
    last = priced.advice()[-1]
    assert (last["event"], last["severity"], last["suppressed"]) == ("raised", "high", None)


@pytest.mark.parametrize("size", [1, 5, 7])
def test_the_same_is_told_however_the_readings_are_cut(peaked: AdvisedSite, tmp_path: Path, size: int) -> None:
    rows = [*before(8, 9), *(quarter(10, part, 9.0) for part in range(4)), *before(11, 12)]
    cut = prepared(str(tmp_path / "cut"), [CHEAP, DEMAND])
    plan(cut)
    begun(cut)
    for first in range(0, len(rows), size):
        read(cut, rows[first : first + size])
        run(cut)
    read(peaked, rows)
    run(peaked)
    told, whole = cut.advice(), peaked.advice()
    assert told == whole
    assert told


def test_one_process_advises_and_a_run_that_is_done_adds_nothing(peaked: AdvisedSite) -> None:
    read(peaked, [*before(8, 9), *(quarter(10, part, 9.0) for part in range(3))])
    run(peaked)
    told = peaked.advice()
    run(peaked)
    assert peaked.advice() == told
    assert told
    with only_process(peaked.root, JOB), pytest.raises(TryAgain, match="Another process runs advise"):
        run(peaked)
