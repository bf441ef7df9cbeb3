"""The broker keeps what it acknowledged, lets in whom it should, and never outlives its program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient
from kafka_brokers import make_certificates

from energy_lib.errors import InputMissing, TryAgain
from energy_lib.simulation.live.broker import Broker
from energy_lib.simulation.live.broker_jars import classpath
from energy_lib.simulation.live.children import Child

QUIET = {"log_level": 0}
PROGRAM = """
import sys, time
from pathlib import Path
from energy_lib.simulation.live.children import Child
child = Child("sleeper", ["sleep", "600"], Path(sys.argv[1]))
print(child.process.pid, flush=True)
time.sleep(60)
"""


def send(client: dict[str, str], topic: str, values: range) -> None:
    producer = Producer({**client, **QUIET, "acks": "all"})
    for value in values:
        producer.produce(topic, str(value))
    assert producer.flush(30) == 0


def received(client: dict[str, str], topic: str, count: int) -> list[int]:
    consumer = Consumer({**client, **QUIET, "group.id": uuid.uuid4().hex, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    values: list[int] = []
    deadline = time.monotonic() + 30
    while len(values) < count and time.monotonic() < deadline:
        messages = consumer.consume(1000, timeout=0.5)
        values += [int(message.value()) for message in messages if message.error() is None]
    consumer.close()
    return sorted(values)


def test_what_was_acknowledged_is_there_after_a_restart_and_after_a_kill(kafka: Broker) -> None:
    kafka.create_topic("kept")
    address = kafka.bootstrap
    send(kafka.client(), "kept", range(500))
    kafka.stop()
    assert not kafka.is_running
    kafka.start()
    send(kafka.client(), "kept", range(500, 1000))
    kafka.kill()
    kafka.start()
    send(kafka.client(), "kept", range(1000, 1500))
    assert kafka.bootstrap == address
    assert received(kafka.client(), "kept", 1500) == list(range(1500))


def test_a_user_with_the_password_gets_in_and_nobody_else(secured_kafka: Broker, tmp_path: Path) -> None:
    secured_kafka.create_topic("secret")
    client = secured_kafka.client("meters")
    send(client, "secret", range(10))
    assert received(client, "secret", 10) == list(range(10))
    make_certificates(tmp_path)
    others = {
        "a wrong password": {**client, "sasl.password": "guessed"},
        "an unknown user": {**client, "sasl.username": "stranger"},
        "no encryption": secured_kafka.client(),
        "another authority": {**client, "ssl.ca.location": str(tmp_path / "authority.pem")},
    }
    for _who, other in others.items():
        with pytest.raises(KafkaException):
            AdminClient({**other, **QUIET}).list_topics(timeout=2)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_runs_on_when_its_program_ends(tmp_path: Path, number: signal.Signals) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "log")],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert program.stdout is not None
    child = int(program.stdout.readline())
    os.kill(child, 0)
    program.send_signal(number)
    program.wait(30)
    program.stdout.close()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{child}").exists()


def test_what_does_not_end_when_asked_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    script = "trap '' TERM; sleep 600 & echo $!; wait; sleep 600"
    child = Child("stubborn", ["bash", "-c", script], tmp_path / "log")
    while not (tmp_path / "log").read_text():
        time.sleep(0.02)
    grandchild = int((tmp_path / "log").read_text())
    child.stop(seconds=0.2)
    assert not child.is_running
    deadline = time.monotonic() + 10
    while Path(f"/proc/{grandchild}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{grandchild}").exists()


def test_a_broker_that_cannot_start_says_why(kafka: Broker, tmp_path: Path) -> None:
    broken = Broker(tmp_path)
    settings = tmp_path / "server.properties"
    settings.write_text(settings.read_text().replace("CLIENT:PLAINTEXT", "CLIENT:NONSENSE"))
    with pytest.raises(TryAgain, match="NONSENSE"):
        broken.start()


def test_another_program_goes_on_with_the_data_of_the_last(kafka: Broker, tmp_path: Path) -> None:
    """On other ports. `kafka` is asked for because it skips where there is no broker."""
    with Broker(tmp_path) as first:
        first.ensure_topic("lasting")
        send(first.client(), "lasting", range(10))
    with Broker(tmp_path) as second:
        second.ensure_topic("lasting")
        assert received(second.client(), "lasting", 10) == list(range(10))


def test_without_its_jars_it_says_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match="make install-kafka"):
        classpath(tmp_path / "none")
