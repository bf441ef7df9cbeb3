"""What the live demo shows is what there is, and whatever ends it leaves nothing running."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from confluent_kafka import Producer
from rich.console import Console

from energy_lib.config import StreamConfig
from energy_lib.errors import TryAgain
from energy_lib.lake.small_tables import SmallTables
from energy_lib.lake.stream_appends import append_files
from energy_lib.simulation.live.broker import Broker
from energy_lib.simulation.live.children import Child
from energy_lib.streaming.demo.__main__ import main
from energy_lib.streaming.demo.programs import Failed, Programs
from energy_lib.streaming.demo.view import line, screen
from energy_lib.streaming.demo.watching import AlertFeed, TopicWatch, alert_of
from energy_lib.streaming.topics import describe_topic
from energy_lib.tables import bronze

ALERT = {
    "event": "raised", "type": "spike", "severity": "high", "meter_id": "sim-m0003",
    "start_utc": "2024-05-31T02:00:00Z", "observed_kwh": 812.5, "expected_kwh": 31.0,
}  # fmt: skip


def send(broker: Broker, topic: str, values: list[bytes | None]) -> None:
    producer = Producer({**broker.client(), "log_level": 0})
    for value in values:
        producer.produce(topic, value, partition=0)
    assert producer.flush(30) == 0


def newest(feed: AlertFeed, count: int) -> None:
    deadline = time.monotonic() + 20
    while feed.count < count and time.monotonic() < deadline:
        feed.take()


def test_the_lag_is_what_was_sent_and_is_not_in_the_lake(kafka: Broker, tmp_path: Path) -> None:
    kafka.create_topic("watched", partitions=2)
    lake, stream = str(tmp_path), StreamConfig(bootstrap_servers=kafka.bootstrap)
    SmallTables(lake).create_empty(bronze.READINGS, {})
    sequence = describe_topic(stream, "watched").sequence(0)
    send(kafka, "watched", [b"{}"] * 10)
    append_files(lake, bronze.READINGS, [], {}, {sequence: 4})
    watch = TopicWatch(stream, lake, "watched")
    begun = watch.look()
    assert (begun.sent, begun.read, begun.lag) == (6, 0, 6)  # The four before it began are no news.
    send(kafka, "watched", [b"{}"] * 20)
    append_files(lake, bronze.READINGS, [], {sequence: 4}, {sequence: 25})
    later = watch.look()
    assert (later.sent, later.read, later.lag) == (26, 21, 5)
    sent_a_second, read_a_second = watch.rates()
    seconds = later.seconds - begun.seconds
    assert (sent_a_second, read_a_second) == (pytest.approx(20 / seconds), pytest.approx(21 / seconds))


def test_alerts_are_shown_as_they_come_and_old_ones_are_not(kafka: Broker, tmp_path: Path) -> None:
    kafka.create_topic("told", partitions=1)
    send(kafka, "told", [json.dumps({**ALERT, "type": "stuck"}).encode()])
    lake, stream = str(tmp_path), StreamConfig(bootstrap_servers=kafka.bootstrap)
    SmallTables(lake).create_empty(bronze.READINGS, {})
    feed, watch = AlertFeed(stream, "told"), TopicWatch(stream, lake, "told")
    send(kafka, "told", [b"no JSON", None, b"[1]", json.dumps(ALERT).encode()])
    newest(feed, 1)
    assert list(feed.newest) == [ALERT]
    assert feed.count == 1
    assert feed.first_at is not None
    look = watch.look()
    assert "1 alerts, the newest: raised spike high sim-m0003" in line(look, watch.rates(), feed)
    console = Console(record=True, width=140, file=(tmp_path / "screen").open("w"))
    console.print(screen(look, watch.rates(), feed, {"stream": "runs"}, flowing_since=feed.first_at - 12))
    text = console.export_text()
    assert "812.50" in text
    assert "05-31 02:00" in text
    assert "1 alerts, the first 12 s after the first reading" in text
    assert "stream: runs" in text
    feed.close()


@pytest.mark.parametrize("value", [None, b"", b"\xff", b"7", b"null"])
def test_what_is_no_alert_is_left_out(value: bytes | None) -> None:
    assert alert_of(value) is None


def test_a_program_that_fails_ends_all_with_its_own_words_and_code(kafka: Broker, tmp_path: Path) -> None:
    """`kafka` is asked for because it skips where there is no broker."""
    broker = Broker(tmp_path / "broker")
    nowhere = ["--live", "--topic", "nowhere", "--date", "2024-05-31", "--speed", "0"]
    settings = {
        "lake": tmp_path / "lake",
        "landing": tmp_path / "landing",
        "stream.bootstrap_servers": broker.bootstrap,
    }
    sets = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]

    def run() -> None:
        with Programs(tmp_path, broker) as programs:
            programs.start_job("producer", "simulate", [*nowhere, *sets], spark=False)
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                assert programs.states()["broker"] == "runs"
                time.sleep(0.1)

    with pytest.raises(Failed, match="There is no topic nowhere") as failure:
        run()
    assert failure.value.exit_code == 4
    assert not broker.is_running


def test_a_broker_that_ends_is_told(kafka: Broker, tmp_path: Path) -> None:
    broker = Broker(tmp_path / "broker")
    with Programs(tmp_path, broker) as programs:
        assert programs.states() == {"broker": "runs"}
        broker.kill()
        with pytest.raises(TryAgain, match="broker ended"):
            programs.states()


def test_a_program_is_asked_to_end_before_it_is_killed(tmp_path: Path) -> None:
    child = Child("polite", ["bash", "-c", "trap 'echo bye; exit 0' TERM; echo up; sleep 600 & wait"], tmp_path / "log")
    while not (tmp_path / "log").read_text():
        time.sleep(0.02)
    child.stop()
    assert (tmp_path / "log").read_text() == "up\nbye\n"
    assert child.process.returncode == 0


def test_without_a_lake_it_says_what_to_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", "conf/demo.yaml", "--set", f"lake={tmp_path}/none"]) == 4
    assert "run make demo" in capsys.readouterr().err
