"""Errors as problem+json (RFC 9457): one plain sentence, a status, and the request's id."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from energy_lib.errors import BadConfig, EnergyError, InputMissing, TryAgain
from energy_lib.security.principal import Forbidden, Unauthenticated

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5
BUG = "Something here is wrong and it is not your request: tell your administrator the request's id."
STATUS_OF: tuple[tuple[type[EnergyError], int], ...] = (
    (Unauthenticated, 401), (Forbidden, 403), (InputMissing, 404), (TryAgain, 503), (BadConfig, 400),
)  # fmt: skip
SENTENCES = {
    404: "There is nothing at this address: GET /openapi.json lists all there is.",
    405: "This address does not take that method: GET /openapi.json lists those that it takes.",
}
# As JSON schema, and as OpenAPI's description of an answer.
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "One sentence: what is wrong, and what to do"},
        "request_id": {"type": "string"},
    },
}
FAILED = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


class Problem(EnergyError):
    """A request that is not answered: its status, the sentence that says why, and headers to send along."""

    exit_code = 2

    def __init__(self, status: int, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.headers = dict(headers or {})


def problem_body(status: int, sentence: str, request_id: str) -> bytes:
    """`type` is about:blank: the status says it all (RFC 9457, section 4.2.1)."""
    return orjson.dumps(
        {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": sentence,
            "request_id": request_id,
        }
    )


def response_of(error: Exception, request_id: str) -> Response:
    """The answer to a request that failed by `error`; a bug tells nothing of itself."""
    status, sentence, headers = _told(error)
    return Response(problem_body(status, sentence, request_id), status, headers, MEDIA_TYPE)


def _told(error: Exception) -> tuple[int, str, dict[str, str]]:
    if isinstance(error, Problem):
        return error.status, str(error), error.headers
    if isinstance(error, HTTPException):
        return error.status_code, SENTENCES.get(error.status_code, str(error.detail)), dict(error.headers or {})
    for kind, status in STATUS_OF:
        if isinstance(error, kind):
            headers = {503: {"Retry-After": str(RETRY_SECONDS)}, 401: {"WWW-Authenticate": "Bearer"}}.get(status, {})
            return status, str(error), headers
    return 500, BUG, {}


def answer_problem(request: Request, error: Exception) -> Response:
    """FastAPI's handler of all errors."""
    return response_of(error, request_id_of(request.scope))


def request_id_of(scope: Mapping[str, Any]) -> str:
    """The id that energy_lib.serving.gateway gave the request."""
    return str(scope.get("request_id", ""))
