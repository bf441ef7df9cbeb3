"""Routes that are asked most: they answer before FastAPI's router and GZip, which take longer than a forecast."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer with status 200; `headers`: names in lower case."""

    body: bytes
    headers: Mapping[str, str]


# Of a request's scope, with its `path_params`; and of a receiver of its body.
Endpoint = Callable[[Scope, Receive], Awaitable[Answer]]


@dataclass(frozen=True)
class Direct:
    """An endpoint as an ASGI app: Starlette's objects of a request and of an answer take a tenth of a forecast."""

    endpoint: Endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self.endpoint(scope, receive)
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
        headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})


@dataclass
class DirectRoutes:
    """ASGI middleware: answers what `routes` match with path and method, and hands the rest on.

    The routes stand in the app's router too, which refuses other methods. Their endpoints are `Direct`; parameters of
    their paths are texts. The gateway finds the route in the request's scope, as of FastAPI's.
    """

    app: ASGIApp
    routes: Sequence[Route]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for route in self.routes:
                found = route.path_regex.match(scope["path"]) if scope["method"] in (route.methods or ()) else None
                if found:
                    scope["route"], scope["path_params"] = route, found.groupdict()
                    await route.app(scope, receive, send)
                    return
        await self.app(scope, receive, send)


async def body_of(receive: Receive) -> bytes:
    """The whole body; raises ClientDisconnect when the asker hangs up meanwhile."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def header_of(scope: Scope, name: str) -> str | None:
    """The first header of this name, in lower case."""
    sought = name.encode("latin-1")
    found: bytes | None = next((value for key, value in scope["headers"] if key == sought), None)
    return None if found is None else found.decode("latin-1")
