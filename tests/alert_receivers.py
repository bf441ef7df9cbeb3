"""Who is told of alerts in tests: a real web server, a real mail server, and rows of gold.alerts to tell them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from energy_lib.lake.small_tables import SmallTables
from energy_lib.lake.stream_appends import append_files
from energy_lib.lake.table_files import FileSink
from energy_lib.tables import Table
from energy_lib.tables.answers.alerts import ALERTS
from energy_lib.tables.arrow import arrow_schema

KEY = bytes(range(32))
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
TOLD = datetime(2024, 6, 1, 10, 0, 5, tzinfo=UTC)
USER, PASSWORD = "meters", "pepper-and-salt-9"


def alert(number: int = 1, **changed: Any) -> dict[str, Any]:
    """A row of gold.alerts: alert `number`, raised so many minutes after TOLD."""
    start = TOLD.replace(hour=8, minute=0, second=0)
    row = {
        "alert_id": f"a{number}",
        "event": "raised",
        "told_at_utc": TOLD + timedelta(minutes=number),
        "meter_id": f"m{number}",
        "type": "spike",
        "state": "open",
        "severity": "high",
        "suppressed": None,
        "start_utc": start,
        "end_utc": start + timedelta(hours=2),
        "day_local": start.date(),
        "statistic": "spike",
        "score": 3.24,
        "statistic_limit": 4.5,
        "observed_kwh": 42.0,
        "expected_kwh": 7.5,
        "evidence": ["spike", "peak"],
        "reason": None,
        "anomaly_id": None,
        "origin_utc": start.replace(hour=0),
        "rule_version": "1",
        "query": "live.alerts",
        "batch_id": 7,
    }
    return row | changed


def advice(number: int = 1, **changed: Any) -> dict[str, Any]:
    """A row of gold.advice: advice `number`, raised so many minutes after TOLD."""
    hour = TOLD.replace(hour=12, minute=0, second=0)
    step = {
        "asset_id": "battery", "asset_kind": "battery", "from_utc": "2024-06-01T12:00:00Z",
        "to_utc": "2024-06-01T13:00:00Z", "planned_kw": 0.0, "power_kw": -4.0,
    }  # fmt: skip
    row = {
        "advice_id": f"w{number}", "event": "raised", "told_at_utc": TOLD + timedelta(minutes=number),
        "site_id": "campus", "type": "price_spike", "state": "open", "severity": "medium", "suppressed": None,
        "start_utc": hour, "end_utc": hour + timedelta(hours=1), "valid_until_utc": hour + timedelta(hours=1),
        "asset_ids": ["battery"], "steps": json.dumps([step]), "worth": 31.5, "expected_saving": 30.0,
        "expected_saving_kgco2e": 15.0, "currency": "GBP", "likelihood": 0.9, "hour_utc": hour, "hour_value": 1.25,
        "usual_value": 0.2, "reason": None, "origin_utc": TOLD.replace(hour=0), "tariff_id": "market",
    }  # fmt: skip
    return row | changed


def tell(root: str, *rows: dict[str, Any], table: Table = ALERTS) -> int:
    """Append rows to gold.alerts, or another table, as the stream does, in one commit; the version."""
    tables = SmallTables(root)
    tables.create_empty(table, {})
    sink = FileSink(table, tables.path(table))
    files = [sink.write(pa.Table.from_pylist(list(rows), schema=arrow_schema(table)))] if rows else []
    return append_files(root, table, files, {}, {"kafka:T:0": tables.version(table) + 1})


@dataclass
class Received:
    """A webhook as it came: checked as a receiver checks it, from the specification and nothing of ours."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)["data"]
        return found

    def signed_by(self, key: bytes) -> bool:
        sent = int(self.headers["webhook-timestamp"])
        if abs(datetime.now(UTC).timestamp() - sent) > 300:
            return False
        content = self.id.encode() + b"." + str(sent).encode() + b"." + self.body
        expected = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
        version, signature = self.headers["webhook-signature"].split(",")
        return version == "v1" and hmac.compare_digest(signature, expected)


@dataclass
class WebServer:
    """Answers each request by `answer(how many came before it)`: a status, and headers. None: not at all."""

    answer: Callable[[int], tuple[int, dict[str, str]] | None] = lambda before: (204, {})
    received: list[Received] = field(default_factory=list)
    url: str = ""
    on_request: Callable[[Received], None] = lambda request: None

    @contextmanager
    def serving(self, tls: ssl.SSLContext | None = None) -> Iterator[WebServer]:
        over, lock = threading.Event(), threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Received(headers, self.rfile.read(int(headers["content-length"])))
                with lock:
                    before = len(outer.received)
                    outer.received.append(request)
                outer.on_request(request)
                answer = outer.answer(before)
                if answer is None:
                    over.wait(30)
                    return
                self.send_response(answer[0])
                for name, value in {**answer[1], "content-length": "0"}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Nobody reads it."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        self.url = f"http{'s' if tls else ''}://localhost:{server.server_port}/hook?token=t0ken"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield self
        finally:
            over.set()
            server.shutdown()
            server.server_close()


@dataclass
class MailServer:
    """Takes mails with STARTTLS and a login; `refuse`: recipient or DATA -> the answer instead."""

    refuse: dict[str, str] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    logins: int = 0
    port: int = 0

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Sequence[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.encrypted.append(session.ssl is not None)
        if "DATA" in self.refuse:
            return self.refuse["DATA"]
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 OK"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        self.logins += 1
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=False)

    @contextmanager
    def serving(self, certificates: Path | None, *, from_the_first_byte: bool = False) -> Iterator[MailServer]:
        """With the certificate `broker.pem` of the folder; None: without TLS and login."""
        options: dict[str, Any] = {}
        if certificates is not None:
            options = {"auth_required": True, "authenticator": self.authenticate}
            if from_the_first_byte:
                options |= {"ssl_context": server_tls(certificates), "auth_require_tls": False}
            else:
                options |= {"tls_context": server_tls(certificates), "require_starttls": True}
        controller = Controller(self, hostname="127.0.0.1", port=free_port(), **options)
        controller.start()
        self.port = controller.port
        try:
            yield self
        finally:
            controller.stop()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def server_tls(certificates: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "broker.pem")
    return context
