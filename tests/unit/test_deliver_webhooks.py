"""Alerts by webhook against a real web server, which fails, is slow, refuses, and asks for trust."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from alert_deliveries import Deliver, heard, settled
from alert_receivers import KEY, WebServer, alert, server_tls, tell
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]


def test_a_webhook_is_signed_as_its_receiver_checks_it_and_told_once(
    root: str, web: WebServer, deliver: Deliver
) -> None:
    tell(root, alert(1, meter_id="Zähler „1“"))
    hook = {"name": "ops", "url": web.url}
    assert deliver(hook).lines == ["ops: 1 delivered, 0 given up."]
    assert deliver(hook).lines == ["ops: 0 delivered, 0 given up."]
    (request,) = web.received
    assert request.signed_by(KEY)
    assert not request.signed_by(bytes(32))
    assert request.data["meter_id"] == "Zähler „1“"
    assert request.data["observed_kwh"] == 42.0
    assert b'"type":"alert.raised"' in request.body
    schema = json.loads((ROOT / "docs/schemas/alert.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(request.data)
    (row,) = settled(root)
    assert (row["channel"], row["message_id"], row["status"], row["attempts"]) == ("ops", request.id, "delivered", 1)


def test_only_what_a_receiver_asks_for_is_told_in_the_order_in_which_it_was_said(
    root: str, web: WebServer, deliver: Deliver
) -> None:
    later = {"told_at_utc": alert(8)["told_at_utc"]}
    tell(
        root,
        alert(2, severity="medium"),
        alert(1),
        alert(3, suppressed="budget"),
        alert(4, event="updated"),
        alert(2, event="recovered", severity="medium", **later),
    )
    # It was told of alert 1, so it is told that it is not so, however grave it is by now.
    tell(root, alert(1, event="withdrawn_by_night", severity="low", **later))
    deliver({"name": "ops", "url": web.url, "min_severity": "high", "events": ["raised", "withdrawn_by_night"]})
    assert heard(web) == ["a1 raised", "a1 withdrawn_by_night"]


def test_a_failure_is_tried_again_with_the_same_id_and_what_never_works_is_a_dead_letter(
    root: str, web: WebServer, deliver: Deliver
) -> None:
    web.answer = lambda before: (503 if before < 3 else 200, {"retry-after": "0"})
    tell(root, alert(1))
    hook = {"name": "ops", "url": web.url}
    deliver(hook)
    assert len(web.received) == 4
    assert len({request.id for request in web.received}) == 1
    web.answer = lambda before: (500, {})
    tell(root, alert(2))
    outcome = deliver(hook, settings=("alerts.attempts=3",))
    assert outcome.lines == ["ops: 0 delivered, 1 given up."]
    last = settled(root)[-1]
    assert (last["status"], last["attempts"], last["error"]) == ("dead", 3, "HTTP 500")
    web.answer = lambda before: (200, {})
    assert deliver(hook).lines == ["ops: 0 delivered, 0 given up."]
    assert deliver(hook, dead=True).lines == ["ops: 1 delivered, 0 given up."]
    assert web.received[-1].id == last["message_id"]
    assert deliver(hook, dead=True).lines == ["ops: 0 delivered, 0 given up."]


@pytest.mark.parametrize(
    ("answer", "error", "attempts"),
    [
        ((410, {}), "HTTP 410", 1),
        ((307, {"location": "http://localhost:1/"}), "HTTP 307, and redirects are not followed", 2),
        ((404, {"retry-after": "9" * 400}), "HTTP 404", 2),
        ((429, {"retry-after": "Wed, 21 Oct 2065 07:28:00 GMT"}), "HTTP 429", 2),
        (None, "ReadTimeout", 2),
    ],
)
def test_what_a_receiver_answers_otherwise(
    root: str, web: WebServer, deliver: Deliver, answer: Any, error: str, attempts: int
) -> None:
    web.answer = lambda before: answer
    tell(root, alert(1))
    deliver({"name": "ops", "url": web.url}, settings=("alerts.attempts=2", "alerts.timeout_seconds=0.3"))
    (row,) = settled(root)
    assert (row["status"], row["attempts"]) == ("dead", attempts)
    assert error in row["error"]


def test_a_receiver_that_fails_keeps_no_other_waiting_and_no_other_alert(
    root: str, web: WebServer, deliver: Deliver
) -> None:
    """The one never answers a1; what follows of a1 waits for it, and nothing else does."""
    bad = WebServer()
    told: list[str] = []

    def answer(before: int) -> tuple[int, dict[str, str]]:
        told.append(bad.received[before].data["alert_id"])
        return (500 if told[-1] == "a1" else 200, {})

    bad.answer = answer
    tell(root, alert(1), alert(1, event="recovered", told_at_utc=alert(5)["told_at_utc"]), alert(2), alert(3))
    with bad.serving():
        deliver({"name": "bad", "url": bad.url}, {"name": "good", "url": web.url}, settings=("alerts.attempts=2",))
    assert heard(web) == ["a1 raised", "a2 raised", "a3 raised", "a1 recovered"]
    assert told == ["a1", "a2", "a3", "a1", "a1", "a1"]
    assert [row["status"] for row in settled(root)] == ["dead", "delivered", "delivered", "dead", *["delivered"] * 4]


def test_a_webhook_over_tls_asks_for_a_certificate_that_is_trusted(
    root: str, deliver: Deliver, certificates: Path
) -> None:
    server = WebServer()
    tell(root, alert(1))
    with server.serving(server_tls(certificates)):
        hook = {"name": "ops", "url": server.url}
        deliver(hook, settings=("alerts.attempts=1",))
        assert "CERTIFICATE_VERIFY_FAILED" in settled(root)[0]["error"]
        trusted = f"alerts.truststore_pem={certificates / 'authority.pem'}"
        deliver(hook, dead=True, settings=(trusted,))
    assert [request.signed_by(KEY) for request in server.received] == [True]
