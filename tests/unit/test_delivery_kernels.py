"""What is told of alerts to whom, signed how and when again: the parts of alert delivery that send nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from alert_receivers import alert
from hypothesis import given
from hypothesis import strategies as st

from energy_lib.config import AlertsConfig
from energy_lib.config.alerts import ALL_EVENTS, Event, Receiver, Severity
from energy_lib.streaming.delivery import advice_text
from energy_lib.streaming.delivery.alerts import message_id, wanted
from energy_lib.streaming.delivery.mail_text import SAID, body, digest_body, subject
from energy_lib.streaming.delivery.queue import Item, Queue, pause_seconds
from energy_lib.streaming.delivery.remedies import REMEDIES
from energy_lib.streaming.delivery.signing import secret_bytes, signed_headers
from energy_lib.tables.answers import advice
from energy_lib.tables.answers.alerts import EVENTS
from energy_lib.tables.answers.anomalies import SEVERITIES, TYPES

ALL = Receiver()


def test_a_signature_is_the_one_of_the_standards_own_library() -> None:
    """Signed by standardwebhooks 1.1.0 (PyPI), whose docs have this message."""
    sent_at = datetime.fromtimestamp(1614265330, UTC)
    key = secret_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert signed_headers(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", sent_at, b'{"test": 2432232314}') == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_config_and_texts_know_all_that_can_be_said() -> None:
    assert get_args(Event) == ALL_EVENTS
    assert set(EVENTS) | set(advice.EVENTS) == set(ALL_EVENTS)
    assert (tuple(SAID), tuple(advice_text.SAID)) == (EVENTS, advice.EVENTS)
    assert set(advice.TYPES) == set(advice_text.NAMES) == set(advice_text.UNITS) == set(advice_text.USUAL)
    assert get_args(Severity) == SEVERITIES
    assert set(REMEDIES) == set(TYPES)


def test_an_id_is_that_of_the_row_in_any_zone_and_of_no_other() -> None:
    row = alert(1)
    elsewhere = row["told_at_utc"].astimezone(datetime.fromisoformat("2024-01-01T00:00:00+05:30").tzinfo)
    assert message_id(row) == message_id(alert(1, told_at_utc=elsewhere, score=9.9, query="other"))
    others = [alert(2), alert(1, event="updated"), alert(1, told_at_utc=row["told_at_utc"] + timedelta(microseconds=1))]
    assert len({message_id(row), *map(message_id, others)}) == 4


def test_a_row_that_two_queries_say_is_told_once() -> None:
    assert wanted([alert(1), alert(1, query="other")], ALL, [], []) == [alert(1)]
    assert wanted([alert(1)], ALL, [message_id(alert(1))], []) == []


def test_what_follows_is_told_to_who_has_heard_of_it_alone() -> None:
    over = alert(1, event="recovered", severity="low")
    grave = Receiver(min_severity="high")
    assert wanted([over], grave, [], []) == []
    assert wanted([over], grave, [], ["a1"]) == [over]
    assert wanted([alert(1, event="updated", severity="low")], grave, [], ["a1"]) == []
    assert wanted([over | {"suppressed": "declared"}], grave, [], ["a1"]) == []


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("news"), st.lists(st.integers(1, 4), max_size=3)),
        st.tuples(st.just("fails"), st.integers(1, 30)),
        st.tuples(st.just("settles"), st.just(0)),
        st.tuples(st.just("waits"), st.integers(1, 20)),
    ),
    max_size=40,
)


@given(steps=STEPS)
def test_a_queue_keeps_each_alerts_order_and_never_forgets_what_is_open(steps: list[tuple[str, object]]) -> None:
    queue, now, open_ones, version, settled = Queue(0), 0.0, [], 0, []
    for kind, given_ in steps:
        if kind == "news":
            assert isinstance(given_, list)
            rows = [alert(number, told_at_utc=(version, place)) for place, number in enumerate(given_)]
            queue.read_to = version + 1
            queue.add(rows, version, now)
            open_ones += [(row["alert_id"], row["told_at_utc"]) for row in rows]
            version += 1
        elif kind == "waits":
            assert isinstance(given_, int)
            now += given_
        elif heads := queue.heads(now):
            item: Item = heads[0]
            if kind == "settles":
                queue.settle([item])
                settled.append((item.row["alert_id"], item.row["told_at_utc"]))
                open_ones.remove(settled[-1])
            else:
                assert isinstance(given_, int)
                item.due, item.attempts = now + given_, item.attempts + 1
        assert len(queue) == len(open_ones)
        assert queue.position() == min([queue.read_to, *(told[0] for _, told in open_ones)])
        assert {item.row["alert_id"] for item in queue.heads(now)} <= {alert_id for alert_id, _ in open_ones}
        assert (queue.next_due() is None) == (not open_ones)
        assert {id(item) for item in queue.heads(now)} <= {id(item) for item in queue.due(now)}
    for name in {alert_id for alert_id, _ in settled}:
        told = [stamp for alert_id, stamp in settled if alert_id == name]
        assert told == sorted(told)


def test_what_is_new_does_not_wait_behind_what_failed() -> None:
    queue = Queue(0)
    queue.add([alert(1)], 0, 0.0)
    queue.heads(0.0)[0].attempts = 3
    queue.add([alert(2)], 1, 0.0)
    assert [item.row["alert_id"] for item in queue.heads(0.0)] == ["a2", "a1"]


@given(attempts=st.integers(1, 10_000), asked=st.one_of(st.none(), st.floats(0, 1e9)))
def test_a_pause_doubles_up_to_the_longest(attempts: int, asked: float | None) -> None:
    pause = pause_seconds(AlertsConfig(), attempts, asked)
    doubled = min(5.0 * 2 ** min(attempts - 1, 20), 3600.0)
    assert max(doubled / 2, min(asked or 0.0, 3600.0)) <= pause <= max(doubled, min(asked or 0.0, 3600.0))


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("type_", TYPES)
def test_there_is_a_mail_for_all_that_can_be_said(event: str, type_: str) -> None:
    row = alert(1, event=event, type=type_, observed_kwh=None, expected_kwh=None, reason="why", anomaly_id="n1")
    text = body(row, {"m1": {"zone": "Mars/Base", "fuel": None}})
    assert "Read: nothing known" in text
    assert "2024-06-01 08:00 UTC" in text
    assert "gold.anomalies of anomaly_id n1" in text
    assert ("Nothing: what was told before is not so." in text) == (event in ("withdrawn", "withdrawn_by_night"))


@given(name=st.text(max_size=300))
def test_no_name_leaves_its_line(name: str) -> None:
    row = alert(1, meter_id=name)
    assert len(subject(row).splitlines()) == 1
    lines = body(row, {}).splitlines()
    assert lines[2] == "What: use far above what is usual (spike), severity high"
    assert len(digest_body([row, row], {}).splitlines()) == 6
