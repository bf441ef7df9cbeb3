"""What every request passes, once: its id, its size, who asks, how often, how long it took, and the audit."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from energy_lib.config import ServingConfig
from energy_lib.errors import EnergyError
from energy_lib.lake.audit_log import AuditLog
from energy_lib.serving.authentication import Authenticator
from energy_lib.serving.metrics import ServingMetrics
from energy_lib.serving.problems import Problem, response_of
from energy_lib.serving.rate_limits import RateLimits
from energy_lib.serving.request_audit import record_request

# What answers without knowing who asks: whether it lives, and what there is.
OPEN_PATHS = frozenset({"/health/live", "/health/ready", "/v2/health/live", "/v2/health/ready", "/openapi.json"})
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass
class Gateway:
    """ASGI middleware. Handlers find `principal` and `request_id` in the request's scope.

    With an `audit`, each request that takes someone known stands in it, let or not.
    """

    app: ASGIApp
    config: ServingConfig
    authenticator: Authenticator
    metrics: ServingMetrics
    audit: AuditLog | None = None

    def __post_init__(self) -> None:
        self._limits = RateLimits(self.config.requests_per_second, self.config.burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # Of a header that is sent twice the first one counts.
        started, headers = time.perf_counter(), dict(reversed(scope["headers"]))
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        scope["request_id"] = request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", request_id.encode()))
            await send(message)

        is_open = scope["path"] in OPEN_PATHS
        try:
            if not is_open:
                await self._admit(scope, headers)
            await self.app(scope, self._limited(receive), answer)
        except EnergyError as error:
            await response_of(error, request_id)(scope, receive, answer)
        finally:
            if self.audit is not None and not is_open:
                record_request(self.audit, scope, status)
            route = getattr(scope.get("route"), "path", "none")
            self.metrics.answered(route, status, time.perf_counter() - started)

    async def _admit(self, scope: Scope, headers: Mapping[bytes, bytes]) -> None:
        """Let a request of someone known in, if it is not too long and not one too many; raises EnergyError."""
        if self.audit is not None:
            self.audit.require_room()
        authorization, api_key = _text(headers.get(b"authorization")), _text(headers.get(b"x-api-key"))
        recognise = partial(self.authenticator.authenticate, authorization, api_key)
        # Keys that are asked for over the network must not hold up the other requests.
        at_hand = self.authenticator.at_hand(authorization)
        principal = recognise() if at_hand else await run_in_threadpool(recognise)
        scope["principal"] = principal
        wait = self._limits.wait_seconds(principal.name)
        if wait:
            raise Problem(429, f"These are too many requests: wait {wait} s.", {"Retry-After": str(wait)})
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > self.config.max_body_bytes:
            raise self._too_long()

    def _limited(self, receive: Receive) -> Receive:
        """What was announced is checked before; this holds for bodies that announce nothing."""
        left = self.config.max_body_bytes

        async def limited() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise self._too_long()
            return message

        return limited

    def _too_long(self) -> Problem:
        return Problem(413, f"The body is longer than {self.config.max_body_bytes:,} bytes: send less at once.")


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")
