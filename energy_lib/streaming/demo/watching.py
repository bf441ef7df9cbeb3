"""What there is to see of a stream from outside: the topic's ends, how far the lake has read, the alerts."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from confluent_kafka import Consumer, TopicPartition

from energy_lib.config import StreamConfig
from energy_lib.streaming.connection import client_options
from energy_lib.streaming.topics import describe_topic, ends
from energy_lib.tables import bronze

# Rates are those of so many seconds.
RATE_SECONDS = 5.0
ALERTS_KEPT = 8


@dataclass(frozen=True, slots=True)
class Look:
    """Messages sent to a topic and messages of it in the lake, so many seconds after the demo began."""

    seconds: float
    sent: int
    read: int

    @property
    def lag(self) -> int:
        return self.sent - self.read


class TopicWatch:
    """Looks at a topic and the lake that reads it; nothing is read of the messages themselves."""

    def __init__(self, stream: StreamConfig, lake: str, topic: str) -> None:
        self._stream, self._lake = stream, lake
        self._topic = describe_topic(stream, topic)
        self._begun = time.monotonic()
        self._looks: deque[Look] = deque()
        self._first: dict[int, int] = {}
        # Monotonic time at which messages were first seen to come.
        self.flowing_since: float | None = None

    def look(self) -> Look:
        """What there is now, since the first look. Raises TryAgain if the broker does not answer."""
        partitions = self._topic.partitions
        end = ends(self._stream, self._topic.name, partitions)
        there = self._topic.read_to(self._lake, bronze.READINGS)
        self._first = self._first or {partition: there.get(partition, 0) for partition in partitions}
        sent = sum(end[partition] - self._first[partition] for partition in partitions)
        read = sum(there.get(partition, 0) - self._first[partition] for partition in partitions)
        if sent and self.flowing_since is None:
            self.flowing_since = time.monotonic()
        look = Look(time.monotonic() - self._begun, sent, read)
        self._looks.append(look)
        while self._looks[0].seconds < look.seconds - RATE_SECONDS and len(self._looks) > 2:
            self._looks.popleft()
        return look

    def rates(self) -> tuple[float, float]:
        """Messages a second lately: sent, and read into the lake."""
        first, last = self._looks[0], self._looks[-1]
        seconds = last.seconds - first.seconds
        return ((last.sent - first.sent) / seconds, (last.read - first.read) / seconds) if seconds else (0.0, 0.0)


class AlertFeed:
    """Alerts of their topic, the newest last; those that were there before are left out."""

    def __init__(self, stream: StreamConfig, topic: str) -> None:
        options = {"group.id": "energy-demo", "enable.auto.commit": False, "log_level": 0}
        self._consumer = Consumer({**client_options(stream), **options})
        end = ends(stream, topic, describe_topic(stream, topic).partitions)
        self._consumer.assign([TopicPartition(topic, partition, offset) for partition, offset in end.items()])
        self.newest: deque[dict[str, object]] = deque(maxlen=ALERTS_KEPT)
        self.count = 0
        # Monotonic time of the first.
        self.first_at: float | None = None

    def take(self) -> None:
        """Take what has come since."""
        for message in self._consumer.consume(500, timeout=0.1):
            alert = alert_of(message.value()) if message.error() is None else None
            if alert is not None:
                self.count += 1
                self.newest.append(alert)
                if self.first_at is None:
                    self.first_at = time.monotonic()

    def close(self) -> None:
        self._consumer.close()


def alert_of(value: bytes | str | None) -> dict[str, object] | None:
    """The fields of an alert's message; None if it is none."""
    try:
        found = json.loads(value or b"")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def shown(alert: dict[str, object], fields: Sequence[str]) -> list[str]:
    """These fields as texts: energy with two digits after the point, an instant to its minute."""
    return [_text(name, alert.get(name)) for name in fields]


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    if name.endswith("_utc"):
        return str(value)[5:16].replace("T", " ")
    return f"{value:,.2f}" if isinstance(value, float) else str(value)
