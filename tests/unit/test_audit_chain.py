"""The audit's chain: any change, gap or insertion is found at its row; what was pruned is accounted for."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_lib.errors import BadConfig
from energy_lib.security.audit_chain import BEGINNING, NO_ROWS, PRUNED, Head, Verifier, chained, prune_detail
from energy_lib.security.audit_entry import AuditEntry

AT = datetime(2024, 6, 1, 12, 30, 0, 250_000, tzinfo=UTC)
ENTRY = AuditEntry(AT, "user:ada", "10.0.0.7", "GET", "/v1/meters/école")
Rows = list[dict[str, Any]]


def rows_of(count: int, head: Head = NO_ROWS) -> Rows:
    return chained(head, [replace(ENTRY, at_utc=AT + timedelta(seconds=i)).row() for i in range(count)])


def fault(rows: Rows, expected: Head | None = None) -> str | None:
    verifier = Verifier(expected)
    for row in rows:
        verifier.take(row)
    return verifier.end()


def test_a_hash_is_that_of_the_previous_hash_and_the_rows_words() -> None:
    """Worked out by hand: whoever checks the chain with another program writes these bytes."""
    (row,) = chained(NO_ROWS, [ENTRY.row()])
    words = (
        '{"action":"GET","actor":"user:ada","at_utc":"2024-06-01T12:30:00.250000Z","detail":null,"origin":"10.0.0.7",'
        '"outcome":"done","request_id":null,"resource":"/v1/meters/\\u00e9cole","sequence":1}'
    )
    assert row["previous_hash"] == BEGINNING
    assert row["hash"] == hashlib.sha256(f"{BEGINNING}\n{words}".encode()).hexdigest()


def test_a_time_in_another_zone_is_the_same_time() -> None:
    local = AT.astimezone(datetime.strptime("+0200", "%z").tzinfo)
    assert chained(NO_ROWS, [replace(ENTRY, at_utc=local).row()])[0]["hash"] == rows_of(1)[0]["hash"]


@given(st.integers(1, 12), st.data())
def test_whoever_changes_a_row_breaks_the_chain_there(count: int, data: st.DataObject) -> None:
    rows = rows_of(count)
    assert fault(rows) is None
    place = data.draw(st.integers(0, count - 1))
    column = data.draw(st.sampled_from(["actor", "action", "resource", "outcome", "detail", "at_utc", "origin"]))
    new: Any = AT + timedelta(days=1) if column == "at_utc" else data.draw(st.text(max_size=5))
    rows[place][column] = new
    assert fault(rows) == f"Row {place + 1} does not have the hash of its words: it was changed"


@given(st.integers(2, 12), st.data())
def test_a_row_that_is_gone_doubled_swapped_or_made_up_is_found(count: int, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, count - 1))
    rows = rows_of(count)
    after = f"Row {place + 2} comes after row {place}"
    if place < count - 1:
        assert (fault(rows[:place] + rows[place + 1 :]) or "").startswith(after)
    doubled = rows[: place + 1] + rows[place:]
    assert (fault(doubled) or "").startswith(f"Row {place + 1} is there twice")
    swapped = [*rows[: place - 1], rows[place], rows[place - 1], *rows[place + 1 :]]
    assert fault(swapped) is not None
    forged = chained(Head(place, "f" * 64), [ENTRY.row()])
    assert fault(rows[:place] + forged + rows[place + 1 :]) == (
        f"Row {place + 1} is not chained to the row before it: one of them was changed"
    )


def test_rows_that_were_cut_off_or_made_anew_are_told_by_a_head_that_was_noted() -> None:
    rows = rows_of(6)
    noted = Head(5, rows[4]["hash"])
    assert Head.of(str(noted)) == noted
    assert fault(rows, noted) is None
    assert fault(rows[:4]) is None, "the chain itself cannot know"
    assert fault(rows[:4], noted) == "Row 5 is gone or is another one than was noted"
    anew = chained(NO_ROWS, [replace(ENTRY, actor="user:eve").row() for _ in range(6)])
    assert fault(anew) is None
    assert fault(anew, noted) == "Row 5 is gone or is another one than was noted"
    assert fault([], noted) is not None
    assert fault([]) is None


def test_a_chain_may_begin_later_if_one_of_its_rows_says_so() -> None:
    rows = rows_of(5)
    removed, head = Head(3, rows[2]["hash"]), Head(5, rows[4]["hash"])
    assert fault(rows[3:]) == "The rows up to 3 were removed, and no row says so"
    anchor = chained(head, [replace(ENTRY, action=PRUNED, detail=json.dumps(prune_detail(removed))).row()])
    assert fault(rows + anchor) is None, "killed before the rows were removed"
    assert fault(rows[3:] + anchor) is None
    assert fault(rows[3:] + anchor, removed) is None, "a head that was noted of the last removed row"
    assert fault(rows[2:] + anchor) == "The rows up to 2 were removed, and no row says so"
    other = chained(head, [replace(ENTRY, action=PRUNED, detail=json.dumps(prune_detail(Head(3, "0" * 64)))).row()])
    assert fault(rows[3:] + other) == "The rows up to 3 were removed, and no row says so"
    for odd in (None, "{", "[]", '{"removed_up_to": 3}'):
        strange = chained(head, [replace(ENTRY, action=PRUNED, detail=odd).row()])
        assert fault(rows + strange) is None


@pytest.mark.parametrize("text", ["", "5", "5:abc", f"x:{'0' * 64}", f"-1:{'0' * 64}"])
def test_what_is_no_head_is_a_sentence(text: str) -> None:
    with pytest.raises(BadConfig, match="no head of the audit"):
        Head.of(text)


def test_what_a_client_sends_is_cut_and_always_text() -> None:
    row = replace(ENTRY, resource="x" * 5000, actor="\udcff", detail=None).row()
    assert (len(row["resource"]), row["actor"], row["detail"]) == (1000, "?", None)
