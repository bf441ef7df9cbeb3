"""POST /v1/readings: readings of the asker's meters, which the next ingest takes into the lake."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from energy_lib.lake.keeper import Keeper
from energy_lib.security.permissions import Permission, require
from energy_lib.security.principal import Principal
from energy_lib.serving.idempotency import idempotency_key, replayed
from energy_lib.serving.meters_seen import meters_seen
from energy_lib.serving.posted_files import PostedFiles, hashed
from energy_lib.serving.posted_readings import Judged, ReadingsAnswer, Rejection, judged, meters_of, rows_of
from energy_lib.serving.problems import Problem
from energy_lib.serving.request_examples import READINGS_OPERATION
from energy_lib.serving.snapshot import Snapshot

NOT_THEN = "it was not taken when this key was first used: post it with another key"


def readings_routes(files: PostedFiles | None, keeper: Keeper[Snapshot]) -> APIRouter:
    """The route; without `files` it says what to set."""
    router = APIRouter(prefix="/v1", tags=["tables"])

    @router.post("/readings", status_code=202, **READINGS_OPERATION)
    async def readings(request: Request) -> Response:
        principal: Principal = request.scope["principal"]
        require(principal, Permission.WRITE_READINGS)
        if files is None:
            raise Problem(409, "This API takes no readings: its administrator sets serving.readings_source.")
        key, body = idempotency_key(request), await request.body()
        return await run_in_threadpool(_keep, files, principal, key, body)

    def _keep(files: PostedFiles, principal: Principal, key: str, body: bytes) -> Response:
        rows = rows_of(body)
        found = judged(rows, meters_seen(keeper.current, meters_of(rows), principal.scope))
        name, request_hash = hashed(principal.name, key), hashed(body)
        kept = files.kept(name, request_hash)
        if kept is None:
            _require_some(found)
            kept = files.keep(name, request_hash, found.lines)
        was_there = kept is not None
        answer = _answer(found, frozenset(found.lines) if kept is None else kept, len(rows))
        return Response(msgspec.json.encode(answer), 202, replayed(was_there), "application/json")

    return router


def _require_some(found: Judged) -> None:
    if not found.lines:
        first = found.rejections[0]
        raise Problem(400, f"None of the {len(found.rejections)} readings is taken; of row {first.row} {first.reason}.")


def _answer(found: Judged, kept: frozenset[int], rows: int) -> ReadingsAnswer:
    """Of what is kept; a row that would be taken today and was not then is told so."""
    reasons = {each.row: each.reason for each in found.rejections}
    rejections = [Rejection(row, reasons.get(row, NOT_THEN)) for row in range(rows) if row not in kept]
    return ReadingsAnswer(len(kept), len(rejections), rejections)
