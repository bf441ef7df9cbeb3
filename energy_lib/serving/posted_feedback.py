"""What someone posts of a recommendation, kept at once and once in ops.posted_feedback, whatever a night is writing."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec

from energy_lib.errors import TryAgain
from energy_lib.lake.small_tables import SmallTables
from energy_lib.lake.stream_appends import append_rows
from energy_lib.lake.table_properties import PLAIN
from energy_lib.serving.idempotency import key_used
from energy_lib.serving.problems import Problem
from energy_lib.tables.ops import POSTED_FEEDBACK

Row = dict[str, Any]


class PostedFeedback(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """`snoozed_until` goes with snoozed, `done_on` with done (null: today)."""

    state: Literal["new", "accepted", "done", "rejected", "snoozed"]
    note: Annotated[str, msgspec.Meta(max_length=2000)] | None = None
    snoozed_until: date | None = None
    done_on: date | None = None

    def require_fitting(self) -> None:
        """Raises Problem for a day that goes with another state."""
        if (self.state == "snoozed") != (self.snoozed_until is not None):
            raise Problem(400, "snoozed_until goes with the state snoozed: give both, or neither.")
        if self.done_on is not None and self.state != "done":
            raise Problem(400, "done_on goes with the state done: leave it out.")


def keep(
    root: str, feedback: PostedFeedback, recommendation_id: str, said_by: str, said_at_utc: datetime, key: str
) -> tuple[Row, bool]:
    """The row that is kept, and whether it was there: the same key is the same request, however often it comes.

    Each key is a Delta transaction, so that of two processes one appends. Raises Problem (422) for a key that was used
    for another request.
    """
    tables = SmallTables(root)
    tables.create_empty(POSTED_FEEDBACK, PLAIN)
    request_key, request_hash = _hash(said_by, key), _hash(recommendation_id, msgspec.json.encode(feedback).decode())
    kept = _kept(tables, request_key, request_hash)
    if kept is not None:
        return kept, True
    row = {
        "recommendation_id": recommendation_id, "changed_at_utc": said_at_utc, "changed_by": said_by,
        "request_key": request_key, "request_hash": request_hash, **msgspec.structs.asdict(feedback),
    }  # fmt: skip
    try:
        append_rows(root, POSTED_FEEDBACK, [row], {request_key: 0}, {request_key: 1})
    except TryAgain:
        kept = _kept(tables, request_key, request_hash)
        if kept is None:
            raise
        return kept, True
    return row, False


def _kept(tables: SmallTables, request_key: str, request_hash: str) -> Row | None:
    rows: list[Row] = tables.read(POSTED_FEEDBACK, where=f"request_key = '{request_key}'").to_pylist()
    if rows and rows[0]["request_hash"] != request_hash:
        raise key_used()
    return rows[0] if rows else None


def _hash(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()
