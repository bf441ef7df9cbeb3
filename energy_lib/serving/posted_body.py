"""A posted JSON body as the type that /openapi.json gives it."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from energy_lib.serving.problems import Problem

T = TypeVar("T")


def decoded(body: bytes, kind: type[T]) -> T:
    """A JSON body as `kind`; raises Problem (400), which says where it is wrong."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Problem(400, f"The body is not as /openapi.json describes it: {error}.") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise Problem(400, f"The body is no JSON: {error}.") from None
