"""Statements and their versions: what is reported otherwise than before visibly takes its place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from energy_lib.insights.accounts.book import Row
from energy_lib.insights.accounts.groups import VERSION, group_key
from energy_lib.tables.table import Table

# What a statement may differ in without saying anything else.
NOT_SAID = (*VERSION, "known_at_utc")


def restated(table: Table, standing: Iterable[Row], computed: Iterable[Row], origin: datetime) -> list[Row]:
    """The rows that change: new statements, and those whose place they take (`superseded_at_utc`).

    `standing`: the rows that stand, of all that was computed anew. `computed`: rows without versions. A statement that
    says the same stays as it is. One that is not computed any more is closed and has no successor. A statement is
    reported at the night's `origin`, or when the newest of what it rests on became known, if that is later. One that is
    reported at the same time as the standing one is put in its place, so that a night may be run again.
    """
    before = {_key(table, row): row for row in standing}
    after = {_key(table, row): row for row in computed}
    changed = []
    for key, row in after.items():
        old = before.get(key)
        if old is None:
            changed.append(_stated(row, 1, max(origin, row["known_at_utc"])))
        elif _said(table, old) != _said(table, row):
            changed += _replaced(old, row, max(origin, row["known_at_utc"], old["reported_at_utc"]))
    for key, old in before.items():
        if key not in after:
            # Its row says when it ended: of itself it has no instant, as nothing was computed.
            changed.append(old | {"superseded_at_utc": max(origin, old["reported_at_utc"])})
    return changed


def _replaced(old: Row, new: Row, reported: datetime) -> list[Row]:
    if reported == old["reported_at_utc"]:
        return [_stated(new, old["statement"], reported)]
    return [old | {"superseded_at_utc": reported}, _stated(new, old["statement"] + 1, reported)]


def _stated(row: Row, statement: int, reported: datetime) -> Row:
    return row | {"statement": statement, "reported_at_utc": reported, "superseded_at_utc": None}


def _key(table: Table, row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in group_key(table))


def _said(table: Table, row: Row) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in table.column_names if name not in NOT_SAID)
