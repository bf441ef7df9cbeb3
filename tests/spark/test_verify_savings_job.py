"""The job verify_savings on a small lake: nights, news, corrections, events and nights of the past.

The baseline is published before, so that no test waits for OpenDSM (tests/unit/test_savings_opendsm.py fits one).
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from flat_baseline import publish_flat_baseline
from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.insights.savings.pipeline.inputs import declared_projects
from energy_lib.intervals import DAY, Period
from energy_lib.lake import Lake
from energy_lib.tables import Table, references, silver
from energy_lib.tables.answers import savings
from energy_lib.tables.answers.accounts import HOURLY_ACCOUNTS
from energy_lib.tables.arrow import conform_arrow
from jobs import verify_savings

NIGHT = date(2024, 2, 8)
KNOWN_AT = datetime(2024, 2, 8, tzinfo=UTC)


def write(lake: Lake, table: Table, rows: list[dict[str, object]] | pd.DataFrame) -> None:
    frame = pd.DataFrame(rows)
    lake.upsert(table, conform_arrow(pa.Table.from_pandas(frame, preserve_index=False), table))


def hours(meter_id: str, first: str, end: str, kwh: float) -> pd.DataFrame:
    starts = pd.date_range(first, end, freq="h", tz="UTC", inclusive="left")
    frame = pd.DataFrame({"interval_start_utc": starts, "energy_kwh": kwh, "measured_kwh": kwh, "meter_id": meter_id})
    return frame.assign(
        fuel="electricity", quality="measured", imputed_share=np.float32(0), flags=[[] for _ in starts],
        available_at_utc=starts + pd.Timedelta(hours=1), interval_month=[day.date().replace(day=1) for day in starts],
    )  # fmt: skip


@pytest.fixture
def project(lake: Lake) -> Lake:
    """m1 used 2 kWh an hour in its baseline and 1.5 since; of m2 and its baseline nothing is known."""
    weather = pd.DataFrame({"interval_start_utc": pd.date_range("2023-01-01", "2024-02-10", freq="h", tz="UTC")})
    available = weather["interval_start_utc"] + pd.Timedelta(hours=1)
    weather = weather.assign(
        location_id="w", kind="observed", issued_at_utc=weather["interval_start_utc"], temperature_c=5.0,
        available_at_utc=available,
    )  # fmt: skip
    write(lake, silver.WEATHER, weather)
    meter = {"fuel": "electricity", "zone": "UTC", "weather_location_id": "w", "registered_by": "registry"}
    write(lake, silver.METERS, [{"meter_id": name, **meter} for name in ("m1", "m2")])
    dates = {"measure": "lamps", "baseline_end": date(2024, 1, 1), "reporting_start": date(2024, 2, 1)}
    write(lake, references.PROJECTS, [{"project_id": "p", "meter_id": name, **dates} for name in ("m1", "m2")])
    write(lake, silver.HOURLY, hours("m1", "2023-01-01", "2024-01-01", 2.0))
    write(lake, silver.HOURLY, hours("m1", "2024-01-01", "2024-02-08", 1.5))
    [found, *_] = declared_projects(lake, KNOWN_AT)
    publish_flat_baseline(lake, found, 48.0, KNOWN_AT)
    return lake


def run(lake: Lake, day: date = NIGHT) -> None:
    verify_savings.run(lake.spark, Config(lake=lake.root), Period.day(day))


def rows(lake: Lake, scope: str, meter_id: str = "m1") -> dict[date, dict[str, object]]:
    found = lake.small_tables.read(savings.SAVINGS, where=f"scope = '{scope}' AND meter_id = '{meter_id}'").to_pylist()
    return {row["last_date"]: row for row in found if row["project_id"] == "p"}


def test_a_night_measures_and_the_same_night_again_changes_nothing(project: Lake) -> None:
    run(project)
    total = rows(project, "total")[date(2024, 2, 7)]
    assert (total["state"], total["days"], total["avoided_kwh"]) == ("measured", 7, pytest.approx(7 * 12))
    assert 0 < total["avoided_kwh_low"] < 84 < total["avoided_kwh_high"]
    assert len(rows(project, "day")) == 7
    refused = rows(project, "total", "m2")[date(2024, 2, 7)]
    assert (refused["state"], refused["avoided_kwh"]) == ("disqualified", None)
    assert "row (project_id p, meter_id m2) of silver.projects" in refused["reasons"][0]
    whole = rows(project, "total", "*")[date(2024, 2, 7)]
    assert whole["avoided_kwh"] == pytest.approx(84)
    assert any("m2 of p is left out" in reason for reason in whole["reasons"])
    versions = [project.version(table) for table in savings.TABLES]
    run(project)
    assert [project.version(table) for table in savings.TABLES] == versions


def test_the_next_night_adds_its_day_and_a_correction_changes_its_own(project: Lake) -> None:
    run(project)
    write(project, silver.HOURLY, hours("m1", "2024-02-08", "2024-02-09", 1.0))
    late = hours("m1", "2024-02-03", "2024-02-04", 2.0).assign(
        available_at_utc=pd.Timestamp("2024-02-08 12:00", tz="UTC")
    )
    write(project, silver.HOURLY, late)
    run(project, date(2024, 2, 9))
    days = rows(project, "day")
    assert days[date(2024, 2, 8)]["avoided_kwh"] == pytest.approx(24)
    assert days[date(2024, 2, 3)]["avoided_kwh"] == pytest.approx(0)
    assert days[date(2024, 2, 1)]["known_at_utc"] < days[date(2024, 2, 3)]["known_at_utc"]
    totals = rows(project, "total")
    # What was known on the night before stays as it was.
    assert totals[date(2024, 2, 7)]["avoided_kwh"] == pytest.approx(84)
    assert totals[date(2024, 2, 8)]["avoided_kwh"] == pytest.approx(84 - 12 + 24)


def test_what_came_between_the_origin_and_the_run_is_the_next_nights(project: Lake) -> None:
    """The first night runs late: the lake holds already what its origin did not know."""
    noon = pd.Timestamp("2024-02-08 12:00", tz="UTC")
    write(project, silver.HOURLY, hours("m1", "2024-02-08", "2024-02-09", 1.0))
    old = hours("m1", "2024-02-03", "2024-02-04", 1.5).assign(
        # One value all day would be suspect.
        energy_kwh=[1.4, 1.6] * 12, interval_minutes=60, source="s", file_id="f", row_number=range(24),
        landed_at_utc=KNOWN_AT, superseded_at_utc=noon,
    )  # fmt: skip
    write(project, silver.READINGS, old)
    write(project, silver.HOURLY, hours("m1", "2024-02-03", "2024-02-04", 2.0).assign(available_at_utc=noon))
    # It lands after the second night's origin.
    shut = {"event_id": "shut", "kind": "closure", "meter_id": "m1", "landed_at_utc": noon.to_pydatetime() + DAY}
    span = {"start_utc": datetime(2024, 2, 5, tzinfo=UTC), "end_utc": datetime(2024, 2, 6, tzinfo=UTC)}
    write(project, references.EVENTS, [shut | span])
    run(project)
    assert rows(project, "total")[date(2024, 2, 7)]["avoided_kwh"] == pytest.approx(7 * 12)
    run(project, date(2024, 2, 9))
    run(project, date(2024, 2, 10))
    totals = rows(project, "total")
    avoided = [totals[date(2024, 2, day)]["avoided_kwh"] for day in (7, 8, 9)]
    assert avoided == [pytest.approx(7 * 12), pytest.approx(6 * 12 + 24), pytest.approx(5 * 12 + 24)]
    assert [totals[date(2024, 2, day)]["event_ids"] for day in (7, 8, 9)] == [[], [], ["shut"]]


def test_a_night_of_the_past_adds_its_totals_alone(project: Lake) -> None:
    run(project)
    before = rows(project, "day")
    run(project, date(2024, 2, 5))
    assert rows(project, "day") == before
    totals = rows(project, "total")
    assert totals[date(2024, 2, 4)]["avoided_kwh"] == pytest.approx(4 * 12)
    assert totals[date(2024, 2, 7)]["avoided_kwh"] == pytest.approx(84)


def test_days_of_an_event_leave_the_totals_and_are_named(project: Lake) -> None:
    run(project)
    closed = {"event_id": "shut", "kind": "closure", "meter_id": "m1", "description": "closed"}
    span = {"start_utc": datetime(2024, 2, 2, tzinfo=UTC), "end_utc": datetime(2024, 2, 4, tzinfo=UTC)}
    write(project, references.EVENTS, [closed | span])
    run(project)
    total = rows(project, "total")[date(2024, 2, 7)]
    assert (total["days"], total["days_with_events"], total["event_ids"]) == (5, 2, ["shut"])
    assert total["avoided_kwh"] == pytest.approx(5 * 12)


def test_a_saving_is_valued_by_the_accounts_of_its_hours_once_they_are_known(project: Lake) -> None:
    run(project)
    assert rows(project, "total")[date(2024, 2, 7)]["avoided_cost"] is None
    starts = pd.date_range("2024-02-01", "2024-02-08", freq="h", tz="UTC", inclusive="left")
    accounts = pd.DataFrame({"interval_start_utc": starts, "local_day": starts.date, "meter_id": "m1"})
    accounts = accounts.assign(
        fuel="electricity", flow="import", imputed_share=np.float32(0), scope="scope_2", currency="GBP",
        price_per_kwh=0.25, factor_g_per_kwh=200.0, month=date(2024, 2, 1),
        available_at_utc=pd.Timestamp("2024-02-08 06:00", tz="UTC"),
    )  # fmt: skip
    write(project, HOURLY_ACCOUNTS, accounts)
    run(project, date(2024, 2, 9))
    days = rows(project, "day")
    assert (days[date(2024, 2, 1)]["avoided_cost"], days[date(2024, 2, 1)]["currency"]) == (pytest.approx(3), "GBP")
    total = rows(project, "total")[date(2024, 2, 8)]
    assert (total["days"], total["days_unknown"]) == (7, 1)
    assert total["avoided_cost"] == pytest.approx(84 * 0.25)
    assert total["avoided_cost_high"] - total["avoided_cost"] == pytest.approx(
        0.25 * (total["avoided_kwh_high"] - total["avoided_kwh"])
    )
    assert total["avoided_kgco2e"] == pytest.approx(84 * 0.2)


def test_without_projects_there_is_nothing_to_do(spark: SparkSession, lake: Lake) -> None:
    outcome = verify_savings.run(spark, Config(lake=lake.root), Period.day(NIGHT))
    assert "nothing to measure" in outcome.lines[0]
    assert not lake.exists(savings.SAVINGS)
