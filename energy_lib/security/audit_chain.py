"""The chain of the audit: each row holds the SHA-256 of the row before it and of itself. Pure functions.

Who changes, inserts or removes a row breaks the chain there. Who can write to the table can also cut its newest rows
off, or make the whole chain anew: a head that was noted elsewhere (`Head`) tells that.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from energy_lib.errors import BadConfig
from energy_lib.intervals import utc_text

# What the first row of all is chained to.
BEGINNING = "0" * 64
PRUNED = "prune audit"
# Columns in a row's own words; `previous_hash` and `hash` come on top.
SAID = ("sequence", "at_utc", "actor", "origin", "request_id", "action", "resource", "outcome", "detail")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Head:
    """The newest row of a chain: its number and its hash. It is written `<sequence>:<hash>`."""

    sequence: int
    hash: str

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash}"

    @classmethod
    def of(cls, text: str) -> Head:
        """Raises BadConfig for what is no head."""
        found = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", text)
        if found is None:
            raise BadConfig(f"'{text[:90]}' is no head of the audit: copy one that jobs/audit.py verify printed.")
        return cls(int(found[1]), found[2])


NO_ROWS = Head(0, BEGINNING)


def canonical(row: Row) -> bytes:
    """A row's own words as bytes, the same for the same words: sorted JSON in ASCII, times in UTC microseconds."""
    said = {name: _plain(row[name]) for name in SAID}
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def row_hash(previous_hash: str, row: Row) -> str:
    return hashlib.sha256(previous_hash.encode("ascii") + b"\n" + canonical(row)).hexdigest()


def chained(head: Head, entries: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows of the table for `entries` (the columns of SAID but `sequence`), in this order, after `head`."""
    rows = []
    for entry in entries:
        row: dict[str, Any] = {**entry, "sequence": head.sequence + 1, "previous_hash": head.hash}
        head = Head(head.sequence + 1, row_hash(head.hash, row))
        rows.append({**row, "hash": head.hash})
    return rows


def head_of(rows: list[dict[str, Any]], before: Head) -> Head:
    return Head(rows[-1]["sequence"], rows[-1]["hash"]) if rows else before


def prune_detail(removed: Head) -> dict[str, str]:
    """What the row says by which older rows were removed: up to which one, and what the next one is chained to."""
    return {"removed_up_to": str(removed)}


class Verifier:
    """Reads a chain once, in the order of `sequence`. `fault`: the sentence on the first row that is wrong."""

    def __init__(self, expected: Head | None = None) -> None:
        self.head: Head | None = None
        self.rows = 0
        self.fault: str | None = None
        self._first: Head | None = None
        self._anchors: set[Head] = set()
        self._expected = expected
        self._met = expected is None

    def take(self, row: Row) -> None:
        """Hold the next row against the one before it."""
        if self.fault is not None:
            return
        number = int(row["sequence"])
        if self.head is None:
            self.head = self._first = Head(number - 1, row["previous_hash"])
        if number != self.head.sequence + 1:
            what = "is there twice" if number <= self.head.sequence else f"comes after row {self.head.sequence}"
            self.fault = f"Row {number} {what}: rows were added or removed"
        elif row["previous_hash"] != self.head.hash:
            self.fault = f"Row {number} is not chained to the row before it: one of them was changed"
        elif row_hash(self.head.hash, row) != row["hash"]:
            self.fault = f"Row {number} does not have the hash of its words: it was changed"
        else:
            self._keep(row, Head(number, row["hash"]))

    def _keep(self, row: Row, head: Head) -> None:
        self.head = head
        self.rows += 1
        self._met = self._met or head == self._expected
        if row["action"] == PRUNED:
            self._anchors.add(_removed(row["detail"]))

    def end(self) -> str | None:
        """The fault; also of a chain whose beginning no row accounts for, or that lacks the expected head."""
        if self.fault is None and self._first not in (None, NO_ROWS) and self._first not in self._anchors:
            assert self._first is not None
            self.fault = f"The rows up to {self._first.sequence} were removed, and no row says so"
        if self.fault is None and not self._met and self._expected is not None and self._expected not in self._anchors:
            self.fault = f"Row {self._expected.sequence} is gone or is another one than was noted"
        return self.fault


def _removed(detail: str | None) -> Head:
    try:
        return Head.of(json.loads(detail or "{}")["removed_up_to"])
    except (ValueError, KeyError, TypeError, BadConfig):
        return NO_ROWS


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return utc_text(value, "microseconds")
    return value
