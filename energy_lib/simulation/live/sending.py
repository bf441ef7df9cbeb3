"""Sends the readings of some days to a topic, at the pace of a clock that may run faster than ours."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from confluent_kafka import KafkaError, Message, Producer
from numpy.typing import NDArray

from energy_lib.errors import TryAgain
from energy_lib.simulation.live.live_readings import LiveReadings
from energy_lib.simulation.live.messages import Value, poison, poison_places, reading_messages

# A message of 5 MB is for the broker to take or to refuse.
CLIENT = {"message.max.bytes": 16 * 1024 * 1024, "linger.ms": 20, "acks": "all", "log_level": 0}
ROWS_AT_ONCE = 10_000
WAIT_SECONDS = 0.1
# What became of messages is heard while waiting, and after so many without a wait.
HEAR_EVERY = 500
FLUSH_SECONDS = 60.0


@dataclass(slots=True)
class Sent:
    """Messages that the broker has: `readings`, and `poison`; `refused`: those that are too long for it."""

    readings: int = 0
    poison: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Pace:
    """The utility's clock shows `begin` when sending starts, and runs `speed` times as fast as ours; 0: no waiting."""

    begin: datetime
    speed: float = 1.0

    def due(self, received: NDArray[Any]) -> NDArray[Any]:
        """Seconds after the start of sending at which each message goes."""
        if self.speed == 0:
            return np.zeros(len(received))
        ahead = received - np.datetime64(self.begin.astimezone(UTC).replace(tzinfo=None), "us")
        return np.asarray(ahead / np.timedelta64(1, "s") / self.speed)


class Sender:
    """Sends messages to a topic and counts what became of them; `client` says how its broker is reached."""

    def __init__(self, client: Mapping[str, str], topic: str) -> None:
        self._producer = Producer({**CLIENT, **client})
        self._topic = topic
        self._lost = ""
        self.sent = Sent()

    def send(self, key: str, value: Value, at_ms: int, *, is_poison: bool) -> None:
        """`at_ms` is the message's own time, by the utility's clock, in milliseconds since 1970."""
        heard = self._heard_of_poison if is_poison else self._heard_of_reading
        while True:
            try:
                self._producer.produce(self._topic, value, key, timestamp=at_ms, on_delivery=heard)
                return
            except BufferError:
                self._producer.poll(WAIT_SECONDS)

    def _heard_of_reading(self, error: KafkaError | None, message: Message) -> None:
        self.sent.readings += error is None
        self._heard(error)

    def _heard_of_poison(self, error: KafkaError | None, message: Message) -> None:
        self.sent.poison += error is None
        self._heard(error)

    def _heard(self, error: KafkaError | None) -> None:
        if error is not None and error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
            self.sent.refused += 1
        elif error is not None:
            self._lost = error.str()

    def wait(self, seconds: float) -> None:
        """Wait so long, and hear meanwhile what became of the messages."""
        self._producer.poll(max(0.0, seconds))

    def finish(self) -> None:
        """Wait for the broker to have all; raises TryAgain if it does not take them."""
        left = self._producer.flush(FLUSH_SECONDS)
        if left or self._lost:
            raise TryAgain(
                f"The broker did not take all messages of {self._topic} ({self._lost or f'{left:,} wait'}): "
                f"see whether it runs, then send again; a reading that comes twice counts once."
            )


def send_readings(
    live: LiveReadings, sender: Sender, pace: Pace, poison_seed: int | None, stopped: Callable[[], bool]
) -> None:
    """Send all rows in their order, poison among them unless its seed is None, until `stopped` says so.

    Raises TryAgain if the broker does not take them.
    """
    places, kinds = poison_places(len(live.rows), poison_seed) if poison_seed is not None else (np.array([]), [])
    poisoned = dict(zip(places.tolist(), kinds, strict=True))
    received = live.rows["received"].to_numpy().astype("datetime64[us]")
    moments = received.astype("datetime64[ms]").astype(np.int64).tolist()
    keys = np.array(live.meter_ids, dtype=object)[live.rows["meter"].to_numpy()].tolist()
    due = (time.monotonic() + pace.due(received)).tolist()
    try:
        for first in range(0, len(live.rows), ROWS_AT_ONCE):
            messages = reading_messages(live.rows.iloc[first : first + ROWS_AT_ONCE], live.meter_ids, live.fuels)
            for place, message in enumerate(messages, first):
                while (ahead := due[place] - time.monotonic()) > 0 and not stopped():
                    sender.wait(min(ahead, WAIT_SECONDS))
                if stopped():
                    return
                sender.send(keys[place], message, moments[place], is_poison=False)
                if place in poisoned:
                    sender.send(keys[place], poison(poisoned[place], message), moments[place], is_poison=True)
                if place % HEAR_EVERY == 0:
                    sender.wait(0)
    finally:
        sender.finish()
