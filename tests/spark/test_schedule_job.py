"""gold.schedules from a hand-made lake: values by hand, plans that go on from one another, what is not planned."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from planned_lake import BATTERY, CHARGER, LIMIT, ORIGIN, SITE, asset, charge, fill, forecast, publish

from energy_lib.config import Config
from energy_lib.entry import run_with_lease
from energy_lib.insights.schedules.pipeline.inputs import Moment, problems_at
from energy_lib.insights.schedules.spark.plans import planned_on_spark
from energy_lib.intervals import DAY, Period
from energy_lib.lake import Lake, Outcome
from energy_lib.tables import gold, references, silver
from energy_lib.tables.answers.schedules import SCHEDULES, WHOLE_SITE
from jobs import schedule

NIGHT = Period.day(ORIGIN.date())


def run(lake: Lake, period: Period = NIGHT) -> Outcome:
    return run_with_lease("schedule", lake.spark, Config(lake=lake.root), period, schedule.run)


def rows(lake: Lake, asset_id: str, origin: Any = ORIGIN) -> pd.DataFrame:
    """An asset's rows of an origin, by hour."""
    frame = lake.small_tables.read(SCHEDULES).to_pandas()
    kept = frame[(frame["asset_id"] == asset_id) & (frame["origin_utc"] == pd.Timestamp(origin))]
    return kept.sort_values("interval_start_utc", ignore_index=True)


def test_a_charger_and_a_battery_move_to_the_night(lake: Lake) -> None:
    fill(lake, [BATTERY, CHARGER])
    outcome = run(lake)
    charger, battery, site = rows(lake, "charger"), rows(lake, "battery"), rows(lake, WHOLE_SITE)
    # One window lies whole in the 48 h. The one before began at 18:00, and the charger was done in time.
    night = charger[(charger.index >= 24) & (charger.index < 30)]
    assert night["power_kw"].sum() == pytest.approx(12.0)
    assert charger["power_kw"].sum() == pytest.approx(12.0)
    assert charger["default_power_kw"].sum() == pytest.approx(12.0)
    assert list(charger["default_power_kw"][18:22]) == [4.0, 4.0, 4.0, 0.0]
    # 12 kWh at 0.20 less, and 0.1 kg less each.
    assert charger["expected_saving"].sum() == pytest.approx(12 * 0.20)
    assert charger["expected_saving_kgco2e"].sum() == pytest.approx(12 * 0.1)
    # Two full cycles: 10 / 0.9 kWh are bought at night, 9 are given back by day.
    assert battery["power_kw"][:6].sum() == pytest.approx(10 / 0.9)
    assert battery["power_kw"].clip(upper=0).sum() == pytest.approx(-18.0)
    assert battery["expected_saving"].sum() == pytest.approx(18 * (0.30 - 0.01) - 20 / 0.9 * 0.10, abs=1e-4)
    assert battery["state_of_charge_kwh"].max() == pytest.approx(10.0)
    assert site["power_kw"].sum() == pytest.approx(48 * 20 + 12 + 20 / 0.9 - 18, abs=1e-4)
    assert not site["is_repeated_forecast"][:24].any()
    assert site["is_repeated_forecast"][24:].all()
    assert set(site["forecast_model"]) == {"dense"}
    assert set(site["imputed_share"]) == {0.25}
    assert set(site["currency"]) == {"GBP"}
    assert site["limit_kw"].isna().all()
    assert site["relaxed_kw"].isna().all()
    assert any("expected to save" in line for line in outcome.lines)


def test_a_second_run_changes_nothing(lake: Lake) -> None:
    fill(lake, [BATTERY, CHARGER, LIMIT])
    run(lake)
    version, before = lake.version(SCHEDULES), lake.small_tables.read(SCHEDULES)
    run(lake)
    assert lake.version(SCHEDULES) == version
    assert lake.small_tables.read(SCHEDULES).equals(before)


