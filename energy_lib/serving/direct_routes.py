"""Routes that are asked most: they answer before FastAPI's router and GZip, which take longer than a forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send


@dataclass
class DirectRoutes:
    """ASGI middleware: answers what `routes` match with path and method, and hands the rest on.

    The routes stand in the app's router too, which refuses other methods. Their endpoints are functions of a request;
    parameters of their paths are texts. The gateway finds the route in the request's scope, as of FastAPI's.
    """

    app: ASGIApp
    routes: Sequence[Route]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for route in self.routes:
                found = route.path_regex.match(scope["path"]) if scope["method"] in (route.methods or ()) else None
                if found:
                    scope["route"], scope["path_params"] = route, found.groupdict()
                    response = await route.endpoint(Request(scope, receive))
                    await response(scope, receive, send)
                    return
        await self.app(scope, receive, send)
