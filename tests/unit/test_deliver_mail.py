"""Alerts by e-mail against a real mail server: what a mail says, what is refused, and what no password is sent to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alert_deliveries import Deliver, mail_to, settled
from alert_receivers import PASSWORD, MailServer, alert, tell

from energy_lib.lake.small_tables import SmallTables
from energy_lib.tables import silver


def test_a_mail_says_what_where_since_when_and_what_to_do(root: str, deliver: Deliver, certificates: Path) -> None:
    meter = {"meter_id": "m1", "fuel": "electricity", "flow": "import", "zone": "Europe/Vienna", "building_id": "B2"}
    meter |= {"site_id": "S1", "registered_by": "registry", "said_by_path": "meters.csv"}
    tables = SmallTables(root)
    fill = {column.name: alert(1)["start_utc"] for column in silver.METERS.columns if not column.nullable}
    fill |= {name: value for name, value in meter.items() if name in silver.METERS.column_names}
    tables.create(silver.METERS, [_typed(fill)])
    tell(root, alert(1))
    server = MailServer()
    with server.serving(certificates):
        deliver(email=mail_to(server), settings=(f"alerts.truststore_pem={certificates / 'authority.pem'}",))
    (mail,) = server.mails
    assert server.encrypted == [True]
    assert server.recipients == [["ops@example.org", "boss@example.org"]]
    assert (mail["from"], mail["to"]) == ("lake@example.org", "ops@example.org, boss@example.org")
    assert mail["subject"] == "[high] New: use far above what is usual at m1"
    (row,) = settled(root)
    assert mail["message-id"] == f"<{row['message_id']}@example.org>"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().splitlines() == [
        "New: use far above what is usual at m1.",
        "",
        "What: use far above what is usual (spike), severity high",
        "Where: meter m1, electricity, building B2, site S1",
        "Since: 2024-06-01 10:00 Europe/Vienna (2024-06-01 08:00 UTC)",
        "Its last hour so far ended: 2024-06-01 12:00 Europe/Vienna (2024-06-01 10:00 UTC)",
        "Read: 42.00 kWh",
        "Expected: 7.50 kWh",
        "Told by: spike, 3.2 times its limit",
        "Evidence: spike; peak",
        "",
        "What to do: Find out what was switched on in these hours. If nothing was, hold the reading against the meter "
        "itself.",
        "Where to look: gold.alerts of alert_id a1 has all that was said of it.",
    ]


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    kinds = {column.name: column.type for column in silver.METERS.columns}
    return {
        name: value if kinds[name] == "timestamp" or isinstance(value, str) else str(value)
        for name, value in row.items()
    }


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_server_may_speak_tls_from_the_first_byte(
    root: str, deliver: Deliver, certificates: Path, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    tell(root, alert(1))
    server = MailServer()
    with server.serving(certificates, from_the_first_byte=True):
        mail = mail_to(server, security="TLS", password_env=None, password_file=str(tmp_path / "password"))
        deliver(email=mail, settings=(f"alerts.truststore_pem={certificates / 'authority.pem'}",))
    assert (len(server.mails), server.logins) == (1, 1)


def test_more_than_so_many_at_once_are_one_mail_and_each_is_kept(root: str, deliver: Deliver) -> None:
    tell(root, *(alert(number) for number in range(1, 6)))
    server = MailServer()
    plain = {"security": "PLAIN", "username": None, "password_env": None, "digest_above": 4}
    with server.serving(None):
        deliver(email=mail_to(server, **plain))
    (mail,) = server.mails
    assert mail["subject"] == "5 alerts, of which 5 high"
    assert [f"alert_id a{number})" in mail.get_content() for number in range(1, 7)] == [True] * 5 + [False]
    assert [row["status"] for row in settled(root)] == ["delivered"] * 5


@pytest.mark.parametrize(
    ("refuse", "changed", "status", "attempts", "error"),
    [
        ({"ops@example.org": "550 unknown"}, {}, "delivered", 1, "refused for ops@example.org"),
        (dict.fromkeys(("ops@example.org", "boss@example.org"), "550 unknown"), {}, "dead", 1, "all recipients"),
        (dict.fromkeys(("ops@example.org", "boss@example.org"), "451 later"), {}, "dead", 2, "all recipients"),
        ({"DATA": "554 no"}, {}, "dead", 1, "554"),
        ({"DATA": "452 full"}, {}, "dead", 2, "452"),
        ({}, {"username": "stranger"}, "dead", 2, "the login was refused (535)"),
        ({}, {"security": "PLAIN", "username": None, "password_env": None}, "dead", 2, "530"),
        ({}, {"host": "127.0.0.2"}, "dead", 2, "Error"),
    ],
)
def test_what_a_mail_server_answers_otherwise(
    root: str,
    deliver: Deliver,
    certificates: Path,
    refuse: dict[str, str],
    changed: dict[str, Any],
    status: str,
    attempts: int,
    error: str,
) -> None:
    tell(root, alert(1))
    server = MailServer(refuse)
    settings = ("alerts.attempts=2", f"alerts.truststore_pem={certificates / 'authority.pem'}")
    with server.serving(certificates):
        deliver(email=mail_to(server, **changed), settings=settings)
    (row,) = settled(root)
    assert (row["status"], row["attempts"]) == (status, attempts)
    assert error in row["error"]


def test_no_password_goes_to_a_server_without_tls_or_with_a_strange_certificate(
    root: str, deliver: Deliver, certificates: Path
) -> None:
    tell(root, alert(1))
    server = MailServer()
    with server.serving(certificates):
        deliver(email=mail_to(server), settings=("alerts.attempts=1",))
    assert "CERTIFICATE_VERIFY_FAILED" in settled(root)[0]["error"]
    stripped = MailServer()
    with stripped.serving(None):
        deliver(email=mail_to(stripped), dead=True, settings=("alerts.attempts=1",))
    assert "STARTTLS" in settled(root)[-1]["error"]
    assert (server.logins, stripped.logins, server.mails, stripped.mails) == (0, 0, [], [])


def test_what_came_with_a_reading_ends_no_header_and_no_mail(root: str, deliver: Deliver) -> None:
    tell(root, alert(1, meter_id="m1\r\nBcc: all@example.org\r\n\r\n.\r\nQUIT", evidence=["x\u202ey\x00"]))
    server = MailServer()
    with server.serving(None):
        deliver(email=mail_to(server, security="PLAIN", username=None, password_env=None))
    (mail,) = server.mails
    assert mail["bcc"] is None
    assert "m1  Bcc: all@example.org" in mail["subject"]
    assert "Evidence: x y" in mail.get_content()
