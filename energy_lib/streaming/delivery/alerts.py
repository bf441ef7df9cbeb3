"""What is said of an alert or an advice, as a receiver knows it: its id, and whether this receiver wants it.

Rows of gold.advice have their advice_id as alert_id, too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from energy_lib.config.alerts import Receiver
from energy_lib.tables.answers.anomalies import SEVERITIES

Row = Mapping[str, Any]
# What is said of an alert that was there: who was told of it is told this, however grave it is by now.
LATER = frozenset({"recovered", "withdrawn", "expired", "confirmed_by_night", "withdrawn_by_night", "planned_by_night"})


def message_id(row: Row) -> str:
    """The same for the same row, whenever and however often it is sent.

    >>> message_id({"alert_id": "a", "event": "raised", "told_at_utc": datetime(2024, 6, 1, tzinfo=UTC)})
    'alert_ee71cc085d2266665cc12b2322c88db1'
    """
    return hashed(f"{row['alert_id']}|{row['event']}|{row['told_at_utc'].astimezone(UTC).isoformat()}")


def hashed(text: str) -> str:
    return f"alert_{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def wanted(rows: Iterable[Row], receiver: Receiver, settled: Collection[str], told_of: Iterable[str]) -> list[Row]:
    """The rows to tell a receiver, in the order in which they were said, each once.

    `settled`: ids of messages that it was sent or that were given up; `told_of`: alerts that it has heard of.
    """
    least, heard, ids = SEVERITIES.index(receiver.min_severity), set(told_of), set(settled)
    found: list[Row] = []
    for row in sorted(rows, key=said_at):
        grave = SEVERITIES.index(row["severity"]) >= least or (row["event"] in LATER and row["alert_id"] in heard)
        its_id = message_id(row)
        if row["suppressed"] is None and row["event"] in receiver.events and grave and its_id not in ids:
            found.append(row)
            ids.add(its_id)
            heard.add(row["alert_id"])
    return found


def said_at(row: Row) -> tuple[datetime, str]:
    """By this rows stand in the order in which they were said."""
    return row["told_at_utc"], row["alert_id"]
