"""The header Idempotency-Key: the same key of the same asker is the same request, kept once."""

from __future__ import annotations

from starlette.requests import Request

from energy_lib.serving.problems import Problem

LONGEST_KEY = 200


def idempotency_key(request: Request) -> str:
    """The key; raises Problem (400) without one, and for one that is too long."""
    key = request.headers.get("idempotency-key", "")
    if not 0 < len(key) <= LONGEST_KEY:
        raise Problem(400, "The header Idempotency-Key is missing or too long: choose one for each request.")
    return key


def key_used() -> Problem:
    """Of a key that came before with another request."""
    return Problem(422, "This Idempotency-Key was used for another request: choose a new one.")


def replayed(was_there: bool) -> dict[str, str]:
    """The header that says that it was kept before."""
    return {"Idempotency-Replayed": "true"} if was_there else {}
