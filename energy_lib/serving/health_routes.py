"""/health/live, /health/ready and /metrics."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from energy_lib.lake.keeper import Keeper
from energy_lib.security.permissions import Permission, require
from energy_lib.serving.metrics import ServingMetrics
from energy_lib.serving.snapshot import Snapshot


def health_routes(keeper: Keeper[Snapshot], metrics: ServingMetrics) -> APIRouter:
    """Whether it lives and answers needs no name; figures do."""
    router = APIRouter(tags=["operations"])

    @router.get("/health/live", summary="Whether the process lives")
    async def live() -> dict[str, bool]:
        return {"live": True}

    @router.get("/health/ready", summary="Whether it answers, and from when")
    async def ready() -> dict[str, str]:
        return {"tables_read_at_utc": keeper.current.at.isoformat()}

    @router.get("/metrics", summary="Figures for Prometheus", response_class=PlainTextResponse)
    async def figures(request: Request) -> Response:
        require(request.scope["principal"], Permission.READ_OPERATIONS)
        return Response(metrics.text(), media_type="text/plain; version=0.0.4")

    return router
