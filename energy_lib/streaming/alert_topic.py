"""The topic of alerts: one JSON message for each thing that is said of an alert (docs/schemas/alert.schema.json)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer

from energy_lib.config import StreamConfig
from energy_lib.errors import TryAgain
from energy_lib.intervals import utc_text
from energy_lib.streaming.connection import client_options
from energy_lib.streaming.topics import away

SCHEMA_VERSION = 1
FLUSH_SECONDS = 30.0


class AlertTopic:
    """Sends rows of gold.alerts, keyed by meter, so that what is said of a meter keeps its order.

    Rows are in gold.alerts before they are sent. A run that is killed between the two has said them there alone: who
    must miss nothing reads the table. The same may come twice: `alert_id`, `event` and `told_at_utc` tell it.
    """

    def __init__(self, stream: StreamConfig) -> None:
        self._stream = stream
        settings = {**client_options(stream), "enable.idempotence": True, "linger.ms": 5, "log_level": "0"}
        self._producer = Producer(settings) if stream.alert_topic is not None else None

    def send(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Raises TryAgain if no broker takes them."""
        topic = self._stream.alert_topic
        if self._producer is None or topic is None:
            return
        failed: list[str] = []

        def heard(error: KafkaError | None, message: object) -> None:
            if error is not None:
                failed.append(error.str())

        for row in rows:
            if row["suppressed"] is None:
                key, value = str(row["meter_id"]).encode(), alert_message(row)
                self._producer.produce(topic, value, key, on_delivery=heard)
        try:
            left = self._producer.flush(FLUSH_SECONDS)
        except KafkaException as error:
            raise away(self._stream, error.args[0].str()) from None
        if left or failed:
            raise TryAgain(f"Alerts could not be sent to {topic}: {(failed or ['no answer'])[0]}.")


def alert_message(row: Mapping[str, Any]) -> bytes:
    """A row of gold.alerts as JSON; instants as ISO 8601 in UTC, null where nothing is known."""
    plain = {name: _plain(value) for name, value in row.items()}
    return json.dumps({"schema_version": SCHEMA_VERSION, **plain}, ensure_ascii=False).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.item() if hasattr(value, "item") else value
