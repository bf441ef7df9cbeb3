"""Alerts as they are told: the events of /v1/alerts/stream, read as lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from energy_lib.client.answers import Row


@dataclass(frozen=True, slots=True)
class Alert:
    """`event`: what is said; `row`: of gold.alerts. `id`: go on behind it with `alerts(after=id)`."""

    id: str
    event: str
    row: Row


def alerts_of(lines: Iterable[str]) -> Iterator[Alert]:
    """The alerts of server-sent events (WHATWG HTML, section 9.2); comments that keep the line open are left out."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, text = line.partition(":")
            fields[name] = text.removeprefix(" ")
            continue
        if "data" in fields:
            yield Alert(fields.get("id", ""), fields.get("event", "message"), json.loads(fields["data"]))
        fields = {}
