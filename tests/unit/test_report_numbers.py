"""The numbers on the report's pages are those of the lake, as its night knew them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from deltalake import DeltaTable
from report_lake import DAY, HOSTILE, ORIGIN, energy, make_lake, put

from energy_lib.errors import BadConfig, InputMissing
from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.pages.actions import plan_by_asset, totals
from energy_lib.reporting.pages.data_quality import gates
from energy_lib.reporting.pages.details import hour_by_day, like_buildings
from energy_lib.reporting.pages.forecasts import calibration, wape_by
from energy_lib.reporting.pages.overview import change_share, with_state
from energy_lib.reporting.reading.buildings import read_buildings
from energy_lib.reporting.reading.carbon import read_carbon
from energy_lib.reporting.reading.data_quality import read_data_quality
from energy_lib.reporting.reading.details import read_details
from energy_lib.reporting.reading.forecasts import read_forecasts
from energy_lib.reporting.reading.overview import read_overview
from energy_lib.reporting.report_tables import ReportTables

NIGHT = AsOf(DAY)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> ReportTables:
    return ReportTables(str(make_lake(tmp_path_factory.mktemp("lake"))))


def local_hours(day: date) -> list[datetime]:
    """The hours of a day of British Summer Time, in UTC."""
    first = datetime(day.year, day.month, day.day, tzinfo=ORIGIN.tzinfo) - timedelta(hours=1)
    return [first + timedelta(hours=n) for n in range(24)]


def test_yesterday_is_the_local_day_before(lake: ReportTables) -> None:
    rows = read_overview(lake, NIGHT).yesterday.rows.set_index(["fuel", "currency"])
    office = sum(energy("m-office", hour) for hour in local_hours(DAY - timedelta(days=1)))
    assert rows.loc[("electricity", "GBP"), "energy_kwh"] == pytest.approx(office)
    assert rows.loc[("electricity", "GBP"), "cost"] == pytest.approx(office * 0.25)
    assert rows.loc[("electricity", "GBP"), "emissions_kgco2e"] == pytest.approx(office * 0.2)
    assert rows.loc[("gas", "GBP"), "usual_days"] == 4


def test_the_report_equals_another_reader_of_the_table(lake: ReportTables) -> None:
    """pandas over Polars, a query of its own."""
    hours = pl.read_delta(str(lake.root / "gold" / "hourly_accounts")).to_pandas()
    of_day = hours[(pd.to_datetime(hours["local_day"]) == pd.Timestamp("2024-06-01")) & (hours["flow"] == "import")]
    shown = read_overview(lake, NIGHT).yesterday.rows
    assert shown["energy_kwh"].sum() == pytest.approx(of_day["energy_kwh"].sum())
    assert shown["cost"].sum() == pytest.approx(float(of_day["cost"].dropna().astype(float).sum()))


def test_what_is_not_known_is_null_with_its_reason(lake: ReportTables) -> None:
    rows = read_overview(lake, NIGHT).yesterday.rows.set_index("currency")
    assert pd.isna(rows.loc["XXX", "cost"])
    assert rows.loc["XXX", "cost_reason"] == "no_tariff"
    assert rows.loc["XXX", "emissions_reason"] == "no_carbon_region"


def test_a_figure_names_its_tables_and_versions(lake: ReportTables) -> None:
    overview = read_overview(lake, NIGHT)
    newest = DeltaTable(str(lake.root / "gold" / "hourly_accounts")).version()
    assert overview.yesterday.sources == {"gold.hourly_accounts": newest, "silver.meters": 2}
    assert overview.months.sources == {"gold.costs": -1, "gold.emissions": -1}


def test_statements_are_those_of_the_night(tmp_path: Path) -> None:
    common = {"group_kind": "portfolio", "group_id": "*", "fuel": "gas", "flow": "import", "scope": "scope_1",
              "meters_missing": 0, "month": date(2024, 5, 1), "market_hours": 0, "marginal_hours": 0}  # fmt: skip
    later = ORIGIN + timedelta(days=1)
    put(tmp_path, "gold.emissions",
        common | {"statement": 1, "emissions_g": 1000, "reported_at_utc": ORIGIN, "superseded_at_utc": later},
        common | {"statement": 2, "emissions_g": 3000, "reported_at_utc": later})  # fmt: skip
    lake = ReportTables(str(tmp_path))
    first, second = (read_carbon(lake, AsOf(DAY + timedelta(days=n))).months.rows for n in (0, 1))
    assert first["emissions_kgco2e"].tolist() == [1.0]
    assert second["emissions_kgco2e"].tolist() == [3.0]


def test_an_event_counts_from_the_night_that_saw_it(lake: ReportTables) -> None:
    assert read_overview(lake, NIGHT).wrong.rows["meter_id"].tolist() == [HOSTILE]
    assert read_overview(lake, AsOf(DAY - timedelta(days=1))).wrong.empty


def test_one_cause_is_one_line_with_all_its_ways_counted_once(tmp_path: Path) -> None:
    seen = {"meter_id": "m", "fuel": "gas", "building_id": "b", "currency": "GBP", "start_utc": ORIGIN,
            "end_utc": ORIGIN, "last_updated_utc": ORIGIN, "state": "open", "severity": "low"}  # fmt: skip
    put(tmp_path, "silver.meters", {"meter_id": "m", "fuel": "gas", "building_id": "b", "registered_by": "registry"})
    put(tmp_path, "gold.anomalies",
        seen | {"anomaly_id": "step", "energy_kwh": 9.0, "counted_kwh": 8.0, "cost": 1.5, "counted_cost": 1.25},
        seen | {"anomaly_id": "nights", "explained_by": "step", "energy_kwh": 5.0, "counted_kwh": 2.0, "cost": 1.0,
                "counted_cost": 0.5},
        # What explains it is over: it stands for itself.
        seen | {"anomaly_id": "over", "state": "closed", "energy_kwh": 7.0, "counted_kwh": 7.0},
        seen | {"anomaly_id": "on", "explained_by": "over", "severity": "high", "energy_kwh": 4.0, "counted_kwh": 1.0},
        # A version of an earlier rule says nothing of what counts.
        seen | {"anomaly_id": "old", "severity": "medium", "energy_kwh": 6.0, "cost": 3.0})  # fmt: skip
    lake = ReportTables(str(tmp_path))
    wrong = read_overview(lake, NIGHT).wrong.rows
    assert wrong["energy_kwh"].tolist() == [1.0, 6.0, 10.0]
    assert wrong["cost"].fillna(0).tolist() == [0.0, 3.0, 1.75]
    assert read_buildings(lake, NIGHT).buildings.rows["open_events"].tolist() == [3]
    parts = read_details(lake, NIGHT, ["b"]).events.rows.set_index("energy_kwh")["part_of"]
    assert parts[5.0] == parts[4.0] == "stuck"
    assert pd.isna(parts[9.0])


def test_wape_and_calibration_by_hand(lake: ReportTables) -> None:
    slices = read_forecasts(lake, NIGHT).slices.rows
    assert set(slices["run_kind"]) == {"backtest"}
    by_hour = wape_by(slices, "horizon_hours").set_index(["model_name", "horizon_hours"])["wape"]
    # Three meters of 2.0, 1.0 and 0.5 kWh, each 0.2 or 0.4 off.
    assert by_hour["dense", 1] == pytest.approx(0.6 / 3.5)
    assert by_hour["seasonal_naive_168h", 1] == pytest.approx(1.2 / 3.5)
    came = calibration(slices).set_index(["model_name", "said"])["came"]
    # The model's p10 lies 0.1 below what came, its p25 0.05 below, its p50 0.2 above.
    assert came["dense", 0.25] == 0.0
    assert came["dense", 0.5] == 1.0


def test_cells_are_those_that_every_model_forecast(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    put(lake, "gold.forecasts", {
        "meter_id": "m-gas", "origin_utc": ORIGIN - timedelta(days=1), "interval_start_utc": ORIGIN - timedelta(days=1),
        "model_name": "third", "model_version": "1", "run_kind": "backtest", "fuel": "gas", "horizon_hours": 1,
        "p50": 9.0, "imputed_share": 0.0,
    })  # fmt: skip
    slices = read_forecasts(ReportTables(str(lake)), NIGHT).slices.rows
    assert slices.groupby("model_name")["cells"].sum().to_dict() == {"dense": 1, "seasonal_naive_168h": 1, "third": 1}


def test_four_weeks_of_origins_are_scored_whichever_week_they_are_in(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    for days in (7, 8, 28, 29):
        origin = ORIGIN - timedelta(days=days)
        put(lake, "gold.forecasts", *({
            "meter_id": "m-gas", "origin_utc": origin, "interval_start_utc": origin + timedelta(hours=n),
            "model_name": "dense", "model_version": "1", "run_kind": "live", "fuel": "gas", "horizon_hours": n + 1,
            "p50": 1.5, "imputed_share": 0.0,
        } for n in (0, 100)))  # fmt: skip
    slices = read_forecasts(ReportTables(str(lake)), NIGHT).slices.rows
    live = slices[slices["run_kind"] == "live"]
    # The origin of 29 days ago is too old. Each cell is half a kWh off; an hour is known though its week is over.
    assert live["cells"].sum() == 3 * 2
    assert live["absolute_error_kwh"].sum() == pytest.approx(6 * 0.5)
    # Origins of different weeks add up within a slice.
    assert live.groupby("horizon_hours")["cells"].sum().to_dict() == {1: 3, 101: 3}


def test_data_are_late_by_the_origin(lake: ReportTables) -> None:
    fresh = with_state(read_overview(lake, NIGHT).freshness, NIGHT).rows.set_index(["data", "part"])["state"]
    assert fresh["readings", "gas"] == "fresh"
    three_days_on = AsOf(DAY + timedelta(days=3))
    late = with_state(read_overview(lake, three_days_on).freshness, three_days_on).rows
    assert set(late.loc[late["data"] == "readings", "state"]) == {"late"}


def test_hours_of_a_day_are_counted_once(lake: ReportTables) -> None:
    days = read_data_quality(lake, NIGHT).days.rows
    assert len(days) == 28
    assert set(days["hours_read"]) == {72}
    assert days["hours_unknown"].sum() == 0


def test_days_of_23_and_25_hours_fit_the_map() -> None:
    for day, missing in ((date(2024, 3, 31), 1), (date(2024, 10, 27), 0)):
        first = pd.Timestamp(day, tz="Europe/London").tz_convert("UTC").tz_localize(None)
        count = 23 if missing else 25
        hours = pd.DataFrame({"interval_start_utc": pd.date_range(first, periods=count, freq="h"),
                              "energy_kwh": np.arange(count, dtype=float)})  # fmt: skip
        days, grid = hour_by_day(hours, "Europe/London", day)
        assert days[-1] == pd.Timestamp(day)
        assert int(np.isnan(grid[-1]).sum()) == missing
    # Of the hour that comes twice (1 and 2) the mean.
    assert grid[-1][1] == 1.5


def test_details_hold_what_their_building_has_alone(lake: ReportTables) -> None:
    details = read_details(lake, NIGHT, ["b-office"])
    assert set(details.hours.rows["meter_id"]) == {"m-office", "m-gas"}
    day = details.of_meter("days", "m-office").rows.set_index("local_day").loc[pd.Timestamp("2024-05-20")]
    assert day["energy_kwh"] == pytest.approx(24 * 2.0 + 0.1)
    assert day["base_kw"] == pytest.approx(2.0)


def test_like_buildings_are_at_least_eight() -> None:
    like = pd.DataFrame({"building_id": [f"b{n}" for n in range(9)], "use": "office", "fuel": "gas",
                         "kwh_per_m2": np.arange(9, dtype=float)})  # fmt: skip
    (found,) = like_buildings(like, "b8")
    assert (found.own, found.count, found.quartiles) == (8.0, 9, (2.0, 4.0, 6.0))
    (few,) = like_buildings(like.iloc[:7], "b0")
    assert few.quartiles is None


def test_sums_of_nothing_are_null() -> None:
    offered = pd.DataFrame(
        {
            "priority_rank": [1, 2, None],
            "currency": ["GBP", "GBP", "GBP"],
            "counted_energy_kwh_per_year": [None, None, 7.0],
            "counted_cost_per_year": [5.0, None, 100.0],
            "counted_carbon_kg_per_year": [np.nan, np.nan, np.nan],
        }
    )
    row = totals(offered).iloc[0]
    assert row["counted_cost_per_year"] == 5.0
    assert pd.isna(row["counted_energy_kwh_per_year"])
    assert pd.isna(row["counted_carbon_kg_per_year"])
    plan = pd.DataFrame({"site_id": "s", "asset_id": "a", "asset_kind": "battery", "interval_start_utc": [1, 2],
                         "power_kw": [1.0, 2.0], "default_power_kw": [1.0, 0.0], "expected_saving": [np.nan, np.nan],
                         "expected_saving_kgco2e": [1.0, np.nan], "currency": "GBP", "reason": None})  # fmt: skip
    (asset,) = plan_by_asset(plan).to_dict("records")
    assert (asset["hours"], asset["changed_hours"], asset["expected_saving_kgco2e"]) == (2, 1, 1.0)
    assert pd.isna(asset["expected_saving"])


def test_a_change_needs_something_to_hold_it_against() -> None:
    assert change_share(3.0, 2.0) == 0.5
    assert change_share(3.0, 0.0) is None
    assert change_share(None, 2.0) is None


def test_a_gate_says_which_check_a_row_broke() -> None:
    results = """[{"suite": "gold.costs", "success": false, "rows": 3, "warnings": 1, "expectations": [
        {"expectation": "expect_x", "column": "total", "severity": "critical", "success": false, "examples": ["-1"]},
        {"expectation": "expect_y", "column": "month", "severity": "warning", "success": true, "examples": []}]},
        {"proof": "conservation"}]"""
    runs = pd.DataFrame({"job": ["account"], "run_id": ["r"], "finished_at_utc": [ORIGIN], "gate_results": [results]})
    (gate,) = gates(runs).to_dict("records")
    assert (gate["state"], gate["checks"], gate["checks_failed"]) == ("refused", 2, 1)
    assert gate["broken"] == "expect_x of total (critical, such as -1)"


def test_a_lake_without_a_night_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match=r"no forecast.*nightly"):
        ReportTables(str(tmp_path)).newest_day()
    with pytest.raises(BadConfig, match="mount it"):
        ReportTables("s3a://bucket/lake")
