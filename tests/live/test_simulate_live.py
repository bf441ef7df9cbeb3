"""jobs/simulate.py --live sends what it says: each reading once, poison among them, at the pace of its clock."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pandas as pd
import pytest
from confluent_kafka import Consumer, Message
from confluent_kafka.cimpl import NewTopic

from energy_lib.simulation.live.broker import Broker
from energy_lib.simulation.live.messages import POISON
from jobs import simulate

ROOT = Path(__file__).parents[2]


def arguments(broker: Broker, folder: Path, topic: str, *others: str) -> list[str]:
    settings = {
        "landing": folder / "landing",
        "lake": folder / "lake",
        "stream.bootstrap_servers": broker.bootstrap,
        "simulate.meters": 8,
        "simulate.days": 3,
        "simulate.first_date": "2024-05-29",
    }
    sets = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    return ["--live", "--topic", topic, *sets, *others]


def received(broker: Broker, topic: str, count: int) -> list[Message]:
    settings = {"group.id": uuid.uuid4().hex, "auto.offset.reset": "earliest", "log_level": 0}
    consumer = Consumer({**broker.client(), **settings, "fetch.message.max.bytes": 16 * 1024 * 1024})
    consumer.subscribe([topic])
    messages: list[Message] = []
    deadline = time.monotonic() + 40
    while len(messages) < count and time.monotonic() < deadline:
        messages += [message for message in consumer.consume(1000, timeout=0.5) if message.error() is None]
    messages += consumer.consume(10, timeout=0.5)
    consumer.close()
    return messages


def reading_of(value: bytes | None) -> dict[str, object] | None:
    try:
        found = json.loads(value or b"")
    except ValueError:
        return None
    is_reading = isinstance(found, dict) and found.get("schema_version") == 1 and "meter_id" in found
    return found if is_reading and isinstance(found["energy_kwh"], str | float) else None


def test_every_reading_is_sent_and_poison_of_every_kind(
    kafka: Broker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kafka.create_topic("everything")
    assert simulate.main(arguments(kafka, tmp_path, "everything", "--date", "2024-05-31", "--speed", "0")) == 0
    assert simulate.main(arguments(kafka, tmp_path, "everything", "--date", "2024-05-31", "--as-files")) == 0
    said = capsys.readouterr().out
    landed = sum(len(path.read_text().splitlines()) - 1 for path in (tmp_path / "landing").rglob("*.csv"))
    messages = received(kafka, "everything", landed + len(POISON))
    assert len(messages) == landed + len(POISON)
    assert f"{landed:,} of {landed:,} readings" in said
    assert f"{len(POISON)} poison messages" in said
    assert max(len(message.value() or b"") for message in messages) > 5 * 1024 * 1024
    of_a_meter: dict[bytes, set[int]] = {}
    for message in messages:
        of_a_meter.setdefault(message.key(), set()).add(message.partition())
    assert len(of_a_meter) > 8
    assert all(len(partitions) == 1 for partitions in of_a_meter.values())
    found = reading_of(messages[0].value())
    assert found is not None
    assert message_time(messages[0]) == pd.Timestamp(str(found["sent_at_utc"]))


def message_time(message: Message) -> pd.Timestamp:
    return pd.Timestamp(message.timestamp()[1], unit="ms", tz="UTC")


def test_a_message_that_is_too_long_for_the_broker_costs_no_other(
    kafka: Broker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    admin = kafka.admin
    admin.create_topics([NewTopic("short", 1, 1, config={"max.message.bytes": "1000000"})])["short"].result(timeout=30)
    assert simulate.main(arguments(kafka, tmp_path, "short", "--date", "2024-05-31", "--speed", "0")) == 0
    said = capsys.readouterr().out
    assert f"{len(POISON) - 1} poison messages; 1 were too long for the broker" in said
    sent = int(said.split(" of ")[0].replace(",", ""))
    assert len(received(kafka, "short", sent + len(POISON) - 1)) == sent + len(POISON) - 1


def test_sending_keeps_its_pace_and_ends_in_order_when_it_is_stopped(kafka: Broker, tmp_path: Path) -> None:
    kafka.create_topic("paced", partitions=1)
    # An hour in two seconds: the first readings come after two, and the day is not over when it is stopped.
    command = [sys.executable, "jobs/simulate.py", *arguments(kafka, tmp_path, "paced", "--date", "2024-05-31")]
    program = subprocess.Popen([*command, "--speed", "1800"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    messages = received(kafka, "paced", 12)
    program.send_signal(signal.SIGTERM)
    said, _ = program.communicate(timeout=60)
    assert program.returncode == 0
    # Nothing of the second hour is there before the first hour's.
    hours = [
        pd.Timestamp(str(found["sent_at_utc"])) for found in map(reading_of, (m.value() for m in messages)) if found
    ]
    assert len(hours) >= 8
    assert hours == sorted(hours)
    first, total = said.split(" readings of")[0].split(" of ")
    assert 0 < int(first.replace(",", "")) < int(total.replace(",", ""))


@pytest.mark.parametrize(
    ("others", "code", "sentence"),
    [
        (("--date", "2024-05-31"), 4, "There is no topic nowhere"),
        (("--date", "2024-05-31", "--set", "stream.bootstrap_servers=127.0.0.1:9"), 75, "does not answer"),
        (("--date", "2024-05-31", "--speed", "-1"), 2, "--speed is -1.0"),
        (("--date", "2024-05-31", "--as-files", "--set", "landing=s3://bucket/landing"), 2, "a local folder"),
    ],
)
def test_what_cannot_be_sent_is_one_sentence(
    kafka: Broker, tmp_path: Path, capsys: pytest.CaptureFixture[str], others: tuple[str, ...], code: int, sentence: str
) -> None:
    assert simulate.main(arguments(kafka, tmp_path, "nowhere", *others)) == code
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert sentence in told[0]
