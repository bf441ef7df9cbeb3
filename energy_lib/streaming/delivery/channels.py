"""Receivers as a run speaks to them: what is sent at once, and what became of it."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from energy_lib.config import AlertsConfig
from energy_lib.config.alerts import Receiver
from energy_lib.errors import BadConfig
from energy_lib.streaming.delivery.alerts import Row
from energy_lib.streaming.delivery.queue import Item


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an attempt. `final`: no other attempt would help; `error` of what was delivered is a remark."""

    delivered: bool
    error: str | None = None
    final: bool = False
    retry_after: float | None = None


class Channel(Protocol):
    """A receiver. What it raises is a bug: that a receiver does not answer is an Answer."""

    @property
    def name(self) -> str: ...

    @property
    def receiver(self) -> Receiver: ...

    def groups(self, heads: Sequence[Item], due: Sequence[Item]) -> list[list[Item]]:
        """What is sent together, of Queue.heads and Queue.due."""
        ...

    def send(self, rows: Sequence[Row]) -> Answer: ...

    def close(self) -> None: ...


def trust(alerts: AlertsConfig) -> ssl.SSLContext:
    """What servers are trusted by; raises BadConfig if the certificates cannot be read."""
    if alerts.truststore_pem is None:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cafile=alerts.truststore_pem)
    except (OSError, ssl.SSLError) as error:
        raise BadConfig(
            f"alerts.truststore_pem {alerts.truststore_pem} cannot be read ({error.strerror or 'no PEM'}): name the "
            "certificates that receivers are trusted by."
        ) from None
