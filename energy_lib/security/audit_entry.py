"""What the audit is told: who did what to what, from where, and whether they were let."""

from __future__ import annotations

import json
import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

LONGEST_TEXT = 1000
Ending = Literal["done", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row of ops.audit, before it is chained. `detail` is JSON; no field may hold a secret or a reading."""

    at_utc: datetime
    actor: str
    origin: str
    action: str
    resource: str
    outcome: Ending = "done"
    request_id: str | None = None
    detail: str | None = None

    def row(self) -> dict[str, Any]:
        """Its columns; what came from outside is cut to LONGEST_TEXT letters, and what no UTF-8 has is shown as ?."""
        values = ((name, getattr(self, name)) for name in _NAMES)
        return {name: _plain(value) if isinstance(value, str) else value for name, value in values}


# A service writes rows by the thousand, and `asdict` would copy each value.
_NAMES = tuple(each.name for each in fields(AuditEntry))


def entry_of_job(
    at_utc: datetime,
    job: str,
    action: str,
    resource: str,
    detail: Mapping[str, object] | None = None,
    *,
    actor: str | None = None,
    outcome: Ending = "done",
) -> AuditEntry:
    """What someone does by a job on this machine. `actor`: None for the system's user."""
    text = None if detail is None else json.dumps(detail, sort_keys=True)
    origin = f"job:{job}@{os.uname().nodename}"
    return AuditEntry(at_utc, actor or os_user(), origin, action, resource, outcome, detail=text)


def os_user() -> str:
    """The user that this process runs as, as an actor."""
    try:
        return f"os:{pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:
        return f"os:{os.getuid()}"


def _plain(text: str) -> str:
    return text[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")
