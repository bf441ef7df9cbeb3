"""POST /v1/recommendations/<id>/feedback: what became of a recommendation."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from energy_lib.lake.keeper import Keeper
from energy_lib.security.permissions import Permission, require
from energy_lib.security.principal import Principal
from energy_lib.serving.asked import Asked
from energy_lib.serving.idempotency import idempotency_key, replayed
from energy_lib.serving.posted_body import decoded
from energy_lib.serving.posted_feedback import PostedFeedback, keep
from energy_lib.serving.problems import Problem
from energy_lib.serving.queries import rows_query
from energy_lib.serving.request_examples import FEEDBACK_OPERATION
from energy_lib.serving.resources import BY_NAME
from energy_lib.serving.snapshot import Snapshot

TOLD = ("recommendation_id", "state", "changed_at_utc", "changed_by", "snoozed_until", "done_on", "note")


def feedback_routes(root: str, keeper: Keeper[Snapshot]) -> APIRouter:
    """The route; a night takes in what is kept."""
    router = APIRouter(prefix="/v1", tags=["recommendations"])

    @router.post("/recommendations/{recommendation_id}/feedback", status_code=202, **FEEDBACK_OPERATION)
    async def feedback(request: Request) -> Response:
        principal: Principal = request.scope["principal"]
        require(principal, Permission.GIVE_FEEDBACK)
        key = idempotency_key(request)
        posted = decoded(await request.body(), PostedFeedback)
        posted.require_fitting()
        return await run_in_threadpool(_keep, posted, request.path_params["recommendation_id"], principal, key)

    def _keep(posted: PostedFeedback, recommendation_id: str, principal: Principal, key: str) -> Response:
        offered = Asked(filters={"recommendation_id": (recommendation_id,), "status": ("offered",)}, limit=1)
        with keeper.current.answer(rows_query(BY_NAME["recommendations"], offered, principal.scope)) as found:
            if not found.fetchall():
                raise Problem(404, "No recommendation of yours has this id: GET /v1/recommendations lists them.")
        row, was_there = keep(root, posted, recommendation_id, principal.name, datetime.now(UTC), key)
        body = orjson.dumps({name: row[name] for name in TOLD}, option=orjson.OPT_UTC_Z)
        return Response(body, 202, replayed(was_there), "application/json")

    return router
