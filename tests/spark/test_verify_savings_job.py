"""The job verify_savings on a small lake: nights, news, corrections, events and nights of the past.

The baseline is published before, so that no test waits for OpenDSM (tests/unit/test_savings_opendsm.py fits one).
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.insights.savings.baseline import Baseline, Submodel
from energy_lib.insights.savings.fitness import Fitness
from energy_lib.insights.savings.pipeline.baselines import content_of
from energy_lib.insights.savings.pipeline.inputs import declared_projects, local_days_of
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.tables import Table, references, silver
from energy_lib.tables.answers import savings
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
    publish_baseline(lake)
    return lake


def publish_baseline(lake: Lake) -> None:
    [found, *_] = declared_projects(lake, KNOWN_AT)
    first, end = found.baseline
    days = local_days_of(lake, found, first, end, KNOWN_AT).days
    flat = Submodel("tidd", {"intercept": 48.0}, {"T_min": 0, "T_max": 90, "T_min_seg": 0, "T_max_seg": 90})
    even = {f"{season}-{day}": [1 / 24] * 24 for season in ("wi", "sh", "su") for day in ("wd", "we")}
    model = Baseline({"fw-su_sh_wi": flat}, even, Fitness(365, 48.0, 0.1, 0.0, 0.05), opendsm={"version": "1.2.6"})
    row = {
        "project_id": "p", "meter_id": "m1", "baseline_first": first, "baseline_end": end, "content": content_of(days),
        "model_json": model.to_json(), "refused": [], "warnings": [], "event_ids": [], "known_at_utc": KNOWN_AT,
    }  # fmt: skip
    write(lake, savings.BASELINES, [row])


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


def test_without_projects_there_is_nothing_to_do(spark: SparkSession, lake: Lake) -> None:
    outcome = verify_savings.run(spark, Config(lake=lake.root), Period.day(NIGHT))
    assert "nothing to measure" in outcome.lines[0]
    assert not lake.exists(savings.SAVINGS)
