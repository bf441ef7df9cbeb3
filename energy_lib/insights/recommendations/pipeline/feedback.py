"""The use case of jobs/feedback.py: keep what someone says of a recommendation; a done one becomes a project."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from energy_lib.errors import BadConfig, InputMissing
from energy_lib.intervals import DAY
from energy_lib.lake import Lake, Outcome
from energy_lib.lake.sql_literals import text_sql
from energy_lib.quality import gate
from energy_lib.tables import Table, references
from energy_lib.tables.answers.recommendations import RECOMMENDATION_STATES, RECOMMENDATIONS
from energy_lib.tables.arrow import arrow_schema

JOB = "feedback"
# What silver.projects calls the file of a project that a recommendation became.
SAID_BY = "recommendations"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Feedback:
    """What someone says. `snoozed_until` goes with snoozed, `done_on` with done (null: the day it is said)."""

    recommendation_id: str
    state: str
    changed_by: str
    changed_at_utc: datetime
    snoozed_until: date | None = None
    done_on: date | None = None
    note: str | None = None


def give_feedback(lake: Lake, feedback: Feedback) -> Outcome:
    """Add it to gold.recommendation_states; the same again changes nothing.

    A done recommendation is a project of the same id in silver.projects, a row a meter, with what it promised there;
    one that is said to be done no more loses it. The project is written first: what was killed is completed by the
    same command. Raises BadConfig for an id that no night made, InputMissing before the first night.
    """
    _require_fitting(feedback)
    row = _newest(lake, feedback.recommendation_id, feedback.changed_at_utc.date())
    done = feedback.state == "done"
    outcome = Outcome()
    _publish_project(lake, _project(row, feedback) if done else [], feedback.recommendation_id, outcome)
    state = {
        "recommendation_id": feedback.recommendation_id,
        "changed_at_utc": feedback.changed_at_utc,
        "state": feedback.state,
        "changed_by": feedback.changed_by,
        "snoozed_until": feedback.snoozed_until,
        "note": feedback.note,
        "promised_kwh_per_year": row["energy_kwh_per_year"] if done else None,
        "promised_cost_per_year": row["cost_per_year"] if done else None,
        "currency": row["currency"] if done else None,
        "project_id": feedback.recommendation_id if done else None,
    }
    _publish(lake, RECOMMENDATION_STATES, [state], [], outcome)
    outcome.lines.append(f"{feedback.recommendation_id} is {feedback.state}: {row['title']}, {row['scope_id']}")
    return outcome


def _require_fitting(feedback: Feedback) -> None:
    if (feedback.state == "snoozed") != (feedback.snoozed_until is not None):
        raise BadConfig("--until and --state snoozed go together: give both, or neither.")
    if feedback.done_on is not None and feedback.state != "done":
        raise BadConfig("--done-on goes with --state done: leave it out.")


def _newest(lake: Lake, recommendation_id: str, day: date) -> Row:
    """The newest row of a recommendation that was offered by the day on which it is spoken of."""
    if not lake.exists(RECOMMENDATIONS):
        raise InputMissing(f"There is no table {RECOMMENDATIONS.full_name} in {lake.root}: run recommend first.")
    where = f"recommendation_id = {text_sql(recommendation_id)} AND status = 'offered'"
    rows: list[Row] = lake.small_tables.read(RECOMMENDATIONS, where=where).to_pylist()
    if not rows:
        raise BadConfig(f"No recommendation has the id '{recommendation_id}': take one of {RECOMMENDATIONS.full_name}.")
    return max([row for row in rows if row["as_of_date"] <= day] or rows, key=lambda row: row["as_of_date"])


def _project(row: Row, feedback: Feedback) -> list[Row]:
    """Rows of silver.projects. The day it was done on is the blackout: before it is baseline, after it is reported."""
    done_on = feedback.done_on or feedback.changed_at_utc.date()
    evidence: dict[str, Row] = json.loads(row["evidence"])
    return [
        {
            "project_id": feedback.recommendation_id,
            "meter_id": meter_id,
            "measure": row["title"],
            "baseline_end": done_on,
            "reporting_start": done_on + DAY,
            "expected_saving_kwh_per_year": evidence[meter_id]["energy_kwh_per_year"],
            "capital_cost": row["capital_cost"],
            "currency": row["currency"],
            "landed_at_utc": feedback.changed_at_utc,
            "file_id": SAID_BY,
        }
        for meter_id in row["meters"]
    ]


def _publish_project(lake: Lake, rows: list[Row], project_id: str, outcome: Outcome) -> None:
    table = references.PROJECTS
    kept = {row["meter_id"] for row in rows}
    there = [row for row in lake.small_tables.rows(table) if row["project_id"] == project_id]
    gone = [row for row in there if row["meter_id"] not in kept]
    if rows or gone:
        _publish(lake, table, rows, gone, outcome)


def _publish(lake: Lake, table: Table, rows: Iterable[Row], gone: Iterable[Row], outcome: Outcome) -> None:
    schema = arrow_schema(table)
    batch = pa.Table.from_pylist(list(rows), schema=schema)
    outcome.gates.append(gate(batch, table))
    lake.upsert(table, batch, gone=pa.Table.from_pylist(list(gone), schema=schema))
    outcome.rows_out += batch.num_rows
    outcome.versions_written[table.full_name] = lake.version(table)
