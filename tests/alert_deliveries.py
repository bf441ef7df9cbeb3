"""What tests of alert delivery share: how it is run, and what it left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from alert_receivers import USER, MailServer, WebServer

from energy_lib.lake.outcome import Outcome
from energy_lib.lake.small_tables import SmallTables
from energy_lib.tables.ops import ALERT_DELIVERIES

FAST = ["alerts.first_retry_seconds=0.02", "alerts.longest_retry_seconds=0.05", "alerts.poll_seconds=0.05"]
Deliver = Callable[..., Outcome]


def mail_to(server: MailServer, **changed: Any) -> dict[str, Any]:
    login = {"username": USER, "password_env": "MAIL_PASSWORD"}
    addresses = {"sender": "lake@example.org", "recipients": ["ops@example.org", "boss@example.org"]}
    return {"host": "localhost", "port": server.port, **login, **addresses} | changed


def settled(root: str) -> list[dict[str, Any]]:
    rows = SmallTables(root).read(ALERT_DELIVERIES).to_pylist()
    return sorted(rows, key=lambda row: (row["channel"], row["told_at_utc"], row["at_utc"]))


def heard(server: WebServer) -> list[str]:
    return [f"{each.data['alert_id']} {each.data['event']}" for each in server.received]
