"""ops.audit written and read: rows are chained as they are committed, by whatever process, into one chain.

A commit says from which row on it goes on (a Delta transaction, as of streams), and is refused if another process has
gone on from there meanwhile; then the rows are chained anew. docs/decisions/0020-one-chain-of-the-audit.md says why.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from deltalake import DeltaTable

from energy_lib.errors import BadConfig, EnergyError, TryAgain
from energy_lib.lake.environment import environment_error
from energy_lib.lake.small_tables import SmallTables, race
from energy_lib.lake.stream_appends import append_rows, positions
from energy_lib.lake.table_lock import table_lock
from energy_lib.lake.table_properties import PLAIN
from energy_lib.security.audit_chain import NO_ROWS, Head, Row, Verifier, chained, head_of
from energy_lib.security.audit_entry import AuditEntry
from energy_lib.tables.ops import AUDIT

SEQUENCE = "audit"
ATTEMPTS = 20
# So long an entry waits at most, before it is in the table.
FLUSH_SECONDS = 0.5
MOST_WAITING = 50_000
ROWS_AT_ONCE = 100_000

log = logging.getLogger(__name__)


def append_entries(root: str, entries: Sequence[AuditEntry]) -> Head:
    """Append to the chain, in a commit; the new head. Raises BadConfig for a lake in a store, and TryAgain.

    There is no chain in a store: its appends need the disk's locks.
    """
    tables = _tables(root)
    rows = [entry.row() for entry in entries]
    for attempt in range(ATTEMPTS):
        head = newest(tables)
        new = chained(head, rows)
        try:
            append_rows(root, AUDIT, new, {SEQUENCE: head.sequence}, {SEQUENCE: head.sequence + len(new)})
            return head_of(new, head)
        except TryAgain:
            if attempt == ATTEMPTS - 1:
                raise
            # Those that wait together do not come together again.
            time.sleep(random.uniform(0, 0.02 * 2 ** min(attempt, 5)))  # noqa: S311 a pause is no secret
    raise AssertionError("unreachable")


def newest(tables: SmallTables) -> Head:
    """The head of the chain as it stands."""
    sequence = positions(tables.root, AUDIT, [SEQUENCE]).get(SEQUENCE, 0)
    if sequence == 0:
        return NO_ROWS
    found = tables.read(AUDIT, ["hash"], f"sequence = {sequence}").to_pylist()
    if len(found) != 1:
        raise BadConfig(
            f"Row {sequence} of {AUDIT.full_name} is gone: run jobs/audit.py verify, and keep what it says."
        )
    return Head(sequence, found[0]["hash"])


def rows_in_order(root: str) -> Iterator[Row]:
    """All rows by `sequence`, some at a time."""
    tables, after = SmallTables(root), -1
    while tables.version(AUDIT) >= 0:
        last = after + ROWS_AT_ONCE
        rows = tables.read(AUDIT, where=f"sequence > {after} AND sequence <= {last}").sort_by("sequence")
        if rows.num_rows == 0:
            rest = tables.read(AUDIT, ["sequence"], f"sequence > {last}")
            if rest.num_rows == 0:
                return
            after = min(rest.column("sequence").to_pylist()) - 1
            continue
        yield from rows.to_pylist()
        after = last


def verify(root: str, expected: Head | None = None) -> Verifier:
    """Read the whole chain; `fault` of what is returned names the first row that is wrong."""
    verifier = Verifier(expected)
    for row in rows_in_order(root):
        verifier.take(row)
    verifier.end()
    return verifier


def newest_before(root: str, instant: datetime) -> Head | None:
    """The last row of the chain's beginning that is older than `instant`; None if the first one is not."""
    older = None
    for row in rows_in_order(root):
        if row["at_utc"] >= instant:
            break
        older = Head(row["sequence"], row["hash"])
    return older


def remove_up_to(root: str, last: Head) -> None:
    """Remove the oldest rows, once the chain has a row that says so. What was removed is gone after VACUUM."""
    tables = _tables(root)
    with race(root), table_lock(root, AUDIT):
        DeltaTable(tables.path(AUDIT)).delete(f"sequence <= {last.sequence}")


def _tables(root: str) -> SmallTables:
    if "://" in root:
        raise BadConfig(f"The audit of {root} cannot be kept: it needs a lake on a disk (docs/security.md).")
    tables = SmallTables(root)
    if tables.version(AUDIT) < 0:
        tables.create_empty(AUDIT, PLAIN)
    return tables


@dataclass
class AuditLog:
    """What a service does, kept as it goes on: `record` only queues, a thread of its own commits.

    What was recorded in the last FLUSH_SECONDS, and the commit after it, is lost by SIGKILL and by a power cut.
    """

    root: str
    _waiting: deque[AuditEntry] = field(default_factory=deque)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _failed: EnergyError | None = None

    def __post_init__(self) -> None:
        _tables(self.root)
        self._thread = threading.Thread(target=self._work, name="audit", daemon=True)
        self._thread.start()

    def require_room(self) -> None:
        """Raises TryAgain if nothing could be written for so long that the queue is full.

        Then a request is to be refused: what nobody could tell later is not done.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise TryAgain(f"The audit cannot be written ({self._failed or 'the disk is too slow'}): try again later.")

    def record(self, entry: AuditEntry) -> None:
        """Queue an entry of what was done, once `require_room` let it be done."""
        self._waiting.append(entry)

    def close(self) -> None:
        """Write what waits, and end; raises what the last commit failed by."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        if self._failed is not None and self._waiting:
            raise self._failed

    def _work(self) -> None:
        ended = False
        while not ended:
            ended = self._stop.wait(FLUSH_SECONDS)
            self._flush()
        log.info("the audit's head is %s", newest(SmallTables(self.root)))

    def _flush(self) -> None:
        entries: list[Any] = [self._waiting[i] for i in range(len(self._waiting))]
        if not entries:
            return
        try:
            append_entries(self.root, entries)
        except Exception as error:
            known = environment_error(error, self.root)
            self._failed = known or TryAgain(f"The audit cannot be written ({type(error).__name__}): see the log.")
            log.error("the audit cannot be written, it is tried again: %s", self._failed, exc_info=known is None)
            return
        self._failed = None
        for _ in entries:
            self._waiting.popleft()