def test_the_next_night_goes_on_where_the_plan_before_left(lake: Lake) -> None:
    fill(lake, [BATTERY, CHARGER])
    forecast(lake, ORIGIN + DAY)
    run(lake)
    run(lake, Period.day(NIGHT.first + DAY))
    before, after = (rows(lake, "charger", origin) for origin in (ORIGIN, ORIGIN + DAY))
    assert before["power_kw"][18:24].sum() == 0
    assert after["power_kw"][:6].sum() == pytest.approx(12.0)
    assert after["power_kw"].sum() == pytest.approx(24.0)
    held = rows(lake, "battery")["state_of_charge_kwh"][23]
    battery = rows(lake, "battery", ORIGIN + DAY)
    assert battery["state_of_charge_kwh"][0] == pytest.approx(
        held + 0.9 * battery["power_kw"].clip(lower=0)[0], abs=1e-5
    )


def test_a_limit_that_no_plan_holds_is_relaxed_and_named(lake: Lake) -> None:
    """The upper quantile is 25 kW and the limit 22; the battery can give 5 kW for two hours if it is charged before."""
    fill(lake, [LIMIT, BATTERY])
    run(lake)
    held = rows(lake, WHOLE_SITE)
    assert list(held.index[held["limit_kw"].notna()]) == [16, 17, 40, 41]
    assert held["relaxed_kw"].sum() == pytest.approx(0.0, abs=1e-5)
    assert set(held["limit_asset_ids"].dropna()) == {"grid"}
    lower = asset("grid", "site_limit", 15.0, from_hour=16, to_hour=18)
    publish(lake, references.ASSETS, [lower])
    run(lake)
    relaxed = rows(lake, WHOLE_SITE)
    assert list(relaxed["relaxed_kw"][16:18]) == pytest.approx([5.5, 5.5], abs=0.51)
    assert relaxed["relaxed_kw"][16:18].sum() == pytest.approx(11.0, abs=1e-4)


def test_what_cannot_be_planned_says_why_and_the_rest_is_planned(lake: Lake) -> None:
    never = asset("boiler", "flexible_load", 2.0, energy_kwh=50.0, from_hour=8, to_hour=12)
    roof = asset("roof", "generation", 5.0, meter_id="pv")
    fill(lake, [BATTERY, never, roof])
    run(lake)
    boiler = rows(lake, "boiler")
    assert list(boiler.index[boiler["power_kw"].isna()]) == [8, 9, 10, 11, 32, 33, 34, 35]
    assert boiler["reason"][8] == "impossible_deadline: boiler: 50 kWh are asked for and 2 kW give 8 kWh in 4 h"
    assert set(rows(lake, "roof")["reason"]) == {"no_forecast: meter pv of generation roof"}
    assert rows(lake, "battery")["expected_saving"].sum() > 0


def test_a_site_without_a_price_or_a_forecast_is_null_with_a_reason(lake: Lake) -> None:
    fill(lake, [BATTERY])
    run(lake, Period.day(NIGHT.first + DAY))
    late = rows(lake, "battery", ORIGIN + DAY)
    assert set(late["reason"]) == {f"no_forecast: site {SITE} has none of 2024-03-06 00:00Z"}
    assert late["power_kw"].isna().all()
    unpriced = {
        "meter_id": "m",
        "fuel": "electricity",
        "zone": "Europe/London",
        "site_id": SITE,
        "registered_by": "registry",
    }
    publish(lake, silver.METERS, [unpriced])
    run(lake)
    assert set(rows(lake, "battery")["reason"]) == {"no_tariff"}
    assert rows(lake, "battery")["expected_saving"].isna().all()


def test_without_marginal_intensity_carbon_is_null_and_money_decides(lake: Lake) -> None:
    fill(lake, [BATTERY])
    meter = {
        "meter_id": "m",
        "fuel": "electricity",
        "zone": "Europe/London",
        "site_id": SITE,
        "tariff_id": "two_prices",
    }
    publish(lake, silver.METERS, [meter | {"carbon_region": "FR", "registered_by": "registry"}])
    run(lake)
    battery = rows(lake, "battery")
    assert battery["expected_saving_kgco2e"].isna().all()
    assert set(battery["carbon_reason"]) == {"no_marginal_intensity: FR"}
    assert battery["expected_saving"].sum() > 0


