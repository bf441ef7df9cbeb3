"""From a reading that is sent to the alert that is received, at a steady rate; and the same after a SIGKILL."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from confluent_kafka import Consumer, TopicPartition

from benchmarks.live.utility import ALERT_TOPIC, FIRST, HOUR, ROOT, SOURCE, LiveUtility, meter_id, send
from energy_lib.streaming.topics import describe_topic, ends

# One reading in so many is a spike, of a meter that has had none: a prime, so that every meter gets its turn.
ONE_IN = 499
SPIKE = 600.0
# A stream is live when an alert comes so soon after its reading.
LIVE_SECONDS = 6.0


@dataclass
class Sending:
    """Sends readings at a rate, and notes when it sent each spike."""

    utility: LiveUtility
    topic: str
    per_second: int
    hour: int
    spikes: dict[str, float] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        producer, begun, sent = self.utility.producer(), time.perf_counter(), 0
        rng = np.random.default_rng(7)
        while not self.over.is_set():
            hour, place = self.hour + sent // self.utility.meters, sent % self.utility.meters
            is_spike = sent % ONE_IN == 0 and meter_id(place) not in self.spikes
            kwh = SPIKE if is_spike else float(rng.normal(20.0, 1.0))
            share = place / self.utility.meters
            send(producer, self.topic, place, hour, round(kwh, 3), FIRST + (hour + 1 + share) * HOUR)
            if is_spike:
                self.spikes[meter_id(place)] = time.perf_counter()
            sent += 1
            ahead = begun + sent / self.per_second - time.perf_counter()
            if ahead > 0.005:
                producer.poll(0)
                time.sleep(ahead)
        producer.flush()


def start(utility: LiveUtility, log: Path) -> subprocess.Popen[bytes]:
    command = [
        str(Path(sys.executable).with_name("spark-submit")),
        str(ROOT / "jobs" / "detect_stream.py"), "--config", str(utility.config_file), "--source", SOURCE,
    ]  # fmt: skip
    with log.open("ab") as output:
        return subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True, cwd=ROOT)


def alerts_of(utility: LiveUtility, sending: Sending, seconds: float) -> Iterator[float]:
    """Seconds from a spike to its alert, as they come in so many seconds, of spikes that are sent in them."""
    stream = utility.config().stream
    topic = describe_topic(stream, ALERT_TOPIC)
    consumer = Consumer({**utility.broker.client(), "group.id": f"latency{time.time()}", "fetch.wait.max.ms": 20})
    end = ends(stream, topic.name, topic.partitions)
    consumer.assign([TopicPartition(topic.name, partition, offset) for partition, offset in end.items()])
    begun = time.perf_counter()
    while time.perf_counter() < begun + seconds:
        message = consumer.poll(0.05)
        if message is None or message.error():
            continue
        body = json.loads(message.value() or b"{}")
        sent = sending.spikes.get(body.get("meter_id"))
        if body.get("event") == "raised" and sent is not None and sent >= begun:
            yield time.perf_counter() - sent
    consumer.close()


def live(utility: LiveUtility, sending: Sending, log: Path) -> None:
    """Wait until alerts come soon after their readings."""
    for latency in alerts_of(utility, sending, 180):
        if latency <= LIVE_SECONDS:
            return
    raise SystemExit(f"no alert came within {LIVE_SECONDS:.0f} s of its reading: see {log}")


def measured(utility: LiveUtility, topic: str, per_second: int, seconds: float) -> tuple[list[float], float]:
    """Seconds from reading to alert while all is steady; and seconds from a SIGKILL until the stream is live again."""
    log = utility.folder / "detect_stream.log"
    sending = Sending(utility, topic, per_second, hour=0)
    process = start(utility, log)
    thread = threading.Thread(target=sending.run)
    thread.start()
    try:
        live(utility, sending, log)
        steady = list(alerts_of(utility, sending, seconds))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        killed = time.perf_counter()
        process = start(utility, log)
        live(utility, sending, log)
        return steady, time.perf_counter() - killed
    finally:
        sending.over.set()
        thread.join()
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=60)
