"""A receiver of signed webhooks: one POST an alert. A redirect is not followed: who is at its end is not known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from energy_lib.config import AlertsConfig, WebhookConfig
from energy_lib.errors import BadConfig
from energy_lib.security.secrets import secret
from energy_lib.streaming.alert_topic import alert_message
from energy_lib.streaming.delivery.alerts import Row, message_id
from energy_lib.streaming.delivery.channels import Answer, trust
from energy_lib.streaming.delivery.queue import Item
from energy_lib.streaming.delivery.signing import secret_bytes, signed_headers

GONE = 410


@dataclass(frozen=True, slots=True)
class Webhook:
    """Sends `{"type": "alert.raised", "timestamp": …, "data": …}`, `data` as the topic of alerts has it.

    Advice has the type `advice.…`, and as `data` its row of gold.advice.
    """

    receiver: WebhookConfig
    key: bytes
    client: httpx.Client

    @classmethod
    def open(cls, receiver: WebhookConfig, alerts: AlertsConfig) -> Webhook:
        """Raises BadConfig for a URL that is none, and without a secret; shows neither."""
        what = f"the webhook {receiver.name}"
        _require_url(what, receiver.url)
        try:
            key = secret_bytes(secret(what, receiver.secret_env, receiver.secret_file))
        except ValueError as error:
            raise BadConfig(
                f"The secret of {what} {error}: give whsec_ and the base64 of 24 to 64 random bytes."
            ) from None
        client = httpx.Client(verify=trust(alerts), timeout=alerts.timeout_seconds, follow_redirects=False)
        return cls(receiver, key, client)

    @property
    def name(self) -> str:
        return self.receiver.name

    def groups(self, heads: Sequence[Item], due: Sequence[Item]) -> list[list[Item]]:
        return [[item] for item in heads]

    def send(self, rows: Sequence[Row]) -> Answer:
        """Delivered is what is answered by 2xx. 410 says that nobody will ever listen there again."""
        (row,) = rows
        body, sent_at = webhook_body(row), datetime.now(UTC)
        headers = {"content-type": "application/json", "user-agent": "energy-lakehouse"}
        headers |= signed_headers(self.key, message_id(row), sent_at, body)
        try:
            # What else the answer says is not read: it may be endless.
            with self.client.stream("POST", self.receiver.url, content=body, headers=headers) as answer:
                return _answer(answer)
        except (httpx.HTTPError, OSError) as error:
            return Answer(False, f"{type(error).__name__}: {error}"[:200])

    def close(self) -> None:
        self.client.close()


def webhook_body(row: Row) -> bytes:
    of_advice = "advice_id" in row
    data = json.loads(alert_message(row))
    if of_advice:
        del data["alert_id"]
        data["steps"] = json.loads(data["steps"])
    event = {
        "type": f"{'advice' if of_advice else 'alert'}.{row['event']}",
        "timestamp": data["told_at_utc"],
        "data": data,
    }
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _answer(answer: httpx.Response) -> Answer:
    if answer.is_success:
        return Answer(True)
    asked = answer.headers.get("retry-after", "")
    seconds = float(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None
    said = f"HTTP {answer.status_code}" + (", and redirects are not followed" if answer.is_redirect else "")
    return Answer(False, said, final=answer.status_code == GONE, retry_after=seconds)


def _require_url(what: str, url: str) -> None:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL("")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise BadConfig(f"The url of {what} is none that is spoken to: write http:// or https://, and a host.")
    if parsed.userinfo:
        raise BadConfig(f"The url of {what} holds a user or a password: take them out, the signature tells who sends.")
