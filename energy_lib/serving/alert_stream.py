"""GET /v1/alerts/stream: what gold.alerts says from now on, as server-sent events, within the asker's scope."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from functools import lru_cache
from typing import Any

import anyio
import orjson
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from energy_lib.lake.appended_rows import appended_rows
from energy_lib.lake.keeper import Keeper
from energy_lib.lake.small_tables import SmallTables
from energy_lib.security.permissions import Permission, require
from energy_lib.security.principal import EVERYTHING, Scope
from energy_lib.serving.asked import Asked
from energy_lib.serving.problems import Problem
from energy_lib.serving.queries import rows_query
from energy_lib.serving.resources import BY_NAME
from energy_lib.serving.snapshot import Snapshot
from energy_lib.tables.answers.alerts import ALERTS

LOOK_SECONDS, BEAT_SECONDS = 0.5, 15.0
# A client comes back by itself after so long, with a token that is valid then.
LONGEST_SECONDS, STREAMS_AT_ONCE, VERSIONS_KEPT = 3600.0, 500, 16
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class AlertStream:
    """Follows the versions of gold.alerts; rows of a version are read once for all who listen."""

    def __init__(self, root: str, keeper: Keeper[Snapshot]) -> None:
        self._root, self._keeper = root, keeper
        self._tables = SmallTables(root)
        self._rows = lru_cache(VERSIONS_KEPT)(self._read)
        self._listening = 0

    async def events(self, scope: Scope, after: int | None) -> AsyncIterator[bytes]:
        """Events of the versions behind `after` (None: of those to come); a comment where nothing happens."""
        self._listening += 1
        try:
            version = await run_in_threadpool(self._tables.version, ALERTS) if after is None else after
            yield b": listening\n\n"
            begun = said = time.monotonic()
            while time.monotonic() - begun < LONGEST_SECONDS:
                if self._tables.has_version(ALERTS, version + 1):
                    version += 1
                    told = await run_in_threadpool(self._told, version, scope)
                    said = time.monotonic() if told else said
                    yield told
                    continue
                if time.monotonic() - said > BEAT_SECONDS:
                    said = time.monotonic()
                    yield b": nothing new\n\n"
                await anyio.sleep(LOOK_SECONDS)
        finally:
            self._listening -= 1

    def require_room(self) -> None:
        """Raises Problem if too many listen."""
        if self._listening >= STREAMS_AT_ONCE:
            raise Problem(503, f"{STREAMS_AT_ONCE} programs listen already: try again later.", {"Retry-After": "60"})

    def _read(self, version: int) -> list[dict[str, Any]]:
        rows = appended_rows(self._root, ALERTS, version)
        return [] if rows is None else rows.sort_by("told_at_utc").to_pylist()

    def _told(self, version: int, scope: Scope) -> bytes:
        rows = self._rows(version)
        if scope != EVERYTHING and rows:
            seen = self._meters(scope)
            rows = [row for row in rows if row["meter_id"] in seen]
        return b"".join(
            b"id: %d\nevent: %s\ndata: %s\n\n"
            % (version, row["event"].encode(), orjson.dumps(row, option=orjson.OPT_UTC_Z))
            for row in rows
        )

    def _meters(self, scope: Scope) -> frozenset[str]:
        """The meters that may be seen, by the query of /v1/meters."""
        query = rows_query(BY_NAME["meters"], Asked(), scope)
        with self._keeper.current.answer(query) as found:
            return frozenset(found.to_arrow_table()["meter_id"].to_pylist())


def alert_routes(root: str, keeper: Keeper[Snapshot]) -> APIRouter:
    """The stream; `Last-Event-ID` goes on behind an event."""
    router, stream = APIRouter(prefix="/v1", tags=["alerts"]), AlertStream(root, keeper)

    @router.get("/alerts/stream", summary="Alerts as they are told, as server-sent events")
    async def alerts(request: Request) -> StreamingResponse:
        principal = request.scope["principal"]
        require(principal, Permission.READ_ANSWERS)
        stream.require_room()
        last = request.headers.get("last-event-id")
        if last is not None and not (last.isdecimal() and last.isascii() and len(last) < 16):
            raise Problem(400, "Last-Event-ID is no id of an event: leave it out to hear what comes.")
        after = None if last is None else int(last)
        return StreamingResponse(stream.events(principal.scope, after), media_type="text/event-stream", headers=HEADERS)

    return router
