"""What people said of recommendations, as it stood at a time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

Row = dict[str, Any]


def states_at(said: Iterable[Row], before: datetime, day: date) -> dict[str, Row]:
    """recommendation_id → state, state_by, state_at_utc: the newest row of gold.recommendation_states before `before`.

    One that was snoozed until `day` or earlier is new again.
    """
    newest: dict[str, Row] = {}
    for row in said:
        known = newest.get(row["recommendation_id"])
        if row["changed_at_utc"] < before and (known is None or known["changed_at_utc"] < row["changed_at_utc"]):
            newest[row["recommendation_id"]] = row
    return {
        name: {
            "state": "new" if _slept_out(row, day) else row["state"],
            "state_by": row["changed_by"],
            "state_at_utc": row["changed_at_utc"],
        }
        for name, row in newest.items()
    }


def _slept_out(row: Row, day: date) -> bool:
    return row["state"] == "snoozed" and row["snoozed_until"] is not None and row["snoozed_until"] <= day