def test_the_peak_of_the_month_so_far_is_no_news(lake: Lake) -> None:
    """The month has a peak of 40 kW already, so that nothing is saved below it."""
    fill(lake, [CHARGER], [charge("demand_per_kw_month", 10.0)])
    at = ORIGIN - timedelta(days=2)
    hour = {
        "meter_id": "m", "fuel": "electricity", "interval_start_utc": at, "energy_kwh": 40.0, "quality": "measured",
        "imputed_share": 0.0, "flags": [], "available_at_utc": at + timedelta(hours=1),
        "interval_month": date(2024, 3, 1),
    }  # fmt: skip
    run(lake)
    alone = rows(lake, WHOLE_SITE)["expected_saving"].sum()
    # The charger is spread over its twelve hours: 1 kW instead of 4.
    assert alone == pytest.approx(10.0 * 3.0, abs=1e-3)
    publish(lake, silver.HOURLY, [hour])
    run(lake)
    assert rows(lake, WHOLE_SITE)["expected_saving"].sum() == 0


def test_without_assets_nothing_is_done(lake: Lake) -> None:
    outcome = run(lake)
    assert outcome.rows_out == 0
    assert lake.version(SCHEDULES) == -1
    assert "nothing to plan" in outcome.lines[0]


def test_what_became_known_after_the_origin_changes_no_plan(lake: Lake) -> None:
    """Marginal intensities of the plan's hours that came later: it takes the means of the past instead."""
    fill(lake, [BATTERY, CHARGER])
    known = lake.small_tables.rows(silver.CARBON_INTENSITY)
    run(lake)
    before = rows(lake, "charger")
    assert not before["is_estimated_intensity"].any()
    past = [row | {"interval_start_utc": row["interval_start_utc"] - 4 * DAY} for row in known]
    late = [row | {"available_at_utc": ORIGIN + timedelta(minutes=1), "intensity_gco2_per_kwh": 900.0} for row in known]
    publish(lake, silver.CARBON_INTENSITY, [*past, *late])
    run(lake)
    after = rows(lake, "charger")
    assert after["is_estimated_intensity"].all()
    assert list(after["expected_saving_kgco2e"]) == pytest.approx(list(before["expected_saving_kgco2e"]))


def test_many_sites_are_planned_by_sparks_workers_alike(lake: Lake) -> None:
    fill(lake, [BATTERY, CHARGER, LIMIT])
    problems = problems_at(
        lake.small_tables,
        Config(lake=lake.root),
        Moment.of_night(ORIGIN),
        lake.small_tables.rows(references.ASSETS),
    )
    run(lake)
    here = lake.small_tables.read(SCHEDULES).to_pandas()
    there = planned_on_spark(lake.spark, problems * 2).to_pandas()
    assert len(there) == 2 * len(here)
    key = ["asset_id", "interval_start_utc"]
    once = there.drop_duplicates(key).sort_values(key, ignore_index=True)
    numbers = ["power_kw", "state_of_charge_kwh", "upper_power_kw", "expected_saving", "limit_kw"]
    pd.testing.assert_frame_equal(once[numbers], here.sort_values(key, ignore_index=True)[numbers])


def test_a_site_with_two_tariffs_is_planned_by_the_one_that_buys_most(lake: Lake) -> None:
    fill(lake, [BATTERY])
    small = {"meter_id": "a", "fuel": "electricity", "zone": "Europe/London", "site_id": SITE, "tariff_id": "homes"}
    publish(lake, silver.METERS, [small | {"registered_by": "registry"}])
    of_meters = [
        {
            "meter_id": meter, "origin_utc": ORIGIN, "interval_start_utc": ORIGIN, "model_name": "dense",
            "model_version": "3", "run_kind": "live", "fuel": "electricity", "horizon_hours": 1, "p50": kwh,
            "imputed_share": 0.0,
        }
        for meter, kwh in (("a", 1.0), ("m", 19.0))
    ]  # fmt: skip
    publish(lake, gold.FORECASTS, of_meters)
    run(lake)
    assert set(rows(lake, "battery")["tariff_id"]) == {"two_prices"}
