"""Files offered twice, in any order, with copies and corrections: the same files count, the same readings stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from version_oracle import chain

from energy_lib.landing.files.file_outcomes import DUPLICATE, INGESTED, Ending, Parsed, settle, with_taken_over
from energy_lib.landing.files.offered_files import Offer, says_nothing_new
from energy_lib.landing.sources.source import Kind

BEGIN = datetime(2024, 3, 1, tzinfo=UTC)
INTERVAL_END = BEGIN - timedelta(days=1)
Copies = list[tuple[str, int]]  # content, and the day it landed


def offer(place: int, landed: int) -> Offer:
    return Offer(BEGIN + timedelta(days=landed), f"town/{place}.csv", "", 1, "town")


def files_after(copies: Copies, nights: list[list[int]]) -> dict[str, Ending]:
    """bronze.files by path after nights that offer copies by their place; what a night has seen it offers no more."""
    files: dict[str, Ending] = {}
    for night in nights:
        known = {e.file_id: e.offer for e in files.values() if e.status == INGESTED}
        parsed = {}
        for place in night:
            content, landed = copies[place]
            here = offer(place, landed)
            rule = DUPLICATE if says_nothing_new(here, Kind.READINGS, content, known) else None
            if here.path not in files:
                parsed[here] = Parsed(content, 1, 0, rule, None)
        files |= {e.offer.path: e for e in with_taken_over(settle(parsed, set()), known)}
    return files


def counting(files: dict[str, Ending]) -> dict[str, datetime]:
    """Content → landing of the one ingested copy."""
    found = [(e.file_id, e.offer.landed_at_utc) for e in files.values() if e.status == INGESTED]
    assert len({content for content, _ in found}) == len(found), "a content is ingested twice"
    return dict(found)


@given(st.data(), st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5)), min_size=1, max_size=7))
def test_the_first_landing_of_a_content_counts_in_every_order(data: st.DataObject, copies: Copies) -> None:
    order = data.draw(st.permutations(range(len(copies))), label="order")
    again = data.draw(st.lists(st.sampled_from(order), max_size=3), label="offered twice")
    cut = data.draw(st.integers(0, len(order)), label="first night")
    nights = [order[:cut], [*order[cut:], *again], order]
    first = counting(files_after(copies, nights))
    assert first == {
        content: BEGIN + timedelta(days=min(d for c, d in copies if c == content)) for content, _ in copies
    }
    # Every content gives the one interval a value of its own: the versions follow from what counts.
    for available in (lambda landed: landed, lambda landed: INTERVAL_END):
        rows = [(landed, available(landed), content, 1, float(ord(content))) for content, landed in first.items()]
        newest = max((landed, content) for content, landed in first.items())
        assert chain(rows)[-1][1] == float(ord(newest[1]))


def test_reference_files_are_never_taken_over_and_another_source_reads_its_own_part() -> None:
    known = {"a": offer(0, 3)}
    earlier = offer(1, 1)
    elsewhere = Offer(earlier.landed_at_utc, "village/1.csv", "", 1, "village")
    assert not says_nothing_new(earlier, Kind.READINGS, "a", known)
    assert not says_nothing_new(elsewhere, Kind.READINGS, "a", known)
    assert says_nothing_new(earlier, Kind.WEATHER, "a", known)
