"""Who asked the API for what, into ops.audit."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from energy_lib.lake.audit_log import AuditLog
from energy_lib.security.audit_entry import AuditEntry

NOBODY = "unknown"
# Who was not let: nobody known, not their rights, too often.
REFUSED = (401, 403, 429)


def record_request(audit: AuditLog, scope: Any, status: int) -> None:
    """One row for a request that was answered with `status`: its path, and of its query what the answer was cut to."""
    principal, client = scope.get("principal"), scope.get("client")
    query = scope.get("query_string", b"").decode("ascii", "replace")
    audit.record(
        AuditEntry(
            at_utc=datetime.now(UTC),
            actor=NOBODY if principal is None else principal.name,
            origin=NOBODY if client is None else str(client[0]),
            action=scope["method"],
            resource=scope["path"],
            outcome="done" if status < 400 else "refused" if status in REFUSED else "failed",
            request_id=scope["request_id"],
            detail=json.dumps({"query": query, "status": status}),
        )
    )
