"""Recommendations of a hand-made lake: run twice, what people said survives, and a done one is a project."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from energy_lib.config import Config
from energy_lib.errors import BadConfig
from energy_lib.insights.recommendations.pipeline import feedback as feedback_pipeline
from energy_lib.insights.recommendations.pipeline import recommend as recommend_pipeline
from energy_lib.insights.recommendations.pipeline.feedback import Feedback
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.tables import Table, references, silver
from energy_lib.tables.answers.recommendations import RECOMMENDATION_STATES, RECOMMENDATIONS
from energy_lib.tables.arrow import arrow_schema
from jobs import feedback, recommend

NIGHT = date(2024, 7, 1)
DAYS = 100


def hours(
    meter_id: str, kwh: list[float], last: datetime, known: timedelta = timedelta(hours=1)
) -> list[dict[str, Any]]:
    """Hours that end at `last`, each known `known` after its start."""
    starts = [last - timedelta(hours=len(kwh) - i) for i in range(len(kwh))]
    return [
        {
            "meter_id": meter_id, "fuel": "electricity", "interval_start_utc": start, "energy_kwh": value,
            "measured_kwh": value, "quality": "measured", "imputed_share": 0.0, "flags": [],
            "available_at_utc": start + known, "interval_month": start.date().replace(day=1),
        }
        for start, value in zip(starts, kwh, strict=True)
    ]  # fmt: skip


def office_weeks(day_off_kw: float) -> list[float]:
    """DAYS days before NIGHT (a Monday): 10 kW from 8 to 18, at weekends `day_off_kw` then, 2 kW at other times."""
    use = []
    for day in range(DAYS):
        weekend = (NIGHT - timedelta(days=DAYS - day)).weekday() >= 5
        use += [(day_off_kw if weekend else 10.0) if 8 <= hour < 18 else 2.0 for hour in range(24)]
    return use


def put(lake: Lake, table: Table, rows: list[dict[str, Any]]) -> None:
    lake.upsert(table, pa.Table.from_pylist(rows, schema=arrow_schema(table)))


@pytest.fixture
def offices(lake: Lake) -> Lake:
    """Two meters of an office that runs at weekends, one that does not, and one that has been silent for a month."""
    night = datetime(2024, 7, 1, tzinfo=UTC)
    put(lake, silver.METERS, [
        {"meter_id": meter, "fuel": "electricity", "flow": "import", "zone": "UTC", "building_id": building,
         "site_id": "s", "use": "office", "tariff_id": "t", "registered_by": "registry"}
        for meter, building in (("a1", "a"), ("a2", "a"), ("b1", "b"), ("c1", "c"))
    ])  # fmt: skip
    put(lake, silver.HOURLY, [
        *hours("a1", office_weeks(10.0), night), *hours("a2", office_weeks(6.0), night),
        *hours("b1", office_weeks(2.0), night), *hours("c1", office_weeks(2.0)[: 24 * 60], night - timedelta(days=30)),
    ])  # fmt: skip
    put(lake, references.TARIFFS, [
        {"tariff_id": "t", "fuel": "electricity", "flow": "import", "charge": "unit_rate", "rate": rate, "days": "all",
         "valid_from": first, "valid_to": last, "currency": "GBP", "vat_share": 0.25, "publication": "p",
         "edition": "e"}
        for rate, first, last in ((0.2, date(2020, 1, 1), date(2024, 6, 25)), (0.4, date(2024, 6, 25), None))
    ])  # fmt: skip
    return lake


def night(lake: Lake, day: date = NIGHT) -> list[dict[str, Any]]:
    recommend.run(lake.spark, Config(lake=lake.root), Period.day(day))
    return rows_of(lake, day)


def rows_of(lake: Lake, day: date) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = lake.small_tables.rows(RECOMMENDATIONS)
    return sorted((row for row in rows if row["as_of_date"] == day), key=lambda row: row["recommendation_id"])


def say(lake: Lake, recommendation_id: str, state: str, at: datetime, **others: Any) -> None:
    said = Feedback(recommendation_id, state, "anna", at, **others)
    feedback.run(lake.spark, Config(lake=lake.root), Period.day(at.date()), said)


def test_a_night_again_what_people_say_and_a_project(offices: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """One story, as each needs a lake; the chapters follow one another."""
    first = one_cause_and_its_worth(offices)
    the_same_again_writes_nothing(offices, first)
    with monkeypatch.context() as patch:
        patch.setattr(recommend_pipeline, "METERS_AT_ONCE", 3)
        the_same_again_writes_nothing(offices, first)
    as_of_an_earlier_day(offices)
    a_correction_changes_later_nights_and_none_before(offices)
    what_was_said_survives(offices, first)
    a_kill_between_project_and_state_is_mended_by_the_same_command(offices, first, monkeypatch)
    a_done_one_is_a_project_until_it_is_not(offices, first)


def one_cause_and_its_worth(lake: Lake) -> dict[str, Any]:
    rows = night(lake)
    offered = [row for row in rows if row["status"] == "offered"]
    assert [(row["action"], row["scope_id"], row["meters"]) for row in offered] == [
        ("weekend_running", "a", ["a1", "a2"])
    ]
    row = offered[0]
    weekend_days = sum((NIGHT - timedelta(days=i + 1)).weekday() >= 5 for i in range(DAYS))
    # a1 is 8 kW above its rest and a2 4 kW, ten hours a weekend day; 100 days are extrapolated to a year.
    kwh = weekend_days * 10 * (8 + 4) * 365 / DAYS
    assert row["energy_kwh_per_year"] == pytest.approx(kwh)
    # Today's rate is 0.40 and VAT; one weekend of all was at it, the others at 0.20.
    assert row["cost_per_year"] == pytest.approx(kwh * 0.4 * 1.25)
    assert row["cost_then_per_year"] == pytest.approx(kwh * (0.4 * 2 + 0.2 * (weekend_days - 2)) / weekend_days * 1.25)
    assert (row["currency"], row["carbon_kg_per_year"], row["priority_rank"]) == ("GBP", None, 1)
    assert row["reason"] == (
        "carbon: no intensity or factor is known; "
        "marginal_carbon: no marginal intensity is known for half of its energy"
    )
    silent = [row for row in rows if row["meters"] == ["c1"]]
    assert [row["action"] for row in silent] == ["any"]
    assert silent[0]["reason"] == "stale: the last known day is 2024-05-31, 30 days ago"
    return row


def the_same_again_writes_nothing(lake: Lake, first: dict[str, Any]) -> None:
    version, rows = lake.version(RECOMMENDATIONS), rows_of(lake, NIGHT)
    # Another version of an input that changes nothing is no news either.
    put(lake, silver.BUILDINGS, [{"building_id": "z"}])
    assert night(lake) == rows
    assert lake.version(RECOMMENDATIONS) == version
    assert first in rows


def as_of_an_earlier_day(lake: Lake) -> None:
    rows = night(lake, date(2024, 6, 1))
    weekend = next(row for row in rows if row["action"] == "weekend_running" and row["status"] == "offered")
    assert weekend["last_day"] == date(2024, 5, 31)
    assert {row["last_day"] for row in rows_of(lake, NIGHT)} == {date(2024, 6, 30), date(2024, 5, 31)}


def a_correction_changes_later_nights_and_none_before(lake: Lake) -> None:
    """On 2 July it becomes known that a1 rested on Sunday, 30 June."""
    rows, known = rows_of(lake, NIGHT), datetime(2024, 7, 2, tzinfo=UTC)
    before = hours("a1", [10.0] * 10, datetime(2024, 6, 30, 18, tzinfo=UTC))
    after = [row | {"energy_kwh": 2.0, "measured_kwh": 2.0, "available_at_utc": known} for row in before]
    put(lake, silver.HOURLY, after)
    read = {"interval_minutes": 60, "source": "s", "file_id": "f", "landed_at_utc": known}
    old = [row | read | {"row_number": i, "superseded_at_utc": known} for i, row in enumerate(before)]
    put(lake, silver.READINGS, [*old, *(row | read | {"row_number": 99} for row in after)])
    assert night(lake) == rows
    later = next(row for row in night(lake, date(2024, 7, 3)) if row["status"] == "offered")
    then = next(row for row in rows if row["status"] == "offered")
    ran = [json.loads(row["evidence"])["a1"]["days_run"] for row in (then, later)]
    assert ran[1] == ran[0] - 1


def what_was_said_survives(lake: Lake, first: dict[str, Any]) -> None:
    name = first["recommendation_id"]
    say(lake, name, "snoozed", datetime(2024, 6, 30, 9, tzinfo=UTC), snoozed_until=date(2024, 7, 2))
    assert _state(night(lake), name) == ("snoozed", "anna", None)
    assert _state(night(lake, date(2024, 7, 2)), name) == ("new", "anna", 1), "it has slept out"
    assert _state(night(lake, date(2024, 6, 1)), name) == ("new", None, 1), "nobody had said anything then"
    say(lake, name, "accepted", datetime(2024, 7, 1, 9, tzinfo=UTC))
    version = lake.version(RECOMMENDATION_STATES)
    say(lake, name, "accepted", datetime(2024, 7, 1, 9, tzinfo=UTC))
    assert lake.version(RECOMMENDATION_STATES) == version
    assert _state(night(lake), name) == ("accepted", "anna", 1)
    with pytest.raises(BadConfig, match="No recommendation has the id"):
        say(lake, "base_load-0000000000", "accepted", datetime(2024, 7, 1, 9, tzinfo=UTC))
    with pytest.raises(BadConfig, match="--until and --state snoozed"):
        say(lake, name, "snoozed", datetime(2024, 7, 1, 9, tzinfo=UTC))


def _state(rows: list[dict[str, Any]], name: str) -> tuple[Any, ...]:
    row = next(row for row in rows if row["recommendation_id"] == name)
    return row["state"], row["state_by"], row["priority_rank"]


def a_kill_between_project_and_state_is_mended_by_the_same_command(
    lake: Lake, first: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = feedback_pipeline._publish

    def killed(lake: Lake, table: Table, *others: Any) -> None:
        if table is RECOMMENDATION_STATES:
            raise KeyboardInterrupt
        publish(lake, table, *others)

    with monkeypatch.context() as patch:
        patch.setattr(feedback_pipeline, "_publish", killed)
        with pytest.raises(KeyboardInterrupt):
            say(lake, first["recommendation_id"], "done", datetime(2024, 7, 1, 11, tzinfo=UTC))
    assert len(lake.small_tables.rows(references.PROJECTS)) == 2
    assert _state(night(lake), first["recommendation_id"])[0] == "accepted"


def a_done_one_is_a_project_until_it_is_not(lake: Lake, first: dict[str, Any]) -> None:
    name = first["recommendation_id"]
    for _ in range(2):
        say(lake, name, "done", datetime(2024, 7, 1, 12, tzinfo=UTC), done_on=date(2024, 6, 29))
    projects = {row["meter_id"]: row for row in lake.small_tables.rows(references.PROJECTS)}
    assert set(projects) == {"a1", "a2"}
    one = projects["a1"]
    assert (one["baseline_end"], one["reporting_start"]) == (date(2024, 6, 29), date(2024, 6, 30))
    promised = [row["expected_saving_kwh_per_year"] for row in projects.values()]
    assert np.sum(promised) == pytest.approx(first["energy_kwh_per_year"])
    newest = max(lake.small_tables.rows(RECOMMENDATION_STATES), key=lambda row: row["changed_at_utc"])
    assert (newest["state"], newest["project_id"]) == ("done", name)
    assert newest["promised_kwh_per_year"] == pytest.approx(first["energy_kwh_per_year"])
    say(lake, name, "rejected", datetime(2024, 7, 1, 13, tzinfo=UTC))
    assert lake.small_tables.rows(references.PROJECTS) == []
    assert _state(night(lake), name) == ("rejected", "anna", None)
