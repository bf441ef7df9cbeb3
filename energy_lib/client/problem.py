"""The one error of the client: what the API said, in its own sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(eq=False)
class ApiProblem(Exception):
    """`sentence` says what to do. `status`: 0 if no answer came. `retry_after_seconds`: come back then, if at all."""

    status: int
    sentence: str
    request_id: str | None = None
    retry_after_seconds: float | None = None

    def __str__(self) -> str:
        named = f" (request {self.request_id})" if self.request_id else ""
        return f"{self.sentence}{named}"


def require_answer(answer: httpx.Response) -> None:
    """Raises ApiProblem if the answer is one; its body must have been read."""
    if answer.status_code < 400:
        return
    said = _said(answer)
    sentence = said.get("detail") or f"The API answered {answer.status_code} and said no more."
    raise ApiProblem(answer.status_code, str(sentence), said.get("request_id"), _seconds(answer))


def unreachable(error: httpx.HTTPError, address: str) -> ApiProblem:
    """Nothing answered at `address`."""
    return ApiProblem(0, f"No answer came from {address} ({error or type(error).__name__}): is the API running there?")


def _said(answer: httpx.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        # A proxy in between says it in its own way.
        return {}
    return said if isinstance(said, dict) else {}


def _seconds(answer: httpx.Response) -> float | None:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isdecimal() else None
