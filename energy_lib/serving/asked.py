"""What a request asks of a resource: its query string, checked."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import orjson

from energy_lib.intervals import END_INSTANT, FIRST_INSTANT
from energy_lib.serving.problems import Problem
from energy_lib.serving.resources import Resource

VALUES_AT_MOST = 1000
PLAIN = ("meter", "site", "from", "to", "as_of", "limit", "cursor")


@dataclass(frozen=True, slots=True)
class Asked:
    """`after`: the key of the last row of the page before. `limit` None: all rows. Instants are aware, in UTC."""

    meters: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    as_of: datetime | None = None
    limit: int | None = None
    after: tuple[Any, ...] | None = None
    filters: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


def names_of(resource: Resource) -> list[str]:
    """The parameters that a resource takes."""
    held = {
        "meter": resource.meter,
        "site": resource.site or resource.meter,
        "from": resource.time,
        "to": resource.time,
    }
    held["as_of"] = resource.known
    return [name for name in PLAIN if held.get(name, name) is not None] + list(resource.filters)


def asked_of(resource: Resource, query: Sequence[tuple[str, str]], page_rows: int | None, most: int | None) -> Asked:
    """The query string as pairs; raises Problem (400), which names the parameter.

    `page_rows`: rows of a page without `limit`, None for all; `most`: the highest limit.
    """
    given: dict[str, list[str]] = {}
    for name, text in query:
        given.setdefault(name, []).append(text)
    unknown = sorted(set(given) - set(names_of(resource)))
    if unknown:
        raise _bad(f"{resource.name} takes no parameter {unknown[0]}: it takes {', '.join(names_of(resource))}.")
    many = [name for name, texts in given.items() if len(texts) > VALUES_AT_MOST]
    if many:
        raise _bad(f"{many[0]} is given more than {VALUES_AT_MOST} times: ask several times.")
    return Asked(
        meters=tuple(given.get("meter", ())),
        sites=tuple(given.get("site", ())),
        since=_instant(given, "from"),
        until=_instant(given, "to"),
        as_of=_instant(given, "as_of"),
        limit=_limit(given, page_rows, most),
        after=_after(given, resource),
        filters={
            name: tuple(value_of(resource.table.column(name).type, text, name) for text in given[name])
            for name in resource.filters
            if name in given
        },
    )


def value_of(kind: str, text: str, name: str) -> Any:
    """A value of a column's type; raises Problem."""
    try:
        if kind == "timestamp":
            return instant(text)
        if kind == "date":
            return date.fromisoformat(text)
        if kind in ("int", "long"):
            return int(text)
    except ValueError:
        raise _bad(f"{name} is '{_short(text)}', which is no {kind}: write it like 2024-05-01T00:00:00Z.") from None
    return text


def instant(text: str) -> datetime:
    """RFC 3339, a date alone is its midnight, without a zone it is UTC; raises ValueError, also for far years."""
    # A plus that was not encoded comes as a space.
    parsed = datetime.fromisoformat(text.replace(" ", "+"))
    aware = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    if not FIRST_INSTANT <= aware < END_INSTANT:
        raise ValueError(text)
    return aware


def cursor_of(key: Sequence[Any]) -> str:
    """The key of a page's last row, to be sent back as `cursor`."""
    texts = [value.isoformat() if isinstance(value, date | datetime) else value for value in key]
    return base64.urlsafe_b64encode(orjson.dumps(texts)).rstrip(b"=").decode()


def _after(given: Mapping[str, list[str]], resource: Resource) -> tuple[Any, ...] | None:
    text = _one(given, "cursor")
    if text is None:
        return None
    key = resource.table.key
    try:
        values = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        values = None
    if not isinstance(values, list) or len(values) != len(key) or not all(isinstance(v, str | int) for v in values):
        raise _bad("cursor is none that this address gave: send the `next` of the page before as it is.")
    return tuple(
        value if isinstance(value, int) else value_of(resource.table.column(name).type, value, "cursor")
        for name, value in zip(key, values, strict=True)
    )


def _limit(given: Mapping[str, list[str]], page_rows: int | None, most: int | None) -> int | None:
    text = _one(given, "limit")
    if text is None:
        return page_rows
    if not text.isdecimal() or not text.isascii() or len(text) > 9 or int(text) < 1:
        raise _bad(f"limit is '{_short(text)}': give a whole number from 1 on.")
    if most is not None and int(text) > most:
        raise _bad(f"limit is {text} and {most:,} is the most of JSON: ask for CSV, Parquet or Arrow by Accept.")
    return int(text)


def _instant(given: Mapping[str, list[str]], name: str) -> datetime | None:
    text = _one(given, name)
    try:
        return None if text is None else instant(text)
    except ValueError:
        raise _bad(f"{name} is '{_short(str(text))}', which is no time: write it like 2024-05-01T00:00:00Z.") from None


def _one(given: Mapping[str, list[str]], name: str) -> str | None:
    texts = given.get(name, [])
    if len(texts) > 1:
        raise _bad(f"{name} is given {len(texts)} times: give it once.")
    return texts[0] if texts else None


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"


def _bad(sentence: str) -> Problem:
    return Problem(400, sentence)
