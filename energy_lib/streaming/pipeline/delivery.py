"""What one receiver is told of gold.alerts or gold.advice: read by version, sent, and kept in ops.alert_deliveries.

A commit there says both what was settled and up to which version nothing is left open. A run that is killed between
an attempt and its commit sends the same again, with the same id.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable

from energy_lib.config import AlertsConfig
from energy_lib.lake.appended_rows import appended_rows, oldest_version, version_before
from energy_lib.lake.small_tables import SmallTables
from energy_lib.lake.sql_literals import few_named_sql, instant_sql, text_sql
from energy_lib.lake.stream_appends import append_rows, positions
from energy_lib.streaming.delivery.alerts import Row, message_id, said_at, wanted
from energy_lib.streaming.delivery.channels import Answer, Channel
from energy_lib.streaming.delivery.queue import Item, Queue, pause_seconds
from energy_lib.tables import Table
from energy_lib.tables.ops import ALERT_DELIVERIES

# So many rows wait in memory at most, before a version that has more is read.
MOST_WAITING = 1_000
COMMIT_SECONDS = 1.0
# A version of a table without anything for a receiver need not be kept: it would be read in vain once more.
QUIET_VERSIONS = 100

log = logging.getLogger(__name__)


@dataclass
class Delivery:
    """A run for one receiver and one table. `counts`: delivered, given up, and tried again, in this run."""

    tables: SmallTables
    table: Table
    alerts: AlertsConfig
    channel: Channel
    sequence: str
    queue: Queue
    committed: int | None = None
    counts: dict[str, int] = field(default_factory=lambda: {"delivered": 0, "dead": 0, "retried": 0})
    _unwritten: list[dict[str, Any]] = field(default_factory=list)
    _committed_at: float = 0.0

    @classmethod
    def begin(cls, tables: SmallTables, table: Table, alerts: AlertsConfig, channel: Channel) -> Delivery:
        """Go on where nothing is left open; a new receiver begins `first_hours` before the newest row.

        A table that is made anew has another id, and counts its versions anew.
        """
        table_id = DeltaTable(tables.path(table)).metadata().id
        sequence = f"{table.name}:{table_id}:{channel.name}"
        read_to = positions(tables.root, ALERT_DELIVERIES, [sequence]).get(sequence)
        newest = tables.version(table)
        begin = read_to
        if begin is None:
            begin = version_before(tables.root, table, newest, "told_at_utc", timedelta(hours=alerts.first_hours))
        run = cls(tables, table, alerts, channel, sequence, Queue(begin), read_to)
        if begin < (oldest := oldest_version(tables.root, table)):
            run._pass_over(begin, oldest)
        # At once: a new receiver that is killed would begin by an alert that is the newest by then.
        if read_to is None:
            run._commit()
        return run

    @property
    def receiver_name(self) -> str:
        return self.channel.name

    @property
    def table_name(self) -> str:
        return self.table.full_name

    def waiting(self) -> tuple[int, float]:
        """How many rows wait, and how long the oldest has, seconds; any thread may ask."""
        return len(self.queue), self.queue.oldest_seconds(time.monotonic())

    def take_dead(self) -> None:
        """Queue what was given up, to be tried again."""
        channel = f"channel = {text_sql(self.channel.name)}"
        settled = self.tables.read(ALERT_DELIVERIES, ["message_id", "status", "told_at_utc"], channel).to_pylist()
        delivered = {row["message_id"] for row in settled if row["status"] == "delivered"}
        dead = {row["message_id"]: row["told_at_utc"] for row in settled if row["message_id"] not in delivered}
        if dead:
            told = self.tables.read(self.table, where=f"told_at_utc >= {instant_sql(min(dead.values()))}")
            rows = self._rows(told)
            again = {message_id(row): row for row in sorted(rows, key=said_at) if message_id(row) in dead}
            self.queue.add(again.values(), self.queue.read_to, time.monotonic())

    def run(self, stop: threading.Event, *, once: bool) -> None:
        """Deliver until stopped; `once`: until all that is there now is delivered or given up."""
        while not stop.is_set():
            self._take_news()
            now = time.monotonic()
            self._deliver(self.channel.groups(self.queue.heads(now), self.queue.due(now)), stop)
            if self._unwritten or self._position_moved() >= QUIET_VERSIONS:
                self._commit()
            if once and not self.queue and not self._has_news():
                break
            self._wait(stop)
        if self._unwritten or self._position_moved():
            self._commit()

    def _take_news(self) -> bool:
        """Queue the rows of the versions that came; whether there are any."""
        found = False
        while len(self.queue) < MOST_WAITING and self._has_news():
            version = self.queue.read_to
            rows = appended_rows(self.tables.root, self.table, version)
            if rows is None:
                self._pass_over(version, version + 1)
                continue
            news = self._wanted(self._rows(rows))
            self.queue.read_to = version + 1
            self.queue.add(news, version, time.monotonic())
            found = found or bool(news)
        return found

    def _has_news(self) -> bool:
        return self.tables.has_version(self.table, self.queue.read_to)

    def _pass_over(self, version: int, until: int) -> None:
        """Go on behind versions that are gone (maintain.retain_days): what they told is in the table alone."""
        self.queue.read_to = until
        told = "%s was not told what versions %d to %d of %s said: they were removed before they were read"
        log.warning(told, self.channel.name, version, until - 1, self.table.full_name)

    def _rows(self, rows: pa.Table) -> list[dict[str, Any]]:
        """Rows of the table, each with the id of what it is said of as alert_id."""
        return [{**row, "alert_id": row[self.table.key[0]]} for row in rows.to_pylist()]

    def _wanted(self, rows: Sequence[Row]) -> list[Row]:
        """Of a version's rows those to tell, none that was settled by an earlier run."""
        ids = {row["alert_id"] for row in rows}
        if not ids:
            return []
        where = f"channel = {text_sql(self.channel.name)} AND {few_named_sql('alert_id', ids)}"
        read = self.tables.read(ALERT_DELIVERIES, ["alert_id", "message_id", "status"], where).to_pylist()
        settled, waiting = [*read, *self._unwritten], self.queue.rows()
        # What waits is heard of before what is said of it later.
        heard = [row["alert_id"] for row in settled if row["status"] == "delivered"]
        known = {*(row["message_id"] for row in settled), *map(message_id, waiting)}
        return wanted(rows, self.channel.receiver, known, [*heard, *(row["alert_id"] for row in waiting)])

    def _deliver(self, groups: Iterable[list[Item]], stop: threading.Event) -> None:
        looked_at = time.monotonic()
        for group in groups:
            if stop.is_set():
                return
            answer = self.channel.send([item.row for item in group])
            self._take_answer(group, answer)
            now = time.monotonic()
            if self._unwritten and now - self._committed_at > COMMIT_SECONDS:
                self._commit()
            if now - looked_at > self.alerts.poll_seconds:
                looked_at = now
                # New alerts do not wait behind many that fail slowly.
                if self._take_news():
                    return

    def _take_answer(self, group: Sequence[Item], answer: Answer) -> None:
        for item in group:
            item.attempts += 1
        over = [item for item in group if answer.delivered or answer.final or item.attempts >= self.alerts.attempts]
        later = [item for item in group if item not in over]
        self.counts["retried"] += len(later)
        if later:
            pause = pause_seconds(self.alerts, max(item.attempts for item in later), answer.retry_after)
            for item in later:
                item.due = time.monotonic() + pause
            log.warning("%s: %s. Next try in %.0f s.", self.channel.name, answer.error, pause)
        status = "delivered" if answer.delivered else "dead"
        self._unwritten += [self._settled(item, status, answer.error) for item in over]
        self.queue.settle(over)
        self.counts[status] += len(over)
        if answer.error is not None:
            level = logging.WARNING if answer.delivered else logging.ERROR
            for item in over:
                log.log(level, "%s: %s is %s: %s", self.channel.name, message_id(item.row), status, answer.error)

    def _settled(self, item: Item, status: str, error: str | None) -> dict[str, Any]:
        named = {name: item.row[name] for name in ("alert_id", "event", "told_at_utc")}
        said = {"channel": self.channel.name, "message_id": message_id(item.row), "status": status}
        return {**named, **said, "attempts": item.attempts, "error": error, "at_utc": datetime.now(UTC)}

    def _position_moved(self) -> int:
        return self.queue.position() - (self.committed or 0)

    def _commit(self) -> None:
        """What was settled, and from where nothing is left out, in one commit."""
        rows, position = self._unwritten, self.queue.position()
        begun = {} if self.committed is None else {self.sequence: self.committed}
        append_rows(self.tables.root, ALERT_DELIVERIES, rows, begun, {self.sequence: position})
        self.committed, self._unwritten, self._committed_at = position, [], time.monotonic()

    def _wait(self, stop: threading.Event) -> None:
        due = self.queue.next_due()
        until_due = self.alerts.poll_seconds if due is None else max(due - time.monotonic(), 0.0)
        stop.wait(min(until_due, self.alerts.poll_seconds))
